"""Read a delivery report into a `Bounce`."""

import re
from collections.abc import Iterable, Sequence
from email import message_from_bytes
from email.message import Message
from email.parser import BytesHeaderParser

from channels_ingest.adapters.email.bounces.addresses import (
    addresses_in,
    clean_address,
    distinct,
)
from channels_ingest.adapters.email.bounces.bounce import (
    Action,
    Bounce,
    BouncedRecipient,
)
from channels_ingest.adapters.email.bounces.delivery_status import (
    StatusBlock,
    read_blocks,
    recipients_of,
)
from channels_ingest.adapters.email.bounces.evidence import (
    is_delivery_report,
    may_be_delivery_report,
)
from channels_ingest.adapters.email.bounces.explaining import explain, find_status
from channels_ingest.adapters.email.bounces.first_look import is_surely_no_report
from channels_ingest.adapters.email.bounces.known_forms import find_by_known_form
from channels_ingest.adapters.email.bounces.prose import (
    choose_addresses,
    find_mentions,
    surely_meant,
    without_passing_mentions,
    words_about,
    words_around,
)
from channels_ingest.adapters.email.bounces.reasons import UNKNOWN, Reason
from channels_ingest.adapters.email.bounces.report_text import (
    Report,
    decoded_header,
    take_apart,
)

_STILL_TRYING = re.compile(
    r"not yet been delivered|has been delayed|delivery (?:is )?delayed|warning|"
    r"(?:keep|continue|still)[^.\n]{0,30}(?:try|attempt)|will (?:be )?(?:continue|retr|"
    r"keep|try)|do not need to (?:resend|do)|no action is required|\bdelay\b|"
    r"temporarily deferred|attempts will",
    re.IGNORECASE,
)
_MOST_HEADER_BYTES = 200_000
_END_OF_HEADERS = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_MOST_BYTES = 1_000_000
_ARRIVAL_HEADERS = (
    "Delivered-To",
    "X-Original-To",
    "Envelope-To",
    "To",
    "Apparently-To",
)
_REPORT_FOR = re.compile(r"\bfor <?([^\s<>;]{1,300}@[^\s<>;]{1,255})>?", re.IGNORECASE)


def read_bounce(source: bytes | Message) -> Bounce | None:
    """Read a delivery report; `None` if the message is none, or nobody failed.

    Complaints (ARF), read receipts, vacation notices and reports of success are no
    bounces. Takes time in proportion to the size of the message.
    """
    message = _open(source) if isinstance(source, bytes) else source
    if message is None or not may_be_delivery_report(message):
        return None
    report = take_apart(message)
    if not is_delivery_report(message, report):
        return None
    blocks = read_blocks(report.fields or report.lines)
    recipients = _recipients(message, report, blocks)
    if not recipients and _all_arrived(blocks):
        return None
    return Bounce(
        recipients=tuple(recipients),
        reason=_sentence(recipients[0]) if recipients else UNKNOWN.sentence,
        original_message_id=_first_value(report, "message-id"),
        original_envelope_id=_envelope_id(blocks),
        original_headers=report.original_headers,
        delivered_to=_delivered_to(message),
    )


def _open(raw: bytes) -> Message | None:
    """Read a mail that may be a report, and of that as much as reports have to say.

    The headers tell most mail apart before its body is looked at.
    """
    end = _END_OF_HEADERS.search(raw, 0, _MOST_HEADER_BYTES)
    head = raw[: end.end() if end else _MOST_HEADER_BYTES]
    if is_surely_no_report(head):
        return None
    if not may_be_delivery_report(BytesHeaderParser().parsebytes(head)):
        return None
    try:
        return message_from_bytes(raw[:_MOST_BYTES])
    except RecursionError:  # parts in parts in parts, as no mail server writes them
        return None


def _sentence(recipient: BouncedRecipient) -> str:
    reason = recipient.reason
    return reason.sentence if recipient.is_permanent else reason.delayed_sentence


def _first_value(report: Report, name: str) -> str:
    values = (value for key, value in report.original_headers if key.lower() == name)
    return next(values, "")


def _envelope_id(blocks: Iterable[StatusBlock]) -> str:
    return next(
        (value for b in blocks if (value := b.fields.get("original-envelope-id"))), ""
    )


def _delivered_to(message: Message) -> tuple[str, ...]:
    found: list[str] = []
    for name in _ARRIVAL_HEADERS:
        for value in message.get_all(name, [])[:20]:
            found += addresses_in(str(value)[:2000])
    return tuple(distinct(found))


def _recipients(
    message: Message, report: Report, blocks: Sequence[StatusBlock]
) -> list[BouncedRecipient]:
    """Ask the sources in order of their precision; the first that knows is believed."""
    stated = recipients_of(blocks)
    if stated:
        return _without_repetition(_from_block(report, block) for block in stated)
    if any(block.names_an_address for block in blocks):
        return []  # delivered, or an address that has been made unreadable
    lines = without_passing_mentions(report.lines)
    delayed, failed = find_by_known_form(message, lines)
    if failed and not delayed:
        failed = _with_others(failed, _surely_named(message, report, lines))
    if not (delayed or failed):
        found = (
            _named_in_words(message, report, lines)
            or _named_in_words(message, report, report.lines)
            or _last_resort(message, report)
        )
        trying = bool(_STILL_TRYING.search(_opening(report)))
        delayed, failed = (found, []) if trying else ([], found)
    return [
        *(_from_words(report, address, "failed") for address in failed),
        *(_from_words(report, address, "delayed") for address in delayed),
    ]


def _all_arrived(blocks: Sequence[StatusBlock]) -> bool:
    about = [block for block in blocks if block.is_about_a_recipient]
    return bool(about) and all(block.outcome == "delivered" for block in about)


def _opening(report: Report) -> str:
    return "\n".join([report.subject, *report.lines[:40]])


def _named_in_words(
    message: Message, report: Report, lines: Sequence[str]
) -> list[str]:
    ours = _not_failed(message, report)
    found = choose_addresses(find_mentions(lines, not_about=ours))
    # Whoever writes to themselves is told so by a report to themselves.
    return found or surely_meant(find_mentions(lines, not_about=()))


def _with_others(failed: list[str], named: list[str]) -> list[str]:
    """The forms of some servers are recognized up to the first recipient only."""
    both = {address.lower() for address in failed}
    if both.isdisjoint(address.lower() for address in named):
        return failed
    return distinct([*failed, *named])


def _surely_named(message: Message, report: Report, lines: Sequence[str]) -> list[str]:
    ours = _not_failed(message, report)
    return surely_meant(find_mentions(lines, not_about=ours))


def _not_failed(message: Message, report: Report) -> list[str]:
    """Who wrote the message, and who reports."""
    reporter = clean_address(decoded_header(message, "From"))
    author = addresses_in(_first_value(report, "from"))
    path = addresses_in(_first_value(report, "return-path"))
    return [*_delivered_to(message), reporter, *author, *path]


def _last_resort(message: Message, report: Report) -> list[str]:
    """A report without any address of its own: whom was the message meant for?"""
    named = addresses_in(str(message.get("X-Failed-Recipients", ""))[:2000])
    if named or _first_value(report, "list-id"):
        return distinct(named)  # a list's address is nobody's in particular
    for name in ("x-original-to", "to"):
        named = named or addresses_in(_first_value(report, name))
    if not named:
        received = _first_value(report, "received")
        named = [
            clean_address(found.group(1)) for found in _REPORT_FOR.finditer(received)
        ]
    return distinct(address for address in named if address)


def _without_repetition(
    recipients: Iterable[BouncedRecipient],
) -> list[BouncedRecipient]:
    kept: dict[str, BouncedRecipient] = {}
    for recipient in recipients:
        kept.setdefault(recipient.address.lower(), recipient)
    return list(kept.values())


def _from_block(report: Report, block: StatusBlock) -> BouncedRecipient:
    action: Action = "delayed" if block.outcome == "delayed" else "failed"
    final = block.final_address
    return BouncedRecipient(
        address=block.address,
        action=action,
        status=block.status or find_status(block.diagnostic),
        diagnostic=block.diagnostic,
        remote_mta=block.remote_mta,
        final_address=final if final.lower() != block.address.lower() else "",
        reason=_reason(report, block.address, block.status, block.diagnostic),
    )


def _from_words(report: Report, address: str, action: Action) -> BouncedRecipient:
    words = words_about(report.lines, address)
    status = find_status(words)
    return BouncedRecipient(
        address=address,
        action=action,
        status=status,
        diagnostic=words,
        reason=_reason(report, address, status, words),
    )


def _reason(report: Report, address: str, status: str, diagnostic: str) -> Reason:
    """Ask the fields first, then the words near the address."""
    reason = explain(status=status, diagnostic=diagnostic)
    for words_for in (words_about, words_around):
        if reason is not UNKNOWN:
            break
        reason = explain(status=status, diagnostic=words_for(report.lines, address))
    return (
        explain(status="", diagnostic=_opening(report)) if reason is UNKNOWN else reason
    )
