import re

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from channels_ingest.providers.chat.settings import (
    ChatSettings,
    chat_settings,
    identity_secrets,
)
from inbox.models import Channel
from tests.channels_ingest.chat_form import problems, rows, save
from tests.factories import ChannelFactory, UserFactory

pytestmark = pytest.mark.django_db


class TestAddingAChannel:
    def test_asks_for_the_kind_first(self, settings_client):
        page = settings_client.get(reverse("admin:inbox_channel_add"))

        for kind in ("email", "webchat", "api"):
            assert f"?kind={kind}" in page.content.decode()

    @pytest.mark.parametrize(
        ("kind", "there", "not_there"),
        [
            ("email", "incoming_transport", "domains"),
            ("webchat", "domains", "incoming_transport"),
            ("api", "unanswered_seconds", "domains"),
        ],
    )
    def test_shows_what_belongs_to_the_kind(
        self, settings_client, kind, there, not_there
    ):
        url = f"{reverse('admin:inbox_channel_add')}?kind={kind}"
        page = settings_client.get(url).content.decode()

        assert f"field-{there}" in page
        assert f"field-{not_there}" not in page

    @pytest.mark.parametrize("kind", ["webchat", "api"])
    def test_makes_key_and_secret_by_itself(self, settings_client, kind):
        answer = save(settings_client, kind=kind)

        channel = Channel.objects.get()
        assert answer["Location"] == reverse(
            "admin:inbox_channel_site", args=[channel.pk]
        )
        assert channel.kind == kind
        assert re.fullmatch(r"chat-[a-z2-9]{10}", channel.address)
        assert len(identity_secrets(channel.config)[0]) >= 32
        assert channel.continuity == "never"
        assert channel.undo_seconds == 0
        assert channel.is_fetched

    def test_begins_with_the_settings_that_hold_without_any(self, settings_client):
        url = f"{reverse('admin:inbox_channel_add')}?kind=webchat"
        form = settings_client.get(url).context["adminform"].form

        assert form["undo_seconds"].value() == 0
        assert form["color"].value() == ChatSettings().color
        assert form["file_megabytes"].value() == 10

    @pytest.mark.parametrize("name", ["lead", "agent"])
    def test_is_for_admins_only(self, client, name):
        client.force_login(UserFactory(role=name))

        answer = client.get(reverse("admin:inbox_channel_add"))

        assert answer.status_code in (302, 403)


class TestWebchatForm:
    def test_writes_what_chat_settings_reads(self, settings_client):
        mailbox = ChannelFactory()

        save(
            settings_client,
            notice="Closed on Monday.",
            by_mail_channel_id=str(mailbox.pk),
            logo_url="https://shop.example/logo.png",
            form_for="visitors",
            hours_mon_0_from="09:00",
            hours_mon_0_to="12:00",
            hours_mon_1_from="13:00",
            hours_mon_1_to="17:30",
            holidays="2026-12-25",
            file_types="pdf\n*.JPG, .png",
            **rows(
                "greeting",
                {"language": "en", "text": "Hello"},
                {"language": "de", "text": "Guten Tag"},
            ),
            **rows(
                "form_fields",
                {"label": "Order number", "type": "text", "is_required": "on"},
                {"label": "Topic", "type": "list", "options": "Boots\nTents"},
            ),
            **rows(
                "invitations",
                {
                    "text": "Any questions?",
                    "url_contains": "/checkout",
                    "seconds": "20",
                    "visits_at_least": "2",
                    "attributes": "basket = full",
                    "needs_somebody": "on",
                    "pause_hours": "48",
                },
            ),
        )

        chat = chat_settings(Channel.objects.get(kind="webchat").config)
        assert chat.domains == ("shop.example", "*.shop.example")
        assert chat.greeting == {"en": "Hello", "de": "Guten Tag"}
        assert chat.hours.days == {"mon": (("09:00", "12:00"), ("13:00", "17:30"))}
        assert chat.hours.holidays == ("2026-12-25",)
        assert [it.name for it in chat.form_fields] == ["order_number", "topic"]
        assert chat.form_fields[1].options == ("Boots", "Tents")
        assert chat.by_mail.channel_id == mailbox.pk
        assert chat.file_bytes == 10 * 1024 * 1024
        assert chat.file_types == ("pdf", "jpg", "png")
        assert not chat.visitors.may_have_several
        assert chat.known.may_have_several
        (invitation,) = chat.invitations
        assert invitation.key
        assert invitation.attributes == {"basket": "full"}
        assert (invitation.seconds, invitation.pause_hours) == (20, 48)
        assert invitation.needs_somebody

    def test_shows_all_of_it_again(self, settings_client):
        save(
            settings_client,
            hours_sun_0_from="10:00",
            hours_sun_0_to="16:00",
            **rows("greeting", {"language": "fr", "text": "Bonjour"}),
            **rows(
                "invitations",
                {
                    "text": "Hello",
                    "seconds": "5",
                    "visits_at_least": "0",
                    "pause_hours": "24",
                    "attributes": "plan = pro",
                },
            ),
        )
        channel = Channel.objects.get()
        page = settings_client.get(
            reverse("admin:inbox_channel_change", args=[channel.pk])
        ).content.decode()

        for words in ("Bonjour", 'value="10:00"', "plan = pro", "*.shop.example"):
            assert words in page
        assert channel.address in page

    def test_keeps_the_secret_and_what_it_has_no_field_for(self, settings_client):
        save(settings_client)
        channel = Channel.objects.get()
        before = identity_secrets(channel.config)
        channel.config = {**channel.config, "other": 1}
        channel.save()

        save(settings_client, channel, notice="Back at nine.")

        channel.refresh_from_db()
        assert identity_secrets(channel.config) == before
        assert channel.config["other"] == 1
        assert chat_settings(channel.config).notice == "Back at nine."

    def test_leaves_out_rows_that_were_removed_or_stayed_empty(self, settings_client):
        save(
            settings_client,
            **rows(
                "greeting",
                {"language": "en", "text": "Hello"},
                {"language": "de", "text": "Weg", "DELETE": "on"},
                {"language": "en", "text": ""},
            ),
        )

        chat = chat_settings(Channel.objects.get().config)
        assert chat.greeting == {"en": "Hello"}

    @pytest.mark.parametrize(
        ("changes", "field", "words"),
        [
            ({"domains": "*"}, "domains", "no domain"),
            ({"domains": "shop.example; script-src *"}, "domains", "no domain"),
            ({"domains": "http://shop.example"}, "domains", "https"),
            ({"color": "red;}"}, "color", "#0f766e"),
            ({"color": "#0f766e\nx"}, "color", "#0f766e"),
            ({"logo_url": "https://a.example/ ; x"}, "logo_url", "https://"),
            ({"radius": "99"}, "radius", "32"),
            ({"file_megabytes": "21"}, "file_megabytes", "20"),
            ({"file_types": "pdf\na/b"}, "file_types", "a/b"),
            ({"holidays": "Christmas"}, "holidays", "2026-12-25"),
            ({"hours_mon_0_from": "09:00"}, "hours", "Monday"),
            (
                {"hours_tue_0_from": "18:00", "hours_tue_0_to": "09:00"},
                "hours",
                "end after",
            ),
            ({"form_for": "everybody"}, "form_fields", "Add a question"),
            ({"time_zone": "Mars/Base"}, "time_zone", "Mars"),
            ({"undo_seconds": "900"}, "undo_seconds", "120"),
        ],
    )
    def test_says_what_to_do(self, settings_client, changes, field, words):
        answer = save(settings_client, **changes)

        assert words in str(problems(answer)[field])
        assert not Channel.objects.exists()

    @pytest.mark.parametrize(
        ("name", "row", "words"),
        [
            ("form_fields", {"label": "Topic", "type": "list"}, "two choices"),
            ("form_fields", {"label": "A", "type": "text", "name": "a-b"}, "digits"),
            ("greeting", {"language": "xx", "text": "Hi"}, "xx"),
            (
                "invitations",
                {
                    "text": "Hi",
                    "seconds": "5",
                    "visits_at_least": "0",
                    "pause_hours": "1",
                    "attributes": "</script>",
                },
                "what is what",
            ),
        ],
    )
    def test_says_it_in_the_row(self, settings_client, name, row, words):
        answer = save(settings_client, **rows(name, row))

        assert name in problems(answer)
        assert words in answer.content.decode()

    def test_refuses_one_language_twice(self, settings_client):
        twice = [{"language": "en", "text": words} for words in ("Hello", "Hi")]

        answer = save(settings_client, **rows("greeting", *twice))

        assert "twice" in str(problems(answer)["greeting"])

    def test_tells_the_history_nothing_secret(self, settings_client):
        save(settings_client)
        secret = identity_secrets(Channel.objects.get().config)[0]
        save(settings_client, Channel.objects.get(), notice="Soon back.")

        assert secret not in str([it.change_message for it in LogEntry.objects.all()])
