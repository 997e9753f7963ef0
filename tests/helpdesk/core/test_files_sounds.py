import pytest

from helpdesk.core.files import sound_response, store_file


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    return settings.MEDIA_ROOT


class TestSoundResponse:
    @pytest.mark.parametrize(
        ("head", "content_type"),
        [
            (b"\x1aE\xdf\xa3", "audio/webm"),
            (b"OggS", "audio/ogg"),
            (b"\x00\x00\x00\x1cftypM4A ", "audio/mp4"),
            (b"ID3", "audio/mpeg"),
            (b"RIFF\x00\x00\x00\x00WAVE", "audio/wav"),
        ],
    )
    def test_plays_a_sound(self, head, content_type):
        stored = store_file(head + b"la la la")

        response = sound_response(stored_name=stored.stored_name, name="a.webm")

        assert response.status_code == 200
        assert response["Content-Type"] == content_type
        assert response["Content-Disposition"].startswith("inline")
        assert response["X-Content-Type-Options"] == "nosniff"
        assert b"".join(response.streaming_content) == head + b"la la la"

    @pytest.mark.parametrize(
        ("wanted", "content", "where"),
        [
            ("bytes=4-", b"456789", "bytes 4-9/10"),
            ("bytes=4-5", b"45", "bytes 4-5/10"),
            ("bytes=4-99", b"456789", "bytes 4-9/10"),
        ],
    )
    def test_hands_out_a_part(self, wanted, content, where):
        stored = store_file(b"OggS456789")

        response = sound_response(
            stored_name=stored.stored_name, name="a.ogg", wanted=wanted
        )

        assert response.status_code == 206
        assert response["Content-Range"] == where
        assert response["Content-Length"] == str(len(content))
        assert response["Content-Type"] == "audio/ogg"
        assert b"".join(response.streaming_content) == content

    @pytest.mark.parametrize(
        "wanted", ["bytes=10-", "bytes=5-4", "bytes=-4", "bytes=0-1,3-4", "la=1-2"]
    )
    def test_hands_out_all_if_the_part_makes_no_sense(self, wanted):
        stored = store_file(b"OggS456789")

        response = sound_response(
            stored_name=stored.stored_name, name="a.ogg", wanted=wanted
        )

        assert response.status_code == 200
        assert b"".join(response.streaming_content) == b"OggS456789"

    @pytest.mark.parametrize("content", [b"<svg onload=alert(1)>", b"%PDF-1.7", b""])
    def test_downloads_what_only_calls_itself_one(self, content):
        stored = store_file(content)

        response = sound_response(stored_name=stored.stored_name, name="a.ogg")

        assert response["Content-Type"] == "application/octet-stream"
        assert response["Content-Disposition"].startswith("attachment")
