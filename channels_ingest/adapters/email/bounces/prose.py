"""Find out from a report's plain words which addresses it is about.

Mail servers have written this text for forty years, each in its own way. What they
share: the address stands behind a command or label, at the start of a line with the
refusal after it, alone on a line, or in the sentence that says what went wrong.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from channels_ingest.adapters.email.bounces.addresses import addresses_in, distinct
from channels_ingest.adapters.email.bounces.evidence import FAILURE_PHRASE

# Where an alias led, or who else is mentioned in passing.
_IN_PASSING = re.compile(
    r"\(?(?:(?:ultimately )?generated|expanded|redirected|forwarded) from:?\s{1,40}"
    r"(?:<[^<>\n]{1,300}>|[^\s()]{1,300})\)?",
    re.IGNORECASE,
)
_OTHER_PERSON = re.compile(
    r"mail from|^\W*from\b|\bfrom:|\bsender\b|reply-to|return-path|message-?id|"
    r"\b(?:contact|assistance|administrator|help ?desk|questions|write to|support)\b|"
    r"generating server|reporting-mta|received:|\bhelo\b|authenticat|mailto:abuse|"
    r"^\W*(?:cc|subject|date|sent):",
    re.IGNORECASE,
)
_SENT_BY = re.compile(
    r"(?:sent by|written by|\bfrom|sender|contact|send mail to|forward it to)\W*$",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?:rcpt to|(?:final|original|failed|intended|invalid|undeliverable|actual|target|"
    r"rejected|bounced|unknown)[ -](?:\w+ )?(?:recipients?|address|user)|"
    r"recipient(?: address)?|error-for|addressed to|address|undelivered to|"
    r"delivered to|deliver(?:y)? (?:mail |message )?(?:to|for)|"
    r"smtp|message to|mail (?:sent )?to|mail address|user|"
    r"宛先|收件人|destinatario|empf[aä]nger|"
    r"destinataire|получатель)\W{0,4}[:=<\[(\"' ]\W{0,4}$",
    re.IGNORECASE,
)
_REFUSAL_AFTER = re.compile(
    r"^[>\])\"']{0,3}\s*(?:\.\.\.|[:;,\-\u2013(\[]|(?:[45]\d\d|[45]\.\d\.\d)\b|\w+ \w+)"
)
_DECORATION = re.compile(
    r"[\s<>\"'*\u2022\-\u2013:;,.\[\]()|]|smtp:|mailto:|rfc822;?", re.I
)
_MACHINE = re.compile(
    r"^(?:mailer-daemon|postmaster|post_master|abuse)@", re.IGNORECASE
)
_MOST_FOUND = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """An address in the report, and how surely the report is about it."""

    address: str
    rank: int
    line_number: int


LABELLED, LEADING, ALONE, IN_A_FAILURE, ADDRESSEE, ANYWHERE = range(6)
_SURE = frozenset((LABELLED, LEADING, ALONE, IN_A_FAILURE))


def without_passing_mentions(lines: Sequence[str]) -> list[str]:
    """The lines without the addresses that an alias led to or came from."""
    return _IN_PASSING.sub(" ", "\n".join(lines)).split("\n")


def find_mentions(lines: Sequence[str], *, not_about: Iterable[str]) -> list[Mention]:
    """Every address that the report may be about; never one in `not_about`."""
    excluded = {address.lower() for address in not_about}
    mentions: list[Mention] = []
    lead = ""
    for number, line in enumerate(lines):
        introduces_another = bool(_SENT_BY.search(lead))
        lead = line if line.strip() else lead
        if introduces_another:
            continue
        for address in addresses_in(line):
            if address.lower() in excluded or _MACHINE.match(address):
                continue
            rank = _rank(line, address)
            mentions.append(Mention(address=address, rank=rank, line_number=number))
        if len(mentions) >= _MOST_FOUND:
            break
    return mentions


def _rank(line: str, address: str) -> int:
    before, _, after = line.partition(address)
    if _LABEL.search(before[-60:]):
        return LABELLED
    if _OTHER_PERSON.search(before):
        return ANYWHERE
    if re.match(r"^\W*to\W*$", before, re.IGNORECASE):
        return ADDRESSEE
    if not _DECORATION.sub("", before + after.replace(address, "")):
        return ALONE
    if not re.sub(r"[\W_\d]", "", before) and _REFUSAL_AFTER.match(after):
        return LEADING
    return IN_A_FAILURE if FAILURE_PHRASE.search(line) else ANYWHERE


def choose_addresses(mentions: Sequence[Mention]) -> list[str]:
    """The addresses that the report is surely about, else the likeliest ones."""
    if sure := surely_meant(mentions):
        return sure
    for rank in (ADDRESSEE, ANYWHERE):
        likely = [mention.address for mention in mentions if mention.rank == rank]
        if likely:
            return distinct(likely)
    return []


def surely_meant(mentions: Sequence[Mention]) -> list[str]:
    """The addresses at places where only a failed one can stand."""
    return distinct(mention.address for mention in mentions if mention.rank in _SURE)


def words_about(lines: Sequence[str], address: str) -> str:
    """What the report says about `address`: its line, and those that go with it."""
    wanted = address.lower()
    for number, line in enumerate(lines):
        if wanted in line.lower():
            return _joined(_passage(lines, number, wanted))
    return ""


def words_around(lines: Sequence[str], address: str) -> str:
    """The same with what stands above, where some servers put the reason."""
    wanted = address.lower()
    for number, line in enumerate(lines):
        if wanted in line.lower():
            above = lines[max(0, number - 4) : number]
            return _joined([*above, *_passage(lines, number, wanted)])
    return _joined(lines[:60])


def _joined(lines: Sequence[str]) -> str:
    return " ".join(" ".join(lines).split())[:2000]


def _passage(lines: Sequence[str], number: int, wanted: str) -> list[str]:
    """The line and those below it, up to where another address takes its turn."""
    passage = [lines[number]]
    for line in lines[number + 1 : number + 12]:
        others = [each for each in addresses_in(line) if each.lower() != wanted]
        if others and not _OTHER_PERSON.search(line):
            break
        passage.append(line)
    return passage
