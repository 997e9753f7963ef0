import pytest
from django.urls import reverse
from django.utils import timezone

from helpdesk.core.admin_tables import CappedPaginator
from helpdesk.core.models import OutboxEvent
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def given_up(**columns):
    return OutboxEvent.objects.create(
        kind="inbox.events.MessageReceived",
        subscriber="channels_ingest.acknowledging.acknowledge",
        payload={"item_id": 1},
        **{"failed_at": timezone.now(), "attempts": 12, "error": "gone", **columns},
    )


class TestOutboxEventAdmin:
    def test_runs_again_what_was_given_up_and_leaves_what_is_done(self, client):
        client.force_login(UserFactory(admin=True))
        failed = given_up()
        done = given_up(failed_at=None, done_at=timezone.now())

        client.post(
            reverse("admin:core_outboxevent_changelist"),
            {
                "action": "run_selected_again",
                "_selected_action": [failed.pk, done.pk],
            },
        )

        failed.refresh_from_db()
        done.refresh_from_db()
        assert (failed.failed_at, failed.attempts) == (None, 0)
        assert done.attempts == 12

    def test_lists_what_was_given_up(self, client):
        client.force_login(UserFactory(admin=True))
        given_up(error="the server is away")
        given_up(failed_at=None, done_at=timezone.now(), error="long over")

        page = client.get(
            reverse("admin:core_outboxevent_changelist"), {"state": "failed"}
        ).content.decode()

        assert "the server is away" in page
        assert "long over" not in page


class TestCappedPaginator:
    def test_counts_no_further_than_anybody_turns_pages(self, monkeypatch):
        monkeypatch.setattr("helpdesk.core.admin_tables.MOST_ROWS", 2)
        for _ in range(3):
            given_up()

        assert CappedPaginator(OutboxEvent.objects.order_by("id"), 50).count == 2
