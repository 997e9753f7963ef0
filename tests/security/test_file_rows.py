"""Files of any type and name; rows of SECURITY.md by number."""

import os
import stat
from email.message import Message

import pytest
from django.conf import settings as project
from django.template import Context, Template

from helpdesk.core.files import (
    FileLinkInvalid,
    attachment_response,
    check_file_link,
    image_response,
    safe_name,
    sign_file_url,
    sound_response,
    store_file,
)
from tests.security.active import active_content
from tests.security.hostile import NAMES

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>a()</script>'
    b'<image href="http://169.254.169.254/"/></svg>'
)
RUNNABLE = {
    "page.html": b"<script>alert(document.cookie)</script>",
    "page.xhtml": b'<html xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script>',
    "picture.svg": SVG,
    "shell.pht": b"<?php system($_GET['a']);",
    "shell.phps": b"<?php phpinfo();",
    "shell.phtml ": b"<?php phpinfo();",
    "code.py": b"import os",
    "code.js": b"alert(1)",
    ".htaccess": b"AddType application/x-httpd-php .png",
    "picture.png": b"<script>alert(1)</script>",
    "both.gif": b"GIF8<script>alert(1)</script>",
    "report.pdf": b"%PDF-1.7 /OpenAction",
    "feed.xml": b'<?xml-stylesheet href="javascript:alert(1)"?><a/>',
    "mail.mht": b"MIME-Version: 1.0",
}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    return settings.MEDIA_ROOT


def served(content, name):
    stored_name = store_file(content).stored_name
    return [
        answer(stored_name=stored_name, name=name)
        for answer in (attachment_response, image_response, sound_response)
    ]


class TestRow19UnauthenticatedDownload:
    def test_an_id_alone_opens_nothing(self):
        with pytest.raises(FileLinkInvalid):
            check_file_link("", file_id="a", may_read=lambda _: True)

    def test_the_link_of_another_file_opens_nothing(self):
        key = sign_file_url("", file_id="a", agent_id=1).removeprefix("?key=")

        with pytest.raises(FileLinkInvalid):
            check_file_link(key, file_id="b", may_read=lambda _: True)

    def test_an_old_link_opens_nothing(self):
        key = sign_file_url("", file_id="a", agent_id=1, now=1_000_000).removeprefix(
            "?key="
        )

        with pytest.raises(FileLinkInvalid):
            check_file_link(key, file_id="a", may_read=lambda _: True)

    def test_a_good_link_opens_nothing_for_an_agent_who_lost_access(self):
        key = sign_file_url("", file_id="a", agent_id=1).removeprefix("?key=")

        with pytest.raises(FileLinkInvalid):
            check_file_link(key, file_id="a", may_read=lambda _: False)


class TestRow20DangerousUpload:
    @pytest.mark.parametrize("name", RUNNABLE)
    def test_is_served_as_a_download_only(self, name):
        for response in served(RUNNABLE[name], name):
            assert response["Content-Type"] == "application/octet-stream"
            assert response["Content-Disposition"].startswith("attachment")
            assert response["X-Content-Type-Options"] == "nosniff"
            assert "sandbox" in response["Content-Security-Policy"]

    @pytest.mark.parametrize("name", RUNNABLE)
    def test_leaves_nothing_of_its_name_on_disk(self, name, media):
        store_file(RUNNABLE[name])

        (path,) = (path for path in media.rglob("*") if path.is_file())
        assert path.suffix == ""
        assert not set(path.name) - set("0123456789abcdef")

    def test_cannot_be_run_by_the_system(self, media):
        stored = store_file(b"#!/bin/sh\n")

        assert not (media / stored.stored_name).stat().st_mode & 0o111


class TestRow38WorldWritableFiles:
    def test_only_we_write_and_only_our_group_reads(self, media):
        previous = os.umask(0)
        try:
            store_file(b"a")
        finally:
            os.umask(previous)

        modes = {
            stat.S_IMODE(path.stat().st_mode) for path in (media, *media.rglob("*"))
        }
        assert modes == {0o750, 0o640}


class TestRow41ScriptInSvg:
    @pytest.mark.parametrize("name", ["avatar.svg", "avatar.png", "avatar"])
    def test_is_never_shown_in_the_page(self, name):
        for response in served(SVG, name):
            assert response["Content-Disposition"].startswith("attachment")
            assert "svg" not in response["Content-Type"]


class TestRow42RequestBySvg:
    def test_storing_and_serving_a_picture_fetches_nothing(self, site):
        svg = f'<svg><image href="{site.url()}"/></svg>'.encode()

        served(svg, "a.svg")

        assert site.requests == []


class TestRow45MarkupInNames:
    @pytest.mark.parametrize("name", NAMES)
    def test_is_shown_as_words(self, name):
        page = Template('<p title="{{ name }}">{{ name }}</p>')

        assert active_content(page.render(Context({"name": safe_name(name)}))) == []

    @pytest.mark.parametrize("name", NAMES)
    def test_is_gone_even_where_nobody_escapes(self, name):
        assert not set(safe_name(name)) & set('<>"\r\n\x00/\\\u202e')


class TestRow55XssByFileName:
    @pytest.mark.parametrize("name", NAMES)
    def test_does_not_leave_the_header(self, name):
        for response in served(b"a", name):
            disposition = response["Content-Disposition"]
            header = Message()
            header["Content-Disposition"] = disposition
            parts = [key for key, _ in header.get_params(header="content-disposition")]
            assert parts in (["attachment", "filename"], ["inline", "filename"])
            assert not set(disposition) & set("<>\r\n\x00")


class TestRow59UploadThenRun:
    def test_files_lie_outside_everything_served_directly(self, media):
        root = project.DATA_DIR / "files"

        assert root not in [project.STATIC_ROOT, *project.STATICFILES_DIRS]
        for served_directory in (project.STATIC_ROOT, *project.STATICFILES_DIRS):
            assert not root.is_relative_to(served_directory)
            assert not served_directory.is_relative_to(root)

    def test_no_address_leads_to_them_by_name(self, client, media):
        stored = store_file(b"<?php")

        for path in (stored.stored_name, f"media/{stored.stored_name}"):
            assert client.get(f"/{path}").status_code in {302, 404}


class TestRow71SvgServedInline:
    def test_is_a_download_that_is_not_sniffed(self):
        for response in served(SVG, "a.svg"):
            assert response["Content-Disposition"].startswith("attachment")
            assert response["X-Content-Type-Options"] == "nosniff"
