"""Read the machine-readable fields of a delivery report (RFC 3464)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from channels_ingest.adapters.email.bounces.addresses import clean_address
from channels_ingest.adapters.email.bounces.explaining import (
    find_reply_code,
    find_status,
)

_FIELD = re.compile(r"^\s{0,8}([A-Za-z][A-Za-z-]{2,40})\s{0,4}:[ \t]*(.*)$")
_RECIPIENT_FIELDS = ("original-recipient", "final-recipient", "x-actual-recipient")
_FIELDS = frozenset(
    (
        *_RECIPIENT_FIELDS,
        *("action", "status", "diagnostic-code", "remote-mta", "reporting-mta"),
        *(
            "original-envelope-id",
            "arrival-date",
            "last-attempt-date",
            "received-from-mta",
        ),
        *(
            "x-display-name",
            "x-postfix-queue-id",
            "x-postfix-sender",
            "will-retry-until",
        ),
        *("final-log-id", "dsn-gateway", "x-supplementary-info", "x-mailer"),
    )
)
_ESCAPED = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")
_MOST_RECIPIENTS = 1000

Outcome = Literal["failed", "delayed", "delivered", ""]


@dataclass(slots=True)
class StatusBlock:
    """The fields about one recipient, by lower-case name."""

    fields: dict[str, str] = field(default_factory=dict)

    @property
    def original_address(self) -> str:
        return _address(self.fields.get("original-recipient", ""))

    @property
    def final_address(self) -> str:
        actual = _address(self.fields.get("x-actual-recipient", ""))
        return _address(self.fields.get("final-recipient", "")) or actual

    @property
    def address(self) -> str:
        """Whom we wrote to, if the report knows it, else where that led."""
        return self.original_address or self.final_address

    @property
    def is_about_a_recipient(self) -> bool:
        return any(name in self.fields for name in _RECIPIENT_FIELDS)

    @property
    def names_an_address(self) -> bool:
        """An address stands here, even if it is one that cannot be written to."""
        values = (self.fields.get(name, "") for name in _RECIPIENT_FIELDS)
        return any(re.search(r"[\w.]@\w", value) for value in values)

    @property
    def status(self) -> str:
        found = re.search(r"\b[245]\.\d{1,3}\.\d{1,3}\b", self.fields.get("status", ""))
        return found.group() if found else ""

    @property
    def diagnostic(self) -> str:
        kind, semicolon, words = self.fields.get("diagnostic-code", "").partition(";")
        return words.strip() if semicolon and " " not in kind.strip() else kind + words

    @property
    def remote_mta(self) -> str:
        value = self.fields.get("remote-mta", "")
        return (value.partition(";")[2] or value).strip().rstrip(".")

    @property
    def outcome(self) -> Outcome:
        action = self.fields.get("action", "").lower().lstrip(" (\"'")
        if action.startswith(("fail", "error", "expired", "undeliver", "reject")):
            return "failed"
        if action.startswith(("delayed", "warn", "deferred", "retry")):
            return "delayed"
        if action.startswith(("deliver", "relay", "expand")):
            return "delivered"
        status = self.status or find_status(self.diagnostic)
        return _outcome_of_code(status or find_reply_code(self.diagnostic))


def _outcome_of_code(code: str) -> Outcome:
    outcomes: dict[str, Outcome] = {"2": "delivered", "4": "delayed", "5": "failed"}
    return outcomes.get(code[:1], "")


def _address(value: str) -> str:
    kind, _, rest = value.partition(";")
    value = rest or kind
    if kind.strip().lower() in ("x400", "system", "ms-exchange-org"):
        return ""
    return clean_address(_ESCAPED.sub(_unescaped, value[:1000]))


def _unescaped(found: re.Match[str]) -> str:
    code = int(found.group(1), 16)
    return chr(code) if 0x20 < code < 0x110000 and not 0xD800 <= code < 0xE000 else ""


def read_blocks(lines: Iterable[str]) -> list[StatusBlock]:
    """Group `lines` into blocks; whatever is no known field is passed over."""
    blocks = [StatusBlock()]
    name, after_blank = "", False
    for line in lines:
        if not line.strip():
            name, after_blank = "", True
            continue
        if name and line[0] in " \t" and not _FIELD.match(line.strip()):
            _continue_field(blocks[-1], name, line)
            continue
        name, value = _known_field(line)
        if not name:
            continue
        if _starts_a_block(blocks[-1], name, after_blank=after_blank):
            if len(blocks) >= _MOST_RECIPIENTS:
                break
            blocks.append(StatusBlock())
        blocks[-1].fields.setdefault(name, value)
        after_blank = False
    return blocks


def _known_field(line: str) -> tuple[str, str]:
    found = _FIELD.match(line)
    name = found.group(1).lower() if found else ""
    return (name, found.group(2).strip()) if found and name in _FIELDS else ("", "")


def _continue_field(block: StatusBlock, name: str, line: str) -> None:
    so_far = block.fields.get(name, "")
    if len(so_far) < 4000:
        block.fields[name] = f"{so_far} {line.strip()}".strip()


def _starts_a_block(block: StatusBlock, name: str, *, after_blank: bool) -> bool:
    """A recipient begins after a blank line, or where a field comes again.

    Some servers put blank lines inside of a recipient's fields: the new block needs
    a field which the one before has already.
    """
    if name in block.fields:
        return True
    if not after_blank or not block.fields:
        return False
    return name in _RECIPIENT_FIELDS or not block.is_about_a_recipient


def recipients_of(blocks: Iterable[StatusBlock]) -> list[StatusBlock]:
    """The blocks that name somebody whom the message has not reached."""
    return [
        block
        for block in blocks
        if block.is_about_a_recipient and block.address and block.outcome != "delivered"
    ]
