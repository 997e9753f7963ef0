from datetime import UTC, datetime

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from helpdesk.accounts.actions import deactivate_agent, reactivate_agent
from helpdesk.core.events import watch
from inbox.actions.assignment import release_orphaned
from inbox.events import ConversationAssigned, ConversationChanged
from inbox.models import Conversation, Kind, Status, Visibility
from tests.factories import ConversationFactory, TeamFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
AT_WORK = (Status.OPEN, Status.WAITING, Status.SNOOZED)


@pytest.fixture
def gone():
    agent = UserFactory()
    deactivate_agent(agent_id=agent.pk)
    return agent


@pytest.fixture
def heard():
    """What open desks are told, as long as the test runs."""
    from helpdesk.core import events

    heard = []
    kinds = (ConversationChanged, ConversationAssigned)
    for kind in kinds:
        watch(kind)(heard.append)
    yield heard
    for kind in kinds:
        events._watchers[kind].remove(heard.append)


def theirs(agent, *, status=Status.OPEN, **fields):
    return ConversationFactory(assignee=agent, status=status, **fields)


class TestReleaseOrphaned:
    @pytest.mark.parametrize("status", AT_WORK)
    def test_hands_back_what_is_not_closed_and_keeps_the_team(self, gone, status):
        conversation = theirs(gone, status=status, team=TeamFactory())

        assert release_orphaned(now=NOW) == 1

        after = Conversation.objects.get(pk=conversation.pk)
        assert after.assignee is None
        assert after.team == conversation.team
        assert after.status == status

    @pytest.mark.parametrize("status", [Status.CLOSED, Status.SPAM])
    def test_leaves_what_nobody_has_to_do_anything_about(self, gone, status):
        conversation = theirs(gone, status=status)

        assert release_orphaned(now=NOW) == 0

        conversation.refresh_from_db()
        assert conversation.assignee == gone

    def test_leaves_what_colleagues_have(self, gone):
        conversation = theirs(UserFactory())

        release_orphaned(now=NOW)

        conversation.refresh_from_db()
        assert conversation.assignee is not None

    def test_says_so_on_the_timeline_inside_only(self, gone):
        conversation = theirs(gone)

        release_orphaned(now=NOW)

        event = conversation.items.get()
        assert (event.kind, event.visibility) == (Kind.EVENT, Visibility.INTERNAL)
        assert event.payload["name"] == "released"
        assert event.agent is None

    def test_tells_open_desks_and_whoever_routes(
        self, gone, heard, django_capture_on_commit_callbacks
    ):
        conversation = theirs(gone)

        with django_capture_on_commit_callbacks(execute=True):
            release_orphaned(now=NOW)

        assigned = next(it for it in heard if isinstance(it, ConversationAssigned))
        assert assigned.conversation_id == conversation.pk
        assert (assigned.assignee_id, assigned.previous_assignee_id) == (None, gone.pk)
        assert gone.pk in {
            it.previous_assignee_id
            for it in heard
            if isinstance(it, ConversationChanged)
        }

    def test_takes_no_more_than_it_is_asked_to_and_goes_on_next_time(self, gone):
        for _ in range(5):
            theirs(gone)

        counts = [release_orphaned(now=NOW, limit=2) for _ in range(4)]

        assert counts == [2, 2, 1, 0]
        assert not Conversation.objects.filter(assignee=gone).exists()

    def test_twice_says_it_once(self, gone):
        conversation = theirs(gone)

        release_orphaned(now=NOW)
        release_orphaned(now=NOW)

        assert conversation.items.count() == 1

    def test_takes_nothing_from_who_is_let_in_again(self, gone):
        released = theirs(gone)
        release_orphaned(now=NOW)
        reactivate_agent(agent_id=gone.pk)
        kept = theirs(gone)

        release_orphaned(now=NOW)

        assert list(Conversation.objects.filter(assignee=gone)) == [kept]
        released.refresh_from_db()
        assert released.assignee is None

    def test_costs_two_queries_when_nobody_left_anything(self, gone):
        with CaptureQueriesContext(connection) as queries:
            release_orphaned(now=NOW)

        asked = [it["sql"] for it in queries if it["sql"].startswith("SELECT")]
        assert len(asked) == 2


@pytest.mark.django_db(transaction=True)
class TestReleaseOrphanedBesideOthers:
    def test_waits_for_nobody(self, gone):
        busy, idle = theirs(gone), theirs(gone)
        other = connections.create_connection("default")
        try:
            other.set_autocommit(False)
            with other.cursor() as cursor:
                cursor.execute(
                    "SELECT 1 FROM inbox_conversation WHERE id = %s FOR UPDATE",
                    [busy.pk],
                )

            assert release_orphaned(now=NOW) == 1
        finally:
            other.close()

        idle.refresh_from_db()
        assert idle.assignee is None
        assert release_orphaned(now=NOW) == 1
