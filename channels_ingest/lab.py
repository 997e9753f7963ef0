"""The mail lab: how a mail is read, whom it matches and where it would go."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from channels_ingest.accounts import account_of
from channels_ingest.base import RawInput
from channels_ingest.fingerprint import mail_key
from channels_ingest.queries import Explanation, explain
from channels_ingest.reading_pool import ReadingPool
from inbox.contract import Ignored, InboundEvent, InboundMessage, Receipt
from inbox.models import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class LabReport:
    """Everything there is to say about one mail; nothing of it is stored."""

    report: dict[str, Any]
    events: tuple[InboundEvent, ...]
    explanation: Explanation | None
    trouble: str = ""
    """Why it could not be read; empty if it could."""
    traceback: str = ""

    @property
    def message(self) -> InboundMessage | None:
        for event in self.events:
            if isinstance(event, InboundMessage):
                return event
            if isinstance(event, Receipt) and event.otherwise is not None:
                return event.otherwise
        return None

    @property
    def ignored(self) -> str:
        reasons = [each.reason for each in self.events if isinstance(each, Ignored)]
        return reasons[0] if reasons else ""

    @property
    def receipts(self) -> list[Receipt]:
        return [event for event in self.events if isinstance(event, Receipt)]

    def as_json(self) -> dict[str, Any]:
        """Return it all as plain values, files by their size only."""
        return {
            "trouble": self.trouble,
            "ignored": self.ignored,
            "read_as": self.report,
            "message": _message(self.message) if self.message else None,
            "receipts": [_without_fallback(receipt) for receipt in self.receipts],
            "placement": asdict(self.explanation) if self.explanation else None,
        }


def look_into(
    raw: bytes, *, channel: Channel, pool: ReadingPool, now: datetime
) -> LabReport:
    """Read a mail as `channel` would, and say what would become of it."""
    asked = RawInput(
        raw=raw,
        source="import",
        headers={"rcpt_to": [channel.address]},
        external_id=mail_key(raw),
        received_at=now,
    )
    outcome = pool.examine(account_of(channel), asked)
    found = LabReport(
        report=json.loads(outcome.report) if outcome.report else {},
        events=outcome.events,
        explanation=None,
        trouble=outcome.reason,
        traceback=outcome.traceback,
    )
    if found.message is None:
        return found
    return LabReport(
        report=found.report,
        events=found.events,
        explanation=explain(found.message, channel=channel, now=now),
        trouble=found.trouble,
        traceback=found.traceback,
    )


def _message(message: InboundMessage) -> dict[str, Any]:
    shown = asdict(message)
    shown["sent_at"] = message.sent_at.isoformat()
    shown["attachments"] = [
        {
            "name": each.name,
            "content_type": each.content_type,
            "size": len(each.content),
            "is_inline": each.is_inline,
        }
        for each in message.attachments
    ]
    return shown


def _without_fallback(receipt: Receipt) -> dict[str, Any]:
    shown = {
        name: getattr(receipt, name)
        for name in Receipt.__slots__
        if name not in ("otherwise", "occurred_at")
    }
    shown["occurred_at"] = str(receipt.occurred_at) if receipt.occurred_at else None
    return shown
