import pytest
from django.urls import reverse
from django.utils import timezone

from inbox.models import Conversation, Mention, SavedView, Tag
from inbox.queues import QUEUES
from tests.factories import (
    ConversationFactory,
    TeamFactory,
    TimelineItemFactory,
    UserFactory,
    VisitorFactory,
)
from tests.inbox.views.conftest import FRAGMENT

NONSENSE = [
    "sort=channel__config",
    "sort=nonsense",
    "customer__identities__value__startswith=a",
    "assignee__password__startswith=a",
    "tag=1%20OR%201=1",
    "after=nonsense",
    "after=1_1%00",
    "unread=maybe",
    "ordering=-id",
]


def listing(key="all"):
    return reverse("inbox:queue", args=[key])


def opened(conversation):
    return reverse("inbox:conversation", args=[conversation.pk])


class TestHome:
    def test_opens_the_agents_own_queue(self, desk):
        response = desk.get("/")

        assert response["Location"] == listing("mine")

    def test_asks_others_to_sign_in(self, client, agent):
        assert client.get("/")["Location"] == "/account/sign-in/?next=/"

    def test_sets_up_a_desk_without_agents(self, client, db):
        assert client.get("/")["Location"] == reverse("inbox:first-run")


class TestQueue:
    def test_is_a_whole_page_with_the_list_and_every_queue(self, desk, agent):
        team = TeamFactory(name="Returns", members=[agent])
        conversation = ConversationFactory(assignee=agent, team=team)

        page = desk.get(listing("mine")).content.decode()

        assert "<!DOCTYPE html>" in page
        assert conversation.subject in page
        assert "Returns" in page
        assert f'href="{opened(conversation)}"' in page

    @pytest.mark.parametrize("key", ["secret", "team-999", "team-x", "team-"])
    def test_knows_no_other_queue(self, desk, key):
        assert desk.get(listing(key)).status_code == 404

    def test_hides_private_teams_from_others(self, desk):
        team = TeamFactory(is_private=True)

        assert desk.get(listing(f"team-{team.pk}")).status_code == 404

    @pytest.mark.parametrize("query", NONSENSE)
    @pytest.mark.parametrize("place", ["queue", "conversation-list"])
    def test_refuses_what_no_list_knows(
        self, desk, place, query, django_assert_max_num_queries
    ):
        url = reverse(f"inbox:{place}", args=["all"])

        # Session and agent: nothing of it reaches the tables of conversations.
        with django_assert_max_num_queries(2):
            assert desk.get(f"{url}?{query}").status_code == 400

    def test_sorts_archives_by_time_alone(self, desk):
        assert desk.get(listing("closed") + "?sort=due").status_code == 400
        assert desk.get(listing("closed") + "?sort=newest").status_code == 200

    def test_keeps_the_filter_in_every_link(self, desk):
        tag = Tag.objects.create(name="VIP")
        conversation = ConversationFactory(tag_ids=[tag.pk])

        page = desk.get(f"{listing()}?sort=waiting&tag={tag.pk}").content.decode()

        query = f"queue=all&amp;sort=waiting&amp;tag={tag.pk}"
        assert f'href="{opened(conversation)}?{query}"' in page

    def test_takes_the_same_statements_for_few_and_for_many(
        self, desk, django_assert_num_queries
    ):
        first = ConversationFactory()
        desk.get(listing())
        with django_assert_num_queries(6):
            desk.get(listing())
        Conversation.objects.bulk_create(
            Conversation(
                channel=first.channel, identity=first.identity, customer=first.customer
            )
            for _ in range(500)
        )

        with django_assert_num_queries(6):
            page = desk.get(listing()).content.decode()

        assert page.count('class="row') >= 50

    def test_shows_saved_views_and_leaves_broken_ones_out(self, desk, agent):
        SavedView.objects.create(
            name="Waiting longest", owner=agent, filters={"sort": "waiting"}
        )
        SavedView.objects.create(
            name="Broken one", owner=agent, filters={"assignee__password": "x"}
        )

        page = desk.get(listing()).content.decode()

        assert "Waiting longest" in page
        assert "Broken one" not in page

    @pytest.mark.parametrize(
        ("query", "count"), [("", "1"), ("sort=waiting", "1"), ("unread=1", "")]
    )
    def test_says_no_number_that_is_another_lists(self, desk, query, count):
        ConversationFactory()

        page = desk.get(f"{listing()}?{query}")

        assert page.context["view"].count == count

    @pytest.mark.parametrize(
        ("query", "title", "count"),
        [("unread=1", "Unread", "1"), ("unread=1&sort=due", "All open", "")],
    )
    def test_counts_what_a_saved_view_shows(self, desk, agent, query, title, count):
        filters = {"queue": "all", "unread": "1"}
        SavedView.objects.create(name="Unread", owner=agent, filters=filters)
        ConversationFactory(is_unread=True)

        page = desk.get(f"{listing()}?{query}")

        view = page.context["view"]
        assert (view.title, view.count) == (title, count)


class TestKeys:
    def test_name_every_queue_that_has_one(self, desk):
        page = desk.get(reverse("inbox:queue", args=["all"])).content.decode()

        keys = page.partition('id="shortcuts"')[2].partition("</dialog>")[0]
        named = {str(it.label) for it in QUEUES.values() if it.key}
        assert {label for label in named if label not in keys} == set()


class TestConversationList:
    def test_answers_with_rows_and_counts(self, part):
        conversation = ConversationFactory()

        page = part.get(reverse("inbox:conversation-list", args=["all"])).content

        assert conversation.subject in page.decode()
        assert b'hx-target="#queues"' in page
        assert b'<hx-partial hx-target="#list-count" hx-swap="innerHTML">1<' in page
        assert b"<!DOCTYPE html>" not in page

    def test_says_how_much_of_it_is_ones_own(self, part, agent):
        ConversationFactory(assignee=agent)

        page = part.get(reverse("inbox:conversation-list", args=["all"])).content

        load = page.decode().partition('hx-target="#my-state"')[2]
        assert "· 1 open" in load.partition("</hx-partial>")[0]

    def test_goes_on_after_the_last_row(self, part):
        first = ConversationFactory(subject="The oldest of all")
        Conversation.objects.filter(pk=first.pk).update(
            last_activity_at=timezone.now() - timezone.timedelta(days=1)
        )
        Conversation.objects.bulk_create(
            Conversation(
                channel=first.channel, identity=first.identity, customer=first.customer
            )
            for _ in range(50)
        )
        page = part.get(listing()).context["page"]

        more = part.get(page.next_url).content.decode()

        assert "The oldest of all" in more
        assert "hx-partial" not in more


class TestConversation:
    def test_is_the_whole_desk_for_a_browser_and_a_pane_for_the_page(self, desk):
        conversation = TimelineItemFactory().conversation

        whole = desk.get(opened(conversation)).content.decode()
        pane = desk.get(opened(conversation), headers=FRAGMENT).content.decode()

        assert "<!DOCTYPE html>" in whole
        assert 'id="conversation-rows"' in whole
        assert "<!DOCTYPE html>" not in pane
        assert "Where is my parcel?" in whole
        assert "Where is my parcel?" in pane

    def test_calls_a_nameless_visitor_a_visitor_beside_what_they_claim(self, part):
        visitor = VisitorFactory(customer__name="", customer__is_visitor=True)
        conversation = ConversationFactory(
            channel=visitor.channel,
            identity=visitor.identity,
            is_chat=True,
            claims={"name": "Maya"},
        )
        TimelineItemFactory(conversation=conversation, text="Is it blue?")

        page = part.get(opened(conversation)).content.decode()

        assert 'data-customer="Visitor"' in page
        assert "Maya" in page
        assert "Unknown person" not in page

    def test_is_whole_again_when_going_back(self, desk):
        conversation = TimelineItemFactory().conversation
        headers = {**FRAGMENT, "HX-History-Restore-Request": "true"}

        page = desk.get(opened(conversation), headers=headers)

        assert b"<!DOCTYPE html>" in page.content

    def test_is_kept_by_no_cache(self, desk):
        conversation = TimelineItemFactory().conversation

        response = desk.get(opened(conversation))

        assert "no-store" in response["Cache-Control"]
        assert "HX-Request" in response["Vary"]

    def test_marks_it_read_for_who_is_responsible(self, part, agent):
        conversation = ConversationFactory(is_unread=True, assignee=agent)

        part.get(opened(conversation))

        conversation.refresh_from_db()
        assert not conversation.is_unread

    def test_leaves_a_colleagues_unread(self, part):
        conversation = ConversationFactory(is_unread=True, assignee=UserFactory())

        part.get(opened(conversation))

        conversation.refresh_from_db()
        assert conversation.is_unread

    def test_of_a_viewer_changes_nothing(self, client):
        client.force_login(UserFactory(viewer=True))
        conversation = ConversationFactory(is_unread=True)

        response = client.get(opened(conversation), headers=FRAGMENT)

        conversation.refresh_from_db()
        assert conversation.is_unread
        assert b"reply-composer" not in response.content

    def test_answers_the_mention(self, part, agent):
        note = TimelineItemFactory(note=True)
        Mention.objects.create(conversation=note.conversation, item=note, agent=agent)

        part.get(opened(note.conversation))

        assert Mention.objects.get().seen_at is not None

    @pytest.mark.parametrize("count", [1, 49])
    def test_takes_the_same_statements_however_much_was_said(
        self, part, count, django_assert_num_queries
    ):
        conversation = ConversationFactory()
        for _ in range(count):
            TimelineItemFactory(conversation=conversation)
        part.get(opened(conversation))

        with django_assert_num_queries(15):
            part.get(opened(conversation))

    def test_refuses_lists_it_does_not_know(self, part):
        conversation = ConversationFactory()

        assert part.get(opened(conversation) + "?queue=x").status_code == 404
        assert part.get(opened(conversation) + "?sort=x").status_code == 400


class TestHeader:
    def test_says_once_that_a_chat_waits(self, desk):
        visitor, now = VisitorFactory(), timezone.now()
        chat = ConversationFactory(
            channel=visitor.channel,
            identity=visitor.identity,
            is_chat=True,
            waiting_since=now,
            due_at=now,
        )

        header = desk.get(opened(chat)).content.decode()
        header = header.partition('id="conversation-header"')[2]
        header = header.partition("</header>")[0]

        assert header.count("data-waiting") == 1
        assert "data-due" not in header


class TestRows:
    def test_point_to_their_icons(self, desk):
        ConversationFactory(attachment_count=1)

        page = desk.get(listing()).content.decode()

        assert 'href="/static/icons/sprite.svg#channel-email"' in page
        assert 'href="/static/icons/sprite.svg#paperclip"' in page
        rows = page.split('id="conversation-rows"')[1].split("</ul>")[0]
        assert 'href="#' not in rows
