"""What an agent may see and do; rows of SECURITY.md by number.

It is also walked address by address and role by role in
`tests/inbox/views/test_roles.py`.
"""

import uuid

import pytest
from django.urls import reverse

from helpdesk.accounts.models import Sight
from inbox.actions.indexing import index_pending
from inbox.models import (
    Attachment,
    Conversation,
    Delivery,
    DeliveryState,
    Mention,
    SearchPending,
    TimelineItem,
    Upload,
)
from tests.factories import (
    ConversationFactory,
    IdentityFactory,
    TimelineItemFactory,
    UserFactory,
)
from tests.security.desk import opened

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]


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


class TestRow29OtherPeoplesSettings:
    def test_have_no_address(self, desk):
        other = UserFactory(name="Other Agent")

        for path in (f"/account/profile/{other.pk}/", f"/account/{other.pk}/"):
            assert desk.post(path, {"name": "x"}).status_code == 404
        desk.post(reverse("accounts:profile"), {"name": "x", "id": other.pk})
        other.refresh_from_db()
        assert other.name == "Other Agent"


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
