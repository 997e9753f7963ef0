import pickle
from datetime import datetime, timedelta, timezone

import pytest

from channels_ingest.reading_child import Outcome, outcome_from, packed, restored
from inbox.contract import (
    Attachment,
    Authentication,
    Ignored,
    InboundMessage,
    Nature,
    Receipt,
    ReceiptStatus,
    Recipient,
    Sender,
    Verdict,
)

MESSAGE = InboundMessage(
    external_id="<1@customer.example>",
    sender=Sender(kind="email", handle="maya@customer.example", name="Maya"),
    text="Where is my parcel?",
    sent_at=datetime(2026, 11, 22, 9, 30, tzinfo=timezone(timedelta(hours=2))),
    recipients=(Recipient(handle="help@shop.example"),),
    attachments=(Attachment(name="a.bin", content_type="a/b", content=b"\0\xff"),),
    nature=Nature.LIST,
    authentication=Authentication(verdict=Verdict.PASS, spf="pass"),
)
RECEIPT = Receipt(
    status=ReceiptStatus.BOUNCED, message_keys=("1@shop.example",), otherwise=MESSAGE
)


class Calling:
    """Pickles to a call with these arguments."""

    def __init__(self, *call):
        self.call = call

    def __reduce__(self):
        return self.call[0], self.call[1:]


class TestPacked:
    @pytest.mark.parametrize(
        "outcome",
        [
            Outcome(events=(MESSAGE, RECEIPT, Ignored(reason="nothing in it"))),
            Outcome(reason="It failed.", traceback="line 1", is_final=True),
            Outcome(report='{"kind": "person"}'),
        ],
    )
    def test_comes_out_as_it_went_in(self, outcome):
        assert outcome_from(packed(outcome)) == outcome

    def test_keeps_the_members_of_enums(self):
        message, receipt = outcome_from(
            packed(Outcome(events=(MESSAGE, RECEIPT)))
        ).events

        assert message.nature is Nature.LIST
        assert receipt.status is ReceiptStatus.BOUNCED
        assert receipt.otherwise.authentication.verdict is Verdict.PASS


class AsOldPythonWritesIt:
    """Pickles to what Python 3.11.2 writes for a member of an enum."""

    def __init__(self, kind, name):
        self.kind, self.name = kind, name

    def __reduce__(self):
        return getattr, (self.kind, self.name)


class TestOutcomeFrom:
    def test_takes_enums_as_an_older_python_writes_them(self):
        written = pickle.dumps(
            Outcome(reason=AsOldPythonWritesIt(Nature, Nature.PERSON.name))
        )

        assert outcome_from(written).reason is Nature.PERSON

    def test_reaches_nothing_else_that_way(self):
        written = pickle.dumps(Outcome(reason=AsOldPythonWritesIt(Outcome, "__init__")))

        with pytest.raises(pickle.UnpicklingError):
            outcome_from(written)

    def test_takes_nothing_that_could_run(self):
        with pytest.raises(pickle.UnpicklingError):
            outcome_from(pickle.dumps(print))

    @pytest.mark.parametrize("kind", [Nature, timezone])
    def test_restores_nothing_but_parts_of_an_outcome(self, kind):
        with pytest.raises(pickle.UnpicklingError):
            outcome_from(pickle.dumps(Calling(restored, kind, ("person",))))
