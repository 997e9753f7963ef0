from datetime import timedelta
from random import Random

import pytest
from django.utils import timezone

from channels_ingest.drain import drain_all
from helpdesk.demo.actions import pause_visitors, resume_visitors
from helpdesk.demo.models import DemoState, ReceivedMail
from helpdesk.demo.visitors import MOST_LETTERS, visit
from inbox.models import MessageDetail, TimelineItem

pytestmark = pytest.mark.usefixtures("mail_server")


@pytest.fixture(autouse=True)
def _all_is_answered_and_nobody_paused(told):
    resume_visitors()
    ReceivedMail.objects.update(answered_at=timezone.now())


def visited(now=None):
    return visit(now=now or timezone.now(), random=Random(1))


class TestVisit:
    def test_asks_through_the_public_port(self):
        sent = visited()
        drain_all()

        item = MessageDetail.objects.get(message_id=sent).item
        assert item.conversation.is_unread
        assert item.payload["verdict"] == "pass"
        assert DemoState.objects.get().letters_written == 1

    def test_answers_what_came_from_us_in_its_conversation(self):
        mail = ReceivedMail.objects.filter(
            address="emily.kwan@harborview.example"
        ).latest("id")
        now = mail.received_at + timedelta(hours=1)
        ReceivedMail.objects.filter(pk=mail.pk).update(answered_at=None)

        sent = visited(now)
        drain_all()

        item = MessageDetail.objects.get(message_id=sent).item
        ours = TimelineItem.objects.get(detail__message_id=mail.message_id)
        assert item.conversation_id == ours.conversation_id
        assert item.payload["why"] == "signed"
        mail.refresh_from_db()
        assert mail.answered_at == now

    def test_writes_nothing_while_paused(self):
        pause_visitors()

        assert visited() == ""

    def test_stops_at_the_limit(self):
        DemoState.objects.update(letters_written=MOST_LETTERS)

        assert visited() == ""
