import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from customers.models import Identity
from inbox.models import Conversation, Priority, Status, Tag
from tests.factories import (
    ConversationFactory,
    TeamFactory,
    TimelineItemFactory,
    UserFactory,
)


@pytest.fixture
def conversation(db):
    return TimelineItemFactory().conversation


@pytest.fixture
def do(part, conversation):
    def do(name, **data):
        response = part.post(reverse(f"inbox:{name}", args=[conversation.pk]), data)
        conversation.refresh_from_db()
        return response

    return do


class TestAssign:
    def test_hands_it_to_a_person_and_shows_the_bar_again(self, do, conversation):
        sam = UserFactory(name="Sam Field")

        response = do("assign", assignee=sam.pk)

        assert conversation.assignee == sam
        assert 'id="conversation-header"' in response.content.decode()
        assert "Sam" in response.content.decode()

    def test_hands_it_to_nobody(self, do, conversation, agent):
        Conversation.objects.update(assignee=agent)

        do("assign", assignee="")

        assert conversation.assignee is None

    def test_hands_it_to_a_team(self, do, conversation):
        team = TeamFactory()

        do("assign", team=team.pk)

        assert conversation.team == team

    def test_leads_away_from_what_the_agent_sees_no_longer(self, do, agent):
        private = TeamFactory(is_private=True)

        response = do("assign", team=private.pk)

        assert response["HX-Redirect"] == "/"

    @pytest.mark.parametrize("who", ["viewer", "left", "not in the team"])
    def test_refuses_whoever_could_not_answer(self, do, conversation, who):
        private = TeamFactory(is_private=True)
        if who == "not in the team":
            Conversation.objects.update(team=private, assignee=None)
        agent = UserFactory(
            role="viewer" if who == "viewer" else "agent", is_active=who != "left"
        )

        response = do("assign", assignee=agent.pk)

        assert conversation.assignee is None
        assert response.status_code in (404, 422)

    def test_needs_to_be_told_whom(self, do):
        assert do("assign").status_code == 422

    def test_takes_no_column_that_is_not_its_own(self, do, conversation):
        do("assign", assignee="", status="5", team_id="1", actor="1", subject="x")

        assert conversation.status == Status.OPEN
        assert conversation.subject != "x"


class TestSnooze:
    @pytest.mark.parametrize("preset", ["hours", "tomorrow", "monday", "week"])
    def test_knows_its_presets(self, do, conversation, preset):
        do("snooze", until=preset)

        assert conversation.status == Status.SNOOZED
        assert conversation.snoozed_until > timezone.now()

    def test_waits_for_the_customer(self, do, conversation):
        do("snooze", until="reply")

        assert (conversation.status, conversation.snoozed_until) == (3, None)

    def test_reads_a_moment_in_the_time_of_the_agent(self, do, conversation, agent):
        agent.time_zone = "Asia/Tokyo"
        agent.save()

        do("snooze", until="2099-01-02T09:00")

        assert conversation.snoozed_until.isoformat() == "2099-01-02T00:00:00+00:00"

    @pytest.mark.parametrize("until", ["", "2001-01-01T00:00", "soon", "2099-99-99"])
    def test_refuses_what_is_no_moment_to_come(self, do, conversation, until):
        response = do("snooze", until=until)

        assert response.status_code == 422
        assert conversation.status == Status.OPEN


class TestStatus:
    def test_closes_reopens_and_moves_to_spam_and_back(self, do, conversation):
        seen = []
        for name, data in (
            ("close", {}),
            ("reopen", {}),
            ("spam", {"spam": "1"}),
            ("spam", {"spam": "0"}),
        ):
            do(name, **data)
            seen.append(conversation.status)

        assert seen == [Status.CLOSED, Status.OPEN, Status.SPAM, Status.OPEN]


class TestPriority:
    def test_is_set(self, do, conversation):
        do("priority", priority="4")

        assert conversation.priority == Priority.URGENT

    @pytest.mark.parametrize("priority", ["", "9", "high", "4; DROP"])
    def test_refuses_others(self, do, conversation, priority):
        assert do("priority", priority=priority).status_code == 422


class TestTags:
    def test_lose_what_was_unticked_and_get_what_was_ticked_or_named(
        self, do, conversation
    ):
        old, kept = Tag.objects.create(name="Old"), Tag.objects.create(name="Kept")
        ticked = Tag.objects.create(name="Ticked")
        Conversation.objects.update(tag_ids=[old.pk, kept.pk])

        do("tags", was=[old.pk, kept.pk], tag=[kept.pk, ticked.pk], new="  Fresh  ")

        names = Tag.objects.filter(pk__in=conversation.tag_ids)
        assert {tag.name for tag in names} == {"Kept", "Ticked", "Fresh"}

    def test_keep_what_the_menu_did_not_show(self, do, conversation):
        colleagues, mine = [Tag.objects.create(name=name) for name in ("VIP", "Mine")]
        Conversation.objects.update(tag_ids=[colleagues.pk])

        do("tags", tag=[mine.pk])

        assert conversation.tag_ids == [colleagues.pk, mine.pk]

    def test_are_offered_with_what_was_ticked(self, part, do, conversation):
        old, other = [Tag.objects.create(name=name) for name in ("Old", "Other")]
        Conversation.objects.update(tag_ids=[old.pk])
        url = reverse("inbox:tag-choices", args=[conversation.pk])

        page = part.get(url).content.decode()

        assert re.findall(r'name="was"\s+value="(\d+)"', page) == [str(old.pk)]
        assert f'id="tag-choice-{other.pk}"' in page

    def test_refuse_what_is_no_tag(self, do, conversation):
        assert do("tags", tag=["x"]).status_code == 422


class TestRename:
    def test_changes_the_subject(self, do, conversation):
        do("rename", subject=" Where is\n it? ")

        assert conversation.subject == "Where is it?"


class TestUnread:
    def test_makes_it_stand_out(self, do, conversation):
        response = do("unread")

        assert response.status_code == 204
        assert conversation.is_unread


class TestShowImages:
    def test_is_for_the_sender_from_now_on(self, part):
        item = TimelineItemFactory(
            html='<img data-src="https://web.example/a.png">',
            payload={"remote_images": 1},
        )
        frame = reverse("inbox:item-html", args=[item.pk])
        before = part.get(frame)

        part.post(reverse("inbox:show-images", args=[item.pk]))

        after = part.get(frame)
        assert Identity.objects.get(pk=item.identity_id).shows_remote_images
        assert b' src="https://web.example/a.png"' not in before.content
        assert b' src="https://web.example/a.png"' in after.content
        assert "https:" not in before["Content-Security-Policy"]
        assert "https:" in after["Content-Security-Policy"]

    def test_does_not_hold_for_a_sender_who_is_forged(self, part):
        item = TimelineItemFactory(
            html='<img data-src="https://web.example/a.png">',
            payload={"remote_images": 1, "verdict": "fail"},
        )
        Identity.objects.update(shows_remote_images=True)

        frame = part.get(reverse("inbox:item-html", args=[item.pk]))

        assert b' src="https://web.example/a.png"' not in frame.content


class TestBulk:
    def act(self, desk, action, *conversations):
        data = {"action": action, "conversation": [it.pk for it in conversations]}
        return desk.post(reverse("inbox:bulk"), data)

    @pytest.mark.parametrize(
        ("action", "column", "value"),
        [("close", "status", 4), ("spam", "status", 5), ("unread", "is_unread", True)],
    )
    def test_does_it_to_all_of_them(self, desk, action, column, value):
        chosen = [ConversationFactory() for _ in range(3)]

        response = self.act(desk, action, *chosen)

        assert response.status_code == 302
        assert set(Conversation.objects.values_list(column, flat=True)) == {value}

    def test_assigns_them_to_the_agent(self, desk, agent):
        self.act(desk, "assign_me", ConversationFactory())

        assert Conversation.objects.get().assignee == agent

    def test_does_nothing_if_one_is_out_of_sight(self, desk):
        hidden = ConversationFactory(team=TeamFactory(is_private=True))
        shown = ConversationFactory()

        response = self.act(desk, "close", shown, hidden)

        assert response.status_code == 404
        assert set(Conversation.objects.values_list("status", flat=True)) == {1}

    @pytest.mark.parametrize(
        "data",
        [
            {},
            {"action": "delete", "conversation": ["1"]},
            {"action": "close", "conversation": []},
            {"action": "close", "conversation": ["1 OR 1=1"]},
            {"action": "close", "conversation": ["9" * 40]},
        ],
    )
    def test_says_when_it_makes_no_sense(self, desk, data):
        conversation = ConversationFactory()

        response = desk.post(reverse("inbox:bulk"), data)

        conversation.refresh_from_db()
        assert response.status_code == 302
        assert conversation.status == Status.OPEN

    def test_goes_back_only_to_pages_of_this_desk(self, desk):
        response = desk.post(
            reverse("inbox:bulk"), {}, headers={"Referer": "https://evil.example/"}
        )

        assert response["Location"] == "/"


class TestWaiting:
    def test_longest_first_shows_who_waits_longest(self, desk):
        now = timezone.now()
        ConversationFactory(subject="Second", waiting_since=now)
        ConversationFactory(subject="First", waiting_since=now - timedelta(hours=1))

        page = desk.get("/queues/all/?sort=waiting").content.decode()

        assert page.index("First") < page.index("Second")
