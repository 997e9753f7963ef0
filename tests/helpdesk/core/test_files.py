import hashlib
import os
import re
import stat
from datetime import UTC, datetime

import pytest

from helpdesk.core.files import (
    FileLinkInvalid,
    attachment_response,
    check_file_link,
    delete_file,
    delete_unknown_files,
    image_response,
    open_file,
    raster_type,
    read_file_token,
    safe_name,
    sign_file_url,
    store_file,
)

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 8
NOON = 1_800_000_000.0


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    return settings.MEDIA_ROOT


def token_of(url):
    return url.partition("?key=")[2]


class TestStoreFile:
    def test_keeps_the_bytes(self):
        stored = store_file([b"ab", b"c"])

        with open_file(stored.stored_name) as file:
            assert file.read() == b"abc"
        assert stored.size == 3
        assert stored.sha256 == hashlib.sha256(b"abc").hexdigest()

    def test_gives_a_random_name_without_extension(self):
        names = {store_file(b"a").stored_name for _ in range(20)}

        assert len(names) == 20
        assert all(re.fullmatch(r"../../[0-9a-f]{32}", name) for name in names)

    @pytest.mark.parametrize("umask", [0, 0o077])
    def test_lets_only_us_read_whatever_the_umask_says(self, media, umask):
        previous = os.umask(umask)
        try:
            stored = store_file(b"a")
        finally:
            os.umask(previous)

        path = media / stored.stored_name
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        for directory in (path.parent, path.parent.parent, media):
            assert stat.S_IMODE(directory.stat().st_mode) == 0o750

    def test_leaves_nothing_behind_when_the_source_breaks_off(self, media):
        def broken():
            yield b"a"
            raise OSError

        with pytest.raises(OSError):  # noqa: PT011
            store_file(broken())

        assert [path for path in media.rglob("*") if path.is_file()] == []

    def test_says_whether_it_is_a_picture(self):
        assert store_file(PNG).image_type == "image/png"
        assert store_file(b"<svg>").image_type == ""

    def test_keeps_an_empty_file(self):
        assert store_file(b"").size == 0


class TestOpenFile:
    @pytest.mark.parametrize(
        "name",
        [
            *(
                "",
                "..",
                "../../etc/passwd",
                "/etc/passwd",
                "ab/cd/../../x",
                "ab/cd/\x00",
            ),
            *(
                "ab/cd/abcd" + "0" * 28 + "/..",
                "ab/cd/" + "0" * 32,
                "AB/CD/" + "A" * 32,
            ),
        ],
    )
    def test_finds_no_name_that_is_not_ours(self, name):
        with pytest.raises(FileNotFoundError):
            open_file(name)

    def test_does_not_follow_a_link(self, media):
        stored = store_file(b"a")
        path = media / stored.stored_name
        path.unlink()
        path.symlink_to("/etc/passwd")

        with pytest.raises(OSError, match="symbolic link"):
            open_file(stored.stored_name)


class TestDeleteFile:
    def test_may_run_twice(self):
        stored = store_file(b"a")

        delete_file(stored.stored_name)
        delete_file(stored.stored_name)

        with pytest.raises(FileNotFoundError):
            open_file(stored.stored_name)


class TestSafeName:
    @pytest.mark.parametrize(
        ("name", "shown"),
        [
            ("Rechnung März.pdf", "Rechnung März.pdf"),
            ("見積書.xlsx", "見積書.xlsx"),
            ("a  b\tc\r\n.txt", "a b c .txt"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\a\\b.txt", "b.txt"),
            ("a/", "a"),
            ("<img src=x onerror=alert(1)>.png", "_img src=x onerror=alert(1)_.png"),
            ('a"b|c?.txt', "a_b_c_.txt"),
            ("invoice\u202efdp.exe", "invoicefdp.exe"),
            ("a\u2066b\u200bc\ufeff.txt", "abc.txt"),
            ("a\x00.txt", "a.txt"),
            ("shell.phtml ", "shell.phtml"),
            (".htaccess", "htaccess"),
            ("CON.txt", "_CON.txt"),
            ("e\u0301.txt", "é.txt"),
            ("\ud800a.txt", "_a.txt"),
        ],
    )
    def test_reads_as_what_it_is(self, name, shown):
        assert safe_name(name) == shown

    @pytest.mark.parametrize("name", ["", " ", "..", "/", "\x00", "\u202e", "..."])
    def test_is_never_empty(self, name):
        assert safe_name(name) == "attachment"

    def test_keeps_the_extension_of_a_long_name(self):
        name = safe_name("a" * 500 + ".pdf")

        assert len(name) == 180
        assert name.endswith("a.pdf")

    def test_is_the_same_when_applied_twice(self):
        name = safe_name("<a>\u202e b..txt")

        assert safe_name(name) == name


class TestRasterType:
    @pytest.mark.parametrize(
        ("head", "content_type"),
        [
            (PNG, "image/png"),
            (b"\xff\xd8\xff\xe0", "image/jpeg"),
            (b"GIF89a", "image/gif"),
            (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        ],
    )
    def test_reads_the_bytes(self, head, content_type):
        assert raster_type(head) == content_type

    @pytest.mark.parametrize(
        "head",
        [b"", b"<svg", b"%PDF-1.7", b"<html>", b"PNG", b"RIFF\x00\x00\x00\x00WAVE"],
    )
    def test_knows_nothing_else(self, head):
        assert raster_type(head) == ""


class TestAttachmentResponse:
    def test_is_a_download_that_cannot_run(self):
        stored = store_file(b"<script>alert(1)</script>")

        response = attachment_response(stored_name=stored.stored_name, name="a.html")

        assert response["Content-Type"] == "application/octet-stream"
        assert response["Content-Disposition"] == 'attachment; filename="a.html"'
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response["Content-Security-Policy"]
        assert "default-src 'none'" in response["Content-Security-Policy"]
        assert response["Cache-Control"].startswith("private")
        assert b"".join(response.streaming_content) == b"<script>alert(1)</script>"

    def test_names_the_file_in_any_script(self):
        stored = store_file(b"a")

        response = attachment_response(stored_name=stored.stored_name, name="März.pdf")

        assert response["Content-Disposition"] == (
            "attachment; filename*=utf-8''M%C3%A4rz.pdf"
        )


class TestImageResponse:
    def test_shows_a_picture(self):
        stored = store_file(PNG)

        response = image_response(stored_name=stored.stored_name, name="a.png")

        assert response["Content-Type"] == "image/png"
        assert response["Content-Disposition"].startswith("inline")
        assert response["X-Content-Type-Options"] == "nosniff"
        assert b"".join(response.streaming_content) == PNG

    @pytest.mark.parametrize("content", [b"<svg onload=alert(1)>", b"%PDF-1.7", b""])
    def test_downloads_what_only_calls_itself_one(self, content):
        stored = store_file(content)

        response = image_response(stored_name=stored.stored_name, name="a.png")

        assert response["Content-Type"] == "application/octet-stream"
        assert response["Content-Disposition"].startswith("attachment")


class TestFileLink:
    def test_names_its_reader(self):
        url = sign_file_url("/files/a/", file_id="a", agent_id=7, now=NOON)

        assert url.startswith("/files/a/?key=7.")
        assert read_file_token(token_of(url), file_id="a", now=NOON) == 7

    def test_is_the_same_for_a_while_so_that_browsers_keep_the_file(self):
        first = sign_file_url("/", file_id="a", agent_id=7, now=NOON)

        assert sign_file_url("/", file_id="a", agent_id=7, now=NOON + 1) == first

    def test_holds_for_an_hour_and_not_much_longer(self):
        token = token_of(sign_file_url("/", file_id="a", agent_id=7, now=NOON))

        read_file_token(token, file_id="a", now=NOON + 3600)
        with pytest.raises(FileLinkInvalid):
            read_file_token(token, file_id="a", now=NOON + 3600 + 601)

    @pytest.mark.parametrize(
        "pattern",
        [
            *("8.{1}.{2}", "{0}.9999999999.{2}", "{0}.{1}.{2}a", "{0}.{1}.", "{0}.{1}"),
            *(
                " {0}.{1}.{2}",
                "{0}.{1}.{2}\n",
                "0{0}.{1}.{2} ",
                "",
                "\x00",
                "null",
                "0",
            ),
        ],
    )
    def test_cannot_be_changed(self, pattern):
        token = token_of(sign_file_url("/", file_id="a", agent_id=7, now=NOON))

        with pytest.raises(FileLinkInvalid):
            read_file_token(pattern.format(*token.split(".")), file_id="a", now=NOON)

    def test_opens_one_file_only(self):
        token = token_of(sign_file_url("/", file_id="a", agent_id=7, now=NOON))

        with pytest.raises(FileLinkInvalid):
            read_file_token(token, file_id="b", now=NOON)

    def test_does_not_outlive_permission(self):
        token = token_of(sign_file_url("/", file_id="a", agent_id=7))

        assert (
            check_file_link(token, file_id="a", may_read=lambda agent: agent == 7) == 7
        )
        with pytest.raises(FileLinkInvalid):
            check_file_link(token, file_id="a", may_read=lambda _: False)


class TestDeleteUnknownFiles:
    NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)

    @pytest.fixture
    def asked(self):
        return []

    @pytest.fixture
    def sweep(self, asked):
        def sweep(*, known=(), batch=500):
            def known_among(names):
                asked.append(sorted(names))
                return set(known)

            return delete_unknown_files(
                before=self.NOW, known_among=known_among, batch=batch
            )

        return sweep

    def stored(self, media, *, hours_ago):
        name = store_file(b"a").stored_name
        self.age(media / name, hours_ago)
        return name

    def age(self, path, hours_ago):
        at = self.NOW.timestamp() - hours_ago * 3600
        os.utime(path, (at, at), follow_symlinks=False)

    def test_deletes_what_is_old_and_nobodys(self, media, sweep):
        kept = self.stored(media, hours_ago=5)
        stray = self.stored(media, hours_ago=5)

        assert sweep(known=[kept]) == 1

        assert (media / kept).exists()
        assert not (media / stray).exists()

    def test_does_not_even_ask_about_what_is_young(self, media, sweep, asked):
        young = self.stored(media, hours_ago=-0.001)

        assert sweep() == 0

        assert (media / young).exists()
        assert asked == []

    def test_deletes_what_a_crash_left_half_written(self, media, sweep):
        old, young = self.stored(media, hours_ago=5), self.stored(media, hours_ago=5)
        for name, hours_ago in ((old, 5), (young, -5)):
            (media / name).rename(media / f"{name}.draft")
            self.age(media / f"{name}.draft", hours_ago)

        assert sweep(known=[old]) == 1

        assert not (media / f"{old}.draft").exists()
        assert (media / f"{young}.draft").exists()

    def test_asks_for_no_more_than_a_batch_at_once(self, media, sweep, asked):
        names = sorted(self.stored(media, hours_ago=5) for _ in range(5))

        assert sweep(known=names, batch=2) == 0

        assert [len(batch) for batch in asked] == [2, 2, 1]
        assert sorted(name for batch in asked for name in batch) == names

    @pytest.mark.parametrize(
        "name", ["README", "ab/cd/README", "ab/" + "0" * 32, "xy/cd/xycd" + "0" * 28]
    )
    def test_touches_nothing_that_it_did_not_make(self, media, sweep, name):
        path = media / name
        path.parent.mkdir(parents=True)
        path.write_bytes(b"a")
        self.age(path, 5)

        assert sweep() == 0
        assert path.exists()

    def test_follows_no_link(self, media, sweep, tmp_path):
        name = self.stored(media, hours_ago=5)
        elsewhere = tmp_path / "elsewhere"
        (media / name).parent.parent.rename(elsewhere)
        (media / name[:2]).symlink_to(elsewhere)
        linked = store_file(b"a").stored_name
        (media / linked).rename(tmp_path / "target")
        (media / linked).symlink_to(tmp_path / "target")
        for path in (tmp_path / "target", media / linked):
            self.age(path, 5)

        assert sweep() == 0

        assert (elsewhere / name[3:]).exists()
        assert (tmp_path / "target").exists()

    def test_has_nothing_to_do_before_any_file_was_stored(self, sweep):
        assert sweep() == 0
