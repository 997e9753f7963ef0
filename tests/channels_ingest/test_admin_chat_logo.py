"""An admin uploads the logo of a chat, and takes it away again."""

import base64

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from channels_ingest.providers.chat.settings import chat_settings
from helpdesk.core.files import open_file
from inbox.models import Channel
from tests.channels_ingest.chat_form import problems, save

pytestmark = pytest.mark.django_db
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)
GIF = b"GIF89a" + PNG
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
LIMIT = 256 * 1024


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


def picture(content=PNG, name="logo.png", content_type="image/png"):
    return SimpleUploadedFile(name, content, content_type=content_type)


def uploaded(client, **fields):
    save(client, logo=picture(**fields))
    return Channel.objects.get()


def logo_of(client, channel):
    """Return the answer to what the panel asks for as its logo."""
    key = channel.address
    channel = client.get(f"/api/v1/chat/channels/{key}/").json()
    return client.get(channel["theme"]["logo_url"])


class TestLogo:
    def test_is_shown_from_the_desk_to_everybody(self, settings_client):
        channel = uploaded(settings_client)

        settings_client.logout()
        answer = logo_of(settings_client, channel)

        assert answer.getvalue() == PNG
        assert answer["Content-Type"] == "image/png"
        assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'; sandbox" in answer["Content-Security-Policy"]
        assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert not answer.cookies

    def test_stands_before_an_address(self, settings_client):
        address = "https://shop.example/logo.png"
        save(settings_client, logo=picture(), logo_url=address)
        channel = Channel.objects.get()

        assert logo_of(settings_client, channel).getvalue() == PNG
        save(settings_client, channel, logo_url=address, **{"logo-clear": "on"})
        shown = settings_client.get(f"/api/v1/chat/channels/{channel.address}/").json()

        assert shown["theme"]["logo_url"] == address

    def test_stays_when_something_else_changes(self, settings_client):
        channel = uploaded(settings_client)

        save(settings_client, channel, color="#123456")

        assert logo_of(settings_client, channel).getvalue() == PNG

    @pytest.mark.django_db(transaction=True)
    def test_has_another_address_when_it_is_another(self, settings_client):
        channel = uploaded(settings_client)
        before = logo_of(settings_client, channel).request["PATH_INFO"]
        stored = chat_settings(channel.config).logo_file

        save(settings_client, channel, logo=picture(GIF))

        assert logo_of(settings_client, channel).getvalue() == GIF
        assert settings_client.get(before).status_code == 404
        with pytest.raises(FileNotFoundError):
            open_file(stored)

    @pytest.mark.django_db(transaction=True)
    def test_can_be_taken_away(self, settings_client):
        channel = uploaded(settings_client)
        address = logo_of(settings_client, channel).request["PATH_INFO"]
        stored = chat_settings(channel.config).logo_file

        save(settings_client, channel, **{"logo-clear": "on"})

        channel = Channel.objects.get()
        assert chat_settings(channel.config).logo_file == ""
        assert channel.capabilities["files"] == []
        assert settings_client.get(address).status_code == 404
        with pytest.raises(FileNotFoundError):
            open_file(stored)

    def test_is_shown_where_it_is_set_up(self, settings_client):
        channel = uploaded(settings_client)
        url = reverse("admin:inbox_channel_change", args=[channel.pk])

        page = settings_client.get(url).content.decode()

        address = logo_of(settings_client, channel).request["PATH_INFO"]
        assert f'<a href="{address}">' in page
        assert 'name="logo-clear"' in page
        assert 'enctype="multipart/form-data"' in page

    def test_is_known_to_belong_to_the_channel(self, settings_client):
        channel = uploaded(settings_client)

        stored = chat_settings(channel.config).logo_file
        assert channel.capabilities["files"] == [stored]
        assert stored not in logo_of(settings_client, channel).request["PATH_INFO"]

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (SVG, "no picture"),
            (b"<!doctype html><script>alert(1)</script>", "no picture"),
            (b"%PDF-1.4", "no picture"),
            (PNG + bytes(LIMIT), "too large"),
            (b"", "empty"),
        ],
    )
    def test_is_a_picture_and_not_too_large(self, settings_client, content, words):
        answer = save(settings_client, logo=picture(content))

        assert words in str(problems(answer)["logo"])
        assert not Channel.objects.exists()

    def test_may_have_just_as_much_as_is_said(self, settings_client):
        content = PNG + bytes(LIMIT - len(PNG))

        assert (
            len(
                logo_of(
                    settings_client, uploaded(settings_client, content=content)
                ).getvalue()
            )
            == LIMIT
        )

    def test_is_what_its_bytes_say_whatever_it_is_called(self, settings_client):
        given = {"content": GIF, "name": "logo.svg", "content_type": "image/svg+xml"}
        channel = uploaded(settings_client, **given)

        answer = logo_of(settings_client, channel)

        assert answer["Content-Type"] == "image/gif"
        assert "svg" not in answer["Content-Disposition"]

    def test_of_no_channel_in_use_is_not_shown(self, settings_client):
        channel = uploaded(settings_client)
        address = logo_of(settings_client, channel).request["PATH_INFO"]
        Channel.objects.update(is_active=False)

        assert settings_client.get(address).status_code == 404
