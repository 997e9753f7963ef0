import pytest

from inbox.queries.writing import correspondence_of, parts_in
from tests.factories.inbox import ConversationFactory, TimelineItemFactory

pytestmark = pytest.mark.django_db

SAM = {"name": "Sam", "handle": "sam@people.example"}


@pytest.fixture
def conversation():
    return ConversationFactory()


def correspondence(conversation):
    return correspondence_of(conversation, parts=parts_in(conversation))


class TestCorrespondenceOf:
    def test_knows_whom_we_wrote_to_last(self, conversation):
        TimelineItemFactory(conversation=conversation, outbound=True, detail__cc=[SAM])

        last = correspondence(conversation).last_outbound

        assert last is not None
        assert last.cc == [SAM]

    @pytest.mark.parametrize("payload", [{"mode": "forward"}, {"automatic": True}])
    def test_leaves_out_what_was_no_answer(self, conversation, payload):
        TimelineItemFactory(conversation=conversation, outbound=True, payload=payload)

        assert correspondence(conversation).last_outbound is None

    def test_keeps_an_answer_to_all(self, conversation):
        TimelineItemFactory(
            conversation=conversation,
            outbound=True,
            payload={"mode": "reply_all"},
            detail__cc=[SAM],
        )

        last = correspondence(conversation).last_outbound

        assert last is not None
        assert last.cc == [SAM]
