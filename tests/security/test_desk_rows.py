"""The rows about pages, people and permissions; each class is named after its row.

What an agent may see and do is also walked address by address and role by role in
`tests/inbox/views/test_roles.py`.
"""

import re
import uuid
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.conf import settings as real_settings
from django.urls import get_resolver, reverse
from django.utils import timezone

from helpdesk.accounts.actions import InvitationInvalid, invite_agent, open_invitation
from helpdesk.accounts.models import Invitation, Sight, User
from inbox.actions.indexing import index_pending
from inbox.models import (
    Attachment,
    Conversation,
    Delivery,
    DeliveryState,
    Mention,
    SavedView,
    SearchPending,
    Tag,
    TimelineItem,
    Upload,
)
from tests.factories import (
    ConversationFactory,
    CustomerFactory,
    IdentityFactory,
    TeamFactory,
    TimelineItemFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}
MARKUP = [
    "<script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{7*7}}{% load x %}",
    "javascript:alert(1)",
]
BLANKS = ["", " ", "%20", "%00", "null", "0", "undefined", "None", "[]"]


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def agent():
    return UserFactory(name="Noor Okafor")


@pytest.fixture
def desk(client, agent):
    client.force_login(agent)
    return client


@pytest.fixture
def hidden():
    """A conversation of a team that keeps to itself."""
    item = TimelineItemFactory(
        text="hidden words",
        conversation__team=TeamFactory(is_private=True),
        conversation__subject="Hidden subject",
        conversation__customer__name="Hidden Person",
    )
    SearchPending.objects.create(item=item)
    index_pending()
    return item.conversation


def opened(conversation):
    return reverse("inbox:conversation", args=[conversation.pk])


class _Eye(HTMLParser):
    """Sees what a browser would make of a page: handlers, scripts, addresses."""

    def __init__(self):
        super().__init__()
        self.alive = []

    def handle_starttag(self, tag, attrs):
        facts = dict(attrs)
        self.alive += [f"{tag} {name}" for name in facts if name.startswith("on")]
        if tag == "script" and not (facts.get("src") or "").startswith("/static/"):
            self.alive.append("script")
        for name in ("href", "src", "action", "hx-get", "hx-post"):
            if (facts.get(name) or "").lstrip().startswith(("javascript:", "x")):
                self.alive.append(f"{tag} {name}")


def is_dead(page):
    """Whether nothing of `MARKUP` came out as markup, and no template ran."""
    eye = _Eye()
    eye.feed(page)
    eye.close()
    return not eye.alive and "{{49}}" not in page


class TestRow5SearchByNumber:
    def test_leads_nowhere_and_finds_nothing(self, desk, hidden):
        for query in (str(hidden.pk), f"#{hidden.pk}", "hidden", "Hidden subject"):
            response = desk.get(reverse("inbox:search"), {"q": query})
            assert response.status_code == 200
            assert not response.context["results"]


class TestRow6Merge:
    def test_with_one_side_out_of_sight_changes_nothing(self, desk, hidden):
        shown = TimelineItemFactory().conversation.customer

        for pair in ((shown.pk, hidden.customer_id), (hidden.customer_id, shown.pk)):
            url = reverse("customers:merge", args=pair)
            assert desk.post(url, {"answer": "merge"}).status_code == 404

        hidden.refresh_from_db()
        assert hidden.customer_id != shown.pk


class TestRow7CustomerData:
    def test_of_hidden_people_is_not_shown_by_any_way_to_ask(self, desk, hidden):
        address = hidden.identity.value
        pages = [
            desk.get(reverse("customers:list"), {"q": address}),
            desk.get(reverse("inbox:search"), {"q": address}),
            desk.get(reverse("inbox:search"), {"q": address, "palette": "1"}),
        ]

        for page in pages:
            assert b"Hidden Person" not in page.content


class TestRow8ForeignCustomer:
    def test_writing_to_an_address_edits_nobody_else(self, desk):
        victim = IdentityFactory(customer__name="Victim").customer
        topic = TimelineItemFactory().conversation

        desk.post(
            reverse("inbox:reply", args=[topic.pk]),
            {
                "to": f"Renamed <{victim.identities.get().value}>",
                "text": "x",
                "customer_id": victim.pk,
                "customer": victim.pk,
            },
        )

        victim.refresh_from_db()
        topic.refresh_from_db()
        assert victim.name == "Victim"
        assert topic.customer_id != victim.pk


class TestRow9OwnMessageAfterLosingAccess:
    @pytest.mark.parametrize("name", ["undo-send", "retry"])
    def test_cannot_be_touched(self, desk, agent, hidden, name):
        item = TimelineItemFactory(conversation=hidden, outbound=True, agent=agent)
        Delivery.objects.create(
            item=item,
            conversation=hidden,
            channel=item.channel,
            state=DeliveryState.HELD if name == "undo-send" else DeliveryState.FAILED,
        )

        assert desk.post(reverse(f"inbox:{name}", args=[item.pk])).status_code == 404
        assert TimelineItem.objects.filter(pk=item.pk).exists()


class TestRow10ForeignNote:
    def test_has_no_address_by_which_it_could_be_deleted(self, desk, hidden):
        note = TimelineItemFactory(conversation=hidden, note=True)

        for name in ("undo-send", "retry", "let-in", "show-images"):
            url = reverse(f"inbox:{name}", args=[note.pk])
            assert desk.post(url).status_code == 404
        assert TimelineItem.objects.filter(pk=note.pk).exists()


class TestRow11OnlyAssigned:
    def test_lists_counts_and_search_agree(self, client):
        agent = UserFactory(sight=Sight.ASSIGNED)
        client.force_login(agent)
        item = TimelineItemFactory(text="somebody else's words")
        SearchPending.objects.create(item=item)
        index_pending()

        for queue in ("mine", "unassigned", "all", "closed", "waiting"):
            response = client.get(reverse("inbox:queue", args=[queue]))
            assert not response.context["page"].conversations
            assert {entry.count for entry in response.context["queues"]} == {""}
        for query in ("sort=due", "assignee=none", "unread=0"):
            response = client.get(f"{reverse('inbox:queue', args=['all'])}?{query}")
            assert not response.context["page"].conversations
        assert not client.get("/search/?q=somebody").context["results"]
        assert client.get(opened(item.conversation)).status_code == 404


class TestRow12OwnRestrictions:
    def test_are_not_in_the_profile(self, client):
        agent = UserFactory(sight=Sight.ASSIGNED)
        client.force_login(agent)

        client.post(
            reverse("accounts:profile"),
            {"name": "x", "sight": "all", "role": "admin", "is_staff": "1"},
        )

        agent.refresh_from_db()
        assert (agent.sight, agent.role) == ("assigned", "agent")


class TestRow15EmptyToken:
    @pytest.mark.parametrize("token", BLANKS)
    def test_opens_nothing(self, client, token):
        UserFactory()
        invite_agent(email="new@desk.example", actor=None)

        assert client.get(f"/account/invitation/{token}/").status_code == 404
        assert client.get(f"/account/reset/{token}/{token}/").status_code == 404

    def test_is_nowhere_in_the_database(self):
        invite_agent(email="new@desk.example", actor=None)

        assert not Invitation.objects.filter(token_digest="").exists()


class TestRow16LinkThatNeverEnds:
    def test_every_link_has_an_end(self):
        token = invite_agent(email="new@desk.example", actor=None).token

        with pytest.raises(InvitationInvalid):
            open_invitation(token=token, now=timezone.now() + timedelta(days=8))
        assert real_settings.PASSWORD_RESET_TIMEOUT <= 3 * 24 * 3600


class TestRow17PredictableToken:
    def test_tokens_are_random_and_not_kept(self):
        tokens = {
            invite_agent(email="same@desk.example", actor=None).token for _ in range(5)
        }

        assert len(tokens) == 5
        assert Invitation.objects.get().token_digest not in tokens


class TestRow28OpenTracking:
    def test_has_no_address(self):
        names = " ".join(str(name) for name in get_resolver().reverse_dict)

        assert not re.search("track|pixel|open-mark", names)


class TestRow29OtherPeoplesSettings:
    def test_have_no_address(self, desk):
        other = UserFactory(name="Other Agent")

        for path in (f"/account/profile/{other.pk}/", f"/account/{other.pk}/"):
            assert desk.post(path, {"name": "x"}).status_code == 404
        desk.post(reverse("accounts:profile"), {"name": "x", "id": other.pk})
        other.refresh_from_db()
        assert other.name == "Other Agent"


LOOKUPS = [
    "channel__config__startswith=a",
    "assignee__password__startswith=a",
    "customer__identities__value__regex=.*",
    "id__in=1",
    "team__members__password=x",
    "q__password=a",
]
SORTS = ["channel__config", "-assignee__password", "?", "id; DROP TABLE x", "<script>"]


class TestRow30LookupsInFilters:
    @pytest.mark.parametrize("lookup", LOOKUPS)
    def test_are_refused_before_anything_is_read(
        self, desk, lookup, django_assert_max_num_queries
    ):
        for name in ("inbox:queue", "inbox:conversation-list"):
            with django_assert_max_num_queries(2):
                response = desk.get(f"{reverse(name, args=['all'])}?{lookup}")
            assert response.status_code == 400

    @pytest.mark.parametrize("lookup", LOOKUPS)
    def test_of_a_saved_view_are_never_run(self, desk, agent, lookup):
        name, _, value = lookup.partition("=")
        SavedView.objects.create(name="Evil", owner=agent, filters={name: value})

        page = desk.get(reverse("inbox:queue", args=["all"]))

        assert page.status_code == 200
        assert b"Evil" not in page.content

    @pytest.mark.parametrize("lookup", LOOKUPS)
    def test_change_no_other_page(self, desk, lookup):
        topic = TimelineItemFactory().conversation

        assert desk.get(f"{opened(topic)}?{lookup}").status_code == 400
        assert desk.get(f"{reverse('customers:list')}?{lookup}").status_code == 200


class TestRow31SortOracle:
    @pytest.mark.parametrize("sort", SORTS)
    def test_is_refused(self, desk, sort):
        response = desk.get(reverse("inbox:queue", args=["all"]), {"sort": sort})

        assert response.status_code == 400


class TestRow36MarkupInLists:
    @pytest.mark.parametrize("markup", MARKUP)
    def test_in_subject_and_name_stays_words(self, desk, markup):
        item = TimelineItemFactory(
            subject=markup,
            text=markup,
            conversation__subject=markup,
            conversation__preview=markup[:200],
            conversation__customer__name=markup,
            conversation__identity__display_name=markup,
        )
        SearchPending.objects.create(item=item)
        index_pending()
        pk = item.conversation.pk
        for url in (
            reverse("inbox:queue", args=["all"]),
            opened(item.conversation),
            reverse("customers:list"),
            reverse("customers:detail", args=[item.customer_id]),
            reverse("inbox:timeline", args=[pk]),
            reverse("inbox:search") + "?q=alert",
            reverse("inbox:search") + "?palette=1&q=alert",
        ):
            assert is_dead(desk.get(url).content.decode()), url


class TestRow37AnonymousChange:
    def test_every_address_that_writes_asks_who_it_is(self, client):
        topic = TimelineItemFactory().conversation

        for name in ("reply", "close", "assign", "spam", "tags", "draft", "upload"):
            url = reverse(f"inbox:{name}", args=[topic.pk])
            assert client.post(url).status_code == 302
        topic.refresh_from_db()
        assert topic.status == 1

    def test_and_none_takes_a_request_from_another_site(self, agent):
        from django.test import Client

        strict = Client(enforce_csrf_checks=True)
        strict.force_login(agent)
        topic = TimelineItemFactory().conversation

        url = reverse("inbox:close", args=[topic.pk])
        assert strict.post(url).status_code == 403


class TestRow43SessionsAfterPasswordChange:
    @pytest.mark.parametrize("change", [{"role": "lead"}, {"is_active": False}])
    def test_losing_or_changing_a_role_ends_them_too(self, desk, agent, change):
        User.objects.filter(pk=agent.pk).update(**change)

        assert desk.get(reverse("inbox:queue", args=["mine"])).status_code == 302


class TestRow47MarkupInSubject:
    @pytest.mark.parametrize("markup", MARKUP)
    def test_stays_words_in_the_title_and_the_guard(self, desk, markup):
        topic = TimelineItemFactory(conversation__subject=markup).conversation
        TimelineItemFactory(conversation=topic, text=markup)

        whole = desk.get(opened(topic)).content.decode()
        part = desk.get(opened(topic), headers=FRAGMENT).content.decode()
        guard = desk.post(
            reverse("inbox:reply", args=[topic.pk]),
            {"to": "a@people.example", "text": "x", "seen_seq": 1},
            headers=FRAGMENT,
        )

        assert guard.status_code == 409
        assert is_dead(whole)
        assert is_dead(part)
        assert is_dead(guard.content.decode())


class TestRow49GuessableUpload:
    def test_is_its_owners_alone_and_has_a_random_name(self, desk, agent):
        topic, colleague = TimelineItemFactory().conversation, UserFactory()
        foreign = Upload.objects.create(
            conversation=topic, agent=colleague, name="a", stored_name="x"
        )
        shown = reverse("inbox:upload-file", args=[foreign.public_id])
        removed = reverse("inbox:upload", args=[topic.pk]) + f"?id={foreign.public_id}"

        assert isinstance(foreign.public_id, uuid.UUID)
        assert desk.get(shown).status_code == 404
        assert desk.delete(removed).status_code == 404
        assert Upload.objects.filter(pk=foreign.pk).exists()


class TestRow51SideEffects:
    def test_a_mention_calls_nobody_who_may_not_see(self, desk, hidden):
        topic = TimelineItemFactory().conversation
        blind = UserFactory(sight=Sight.ASSIGNED)

        desk.post(
            reverse("inbox:reply", args=[topic.pk]),
            {"mode": "note", "text": "x", "mention": [blind.pk]},
        )

        assert not Mention.objects.exists()

    def test_files_of_another_conversation_do_not_come_along(self, desk, agent, hidden):
        topic = TimelineItemFactory().conversation
        foreign = Upload.objects.create(
            conversation=hidden, agent=agent, name="a", stored_name="x"
        )

        desk.post(
            reverse("inbox:reply", args=[topic.pk]),
            {"to": "a@people.example", "text": "x", "upload": [foreign.public_id]},
        )

        assert not Attachment.objects.exists()


class TestRow55MarkupInFileNames:
    @pytest.mark.parametrize("markup", MARKUP)
    def test_stays_words_on_the_page(self, desk, agent, markup):
        item = TimelineItemFactory()
        Attachment.objects.create(item=item, name=markup, stored_name="x")
        Upload.objects.create(
            conversation=item.conversation, agent=agent, name=markup, stored_name="x"
        )

        assert is_dead(desk.get(opened(item.conversation)).content.decode())


class TestRow56ReflectedParameters:
    @pytest.mark.parametrize("markup", MARKUP)
    @pytest.mark.parametrize("name", ["sort", "order", "message", "q", "next", "queue"])
    def test_come_back_as_words_or_not_at_all(self, client, agent, name, markup):
        sign_in = client.get(reverse("accounts:sign-in"), {name: markup})
        client.force_login(agent)
        pages = [
            sign_in,
            client.get(reverse("inbox:queue", args=["all"]), {name: markup}),
            client.get(reverse("inbox:search"), {name: markup}),
            client.get(reverse("customers:list"), {name: markup}),
            client.get("/nowhere/", {name: markup}),
        ]

        for page in pages:
            assert is_dead(page.content.decode())


class TestRow57StaffParameters:
    @pytest.mark.parametrize("markup", MARKUP)
    def test_in_forms_come_back_as_words(self, client, markup):
        client.force_login(UserFactory(admin=True))

        page = client.post(
            reverse("accounts:invite"), {"email": markup, "name": markup}
        )

        assert page.status_code == 422
        assert is_dead(page.content.decode())


class TestRow58SetUp:
    def test_escapes_names_and_is_gone_afterwards(self, client):
        facts = {
            "brand_name": MARKUP[0],
            "address": "support@fjord.example",
            "admin_name": MARKUP[2],
            "email": "noor@fjord.example",
            "password": "correct-horse-battery",
        }

        client.post(reverse("inbox:first-run"), facts)

        assert is_dead(client.get("/queues/all/").content.decode())
        assert client.post(reverse("inbox:first-run"), facts).status_code == 404


class TestRow65SetUpTakeover:
    @pytest.mark.parametrize("is_active", [True, False])
    def test_is_impossible_once_anybody_was_here(self, client, is_active):
        UserFactory(is_active=is_active)

        assert client.get(reverse("inbox:first-run")).status_code == 404
        assert client.post(reverse("inbox:first-run"), {}).status_code == 404


class TestRow66GuessingPasswords:
    def test_is_bounded_for_one_account_from_one_address(self, client):
        from helpdesk.core.doorbell import valkey

        valkey().flushdb()
        UserFactory(email="noor@desk.example")
        data = {"username": "noor@desk.example", "password": "guess"}

        statuses = [
            client.post(reverse("accounts:sign-in"), data).status_code
            for _ in range(10)
        ]

        assert statuses[-1] == 429
        valkey().flushdb()


class TestRow68NamesThatAgentsGive:
    @pytest.mark.parametrize("markup", MARKUP)
    def test_stay_words_for_colleagues(self, desk, agent, markup):
        tag = Tag.objects.create(name=markup[:60])
        team = TeamFactory(name=markup, members=[agent])
        SavedView.objects.create(name=markup, owner=agent)
        UserFactory(name=markup)
        topic = TimelineItemFactory(
            conversation__team=team, conversation__tag_ids=[tag.pk]
        ).conversation

        assert is_dead(desk.get(opened(topic)).content.decode())
        assert is_dead(desk.get(reverse("inbox:queue", args=["all"])).content.decode())


class TestRow70ChildOfAnotherParent:
    def test_is_not_found_under_this_one(self, desk, agent):
        here, there = ConversationFactory(), ConversationFactory()
        upload = Upload.objects.create(
            conversation=there, agent=agent, name="a", stored_name="x"
        )

        url = reverse("inbox:upload", args=[here.pk]) + f"?id={upload.public_id}"

        assert desk.delete(url).status_code == 404
        assert Upload.objects.exists()


class TestRow75Viewer:
    def test_changes_nothing_whatever_they_call(self, client):
        client.force_login(UserFactory(viewer=True))
        topic = TimelineItemFactory().conversation
        before = Conversation.objects.values().get()

        for name in ("reply", "close", "assign", "spam", "tags", "rename", "unread"):
            url = reverse(f"inbox:{name}", args=[topic.pk])
            assert client.post(url, {"text": "x"}).status_code == 403
        assert client.post(reverse("inbox:bulk"), {}).status_code == 403
        assert Conversation.objects.values().get() == before


class TestRow76UnknownParameters:
    def test_of_a_form_change_nothing(self, desk, agent):
        topic = TimelineItemFactory().conversation
        extra = {"ignore_permissions": "1", "actor": "1", "author": "1", "status": "4"}

        desk.post(
            reverse("inbox:reply", args=[topic.pk]),
            {"mode": "note", "text": "x", "visibility": "public", **extra},
        )

        note = TimelineItem.objects.get(kind="note")
        topic.refresh_from_db()
        assert (note.agent, note.visibility) == (agent, "internal")
        assert topic.status == 1


class TestRow77PublicMedia:
    def test_files_have_no_address_without_a_session(self, client):
        file = Attachment.objects.create(
            item=TimelineItemFactory(), name="a.png", stored_name="ab/cd/" + "ab" * 16
        )

        for name in ("file", "image"):
            url = reverse(f"inbox:{name}", args=[file.public_id])
            assert client.get(url).status_code == 302
        assert client.get(f"/media/{file.stored_name}").status_code in (302, 404)
        assert client.get(f"/files/{file.name}").status_code in (302, 404)


class TestRow78StaffStrings:
    @pytest.mark.parametrize("markup", MARKUP)
    def test_of_notes_and_signatures_stay_words(self, desk, agent, markup):
        customer = CustomerFactory(name="Maya", notes=markup, company=markup)
        note = TimelineItemFactory(note=True, text=markup, html="")
        User.objects.filter(pk=agent.pk).update(signature=markup)

        for url in (
            reverse("customers:detail", args=[customer.pk]),
            opened(note.conversation),
            reverse("accounts:profile"),
        ):
            assert is_dead(desk.get(url).content.decode()), url


class TestRow84PolicyOnEveryAnswer:
    def test_pages_parts_errors_and_downloads_have_one(self, desk):
        item = TimelineItemFactory(html="<p>x</p>")
        topic = item.conversation
        urls = [
            reverse("inbox:queue", args=["all"]),
            reverse("inbox:conversation-list", args=["all"]),
            reverse("inbox:queues"),
            reverse("inbox:search"),
            opened(topic),
            reverse("inbox:timeline", args=[topic.pk]),
            reverse("inbox:item-html", args=[item.pk]),
            reverse("inbox:item-quoted", args=[item.pk]),
            reverse("customers:panel", args=[topic.customer_id]),
            reverse("accounts:profile"),
            "/nowhere/",
            reverse("inbox:queue", args=["all"]) + "?nonsense=1",
        ]

        for url in urls:
            response = desk.get(url, headers=FRAGMENT)
            policy = response.get("Content-Security-Policy", "")
            assert "default-src 'none'" in policy, url
            assert "script-src 'unsafe" not in policy, url
            assert response["X-Content-Type-Options"] == "nosniff", url

    def test_a_mail_can_only_be_shown_inside_our_own_page(self, desk):
        item = TimelineItemFactory(html="<p>x</p>")

        response = desk.get(reverse("inbox:item-html", args=[item.pk]))

        policy = response["Content-Security-Policy"]
        assert "script-src" not in policy
        assert "frame-ancestors 'self'" in policy
        assert "form-action 'none'" in policy
        assert response["X-Frame-Options"] == "SAMEORIGIN"
