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
from tests.factories import BrandFactory, ChannelFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def settings_client(client):
    client.force_login(UserFactory(admin=True))
    return client


def rows(name, *entries):
    """What a browser sends for rows of small forms."""
    sent = {
        f"{name}-TOTAL_FORMS": str(len(entries)),
        f"{name}-INITIAL_FORMS": "0",
        f"{name}-MIN_NUM_FORMS": "0",
        f"{name}-MAX_NUM_FORMS": "1000",
    }
    for number, entry in enumerate(entries):
        sent |= {f"{name}-{number}-{key}": value for key, value in entry.items()}
    return sent


def filled(**changes):
    return {
        "name": "Shop chat",
        "is_active": "on",
        "undo_seconds": "0",
        "unanswered_seconds": "60",
        "form_for": "nobody",
        "time_zone": "Europe/London",
        "by_mail_is_on": "on",
        "by_mail_minutes": "5",
        "by_mail_gap_minutes": "10",
        "by_mail_most_messages": "10",
        "file_megabytes": "10",
        "visitors_may_start": "on",
        "visitors_may_reply_to_closed": "on",
        "known_may_start": "on",
        "known_may_reply_to_closed": "on",
        "known_may_have_several": "on",
        "tracks_visits": "on",
        "asks_rating": "on",
        "domains": "shop.example\n*.shop.example",
        "color": "#0f766e",
        "position": "end",
        "radius": "18",
        "scheme": "auto",
        **rows("greeting"),
        **rows("form_fields"),
        **rows("invitations"),
        **changes,
    }


def save(client, channel=None, *, kind="webchat", **changes):
    changes.setdefault("brand", (channel.brand if channel else BrandFactory()).pk)
    url = (
        reverse("admin:inbox_channel_change", args=[channel.pk])
        if channel
        else f"{reverse('admin:inbox_channel_add')}?kind={kind}"
    )
    return client.post(url, filled(**changes))


def problems(answer):
    assert answer.status_code == 200, "it was saved"
    return answer.context["adminform"].form.errors


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


class TestChannelSite:
    @pytest.fixture
    def channel(self, settings_client):
        save(settings_client)
        return Channel.objects.get()

    def page(self, client, channel):
        return client.get(reverse("admin:inbox_channel_site", args=[channel.pk]))

    def test_shows_the_one_line_and_what_a_policy_needs(
        self, settings_client, settings, channel
    ):
        page = self.page(settings_client, channel).content.decode()

        src = f"{settings.PUBLIC_URL}/chat/{channel.address}/widget.js"
        assert f"&lt;script async src=&quot;{src}&quot;&gt;" in page
        assert f"frame-src {settings.PUBLIC_URL}" in page

    def test_is_kept_by_no_cache(self, settings_client, channel):
        answer = self.page(settings_client, channel)

        assert "no-store" in answer["Cache-Control"]

    def test_is_for_admins_only(self, client, channel):
        client.force_login(UserFactory(role="lead"))

        for name in ("site", "try", "secrets"):
            url = reverse(f"admin:inbox_channel_{name}", args=[channel.pk])
            answer = client.post(url) if name == "secrets" else client.get(url)
            assert answer.status_code in (302, 403)

    def test_says_what_is_missing(self, settings_client, channel):
        save(settings_client, channel, domains="", is_active="")

        page = self.page(settings_client, channel).content.decode()

        assert "opens nowhere" in page
        assert "Nobody can write here" in page
        assert "no mailbox in use" in page

    def test_is_content_with_a_mailbox_of_the_brand(self, settings_client, channel):
        ChannelFactory(brand=channel.brand)

        page = self.page(settings_client, channel).content.decode()

        assert "no mailbox in use" not in page

    def test_belongs_to_chats_alone(self, settings_client):
        mailbox = ChannelFactory()

        assert self.page(settings_client, mailbox).status_code == 404

    def test_takes_the_place_of_the_test_of_mail(self, settings_client, channel):
        url = reverse("admin:inbox_channel_test", args=[channel.pk])

        assert settings_client.get(url).status_code == 404

    def test_shows_an_app_where_to_speak_to(self, settings_client, settings):
        save(settings_client, kind="api")
        channel = Channel.objects.get(kind="api")

        page = self.page(settings_client, channel).content.decode()

        assert f"{settings.PUBLIC_URL}/api/v1/chat/" in page
        assert channel.address in page
        assert "widget.js" not in page


class TestChannelSecrets:
    @pytest.fixture
    def channel(self, settings_client):
        save(settings_client)
        return Channel.objects.get()

    def secrets(self, channel):
        channel.refresh_from_db()
        return identity_secrets(channel.config)

    def post(self, client, channel, **sent):
        url = reverse("admin:inbox_channel_secrets", args=[channel.pk])
        return client.post(url, sent, follow=True)

    def test_a_new_one_leaves_the_old_one_valid(self, settings_client, channel):
        (old,) = self.secrets(channel)

        self.post(settings_client, channel)

        current, earlier = self.secrets(channel)
        assert earlier == old
        assert current != old

    def test_the_old_one_can_be_removed(self, settings_client, channel):
        from channels_ingest.providers.chat.config import secret_fingerprint

        (old,) = self.secrets(channel)
        self.post(settings_client, channel)

        self.post(settings_client, channel, remove=secret_fingerprint(old))

        (left,) = self.secrets(channel)
        assert left != old

    def test_the_last_one_stays(self, settings_client, channel):
        from channels_ingest.providers.chat.config import secret_fingerprint

        (only,) = self.secrets(channel)

        answer = self.post(settings_client, channel, remove=secret_fingerprint(only))

        assert self.secrets(channel) == (only,)
        assert "before you remove the last one" in answer.content.decode()
