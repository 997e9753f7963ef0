"""Lines such as "On 5 May 2026, Maya wrote:", in every language and wrapped."""

import re
from collections.abc import Iterable, Sequence

from channels_ingest.adapters.email.replies import words

MOST_LINES = 6
LONGEST = 600
LONGEST_ENDING = 60
"""Characters; the verb and what may stand between it and the colon."""
LONGEST_ENDING_WITH_NAME = 250
LONGEST_DATE = 45

_ADDRESS = re.compile(r"[^\s@<>()\[\]\"]@[^\s@<>()\[\]\"]+\.")
_ADDRESS_AT_END = re.compile(r"[<(\[]?[^\s@<>]+@[^\s@<>]+[>)\]]+\s?:?\s*$")
_DATE = re.compile(
    r"\b\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|(?<!\d)(?:19|20)\d\d(?!\d)"
    r"|(?<!\d)\d{1,2}[:.h]\d\d(?!\d)|\d\s?[\u5e74\u6708\u65e5\ub144\uc6d4\uc77c]"
    r"|[\u0660-\u0669\u06f0-\u06f9]{1,4}"
)
_TIME = re.compile(
    r"(?<!\d)\d{1,2}\s?[:.h\u6642\u65f6]\s?\d\d(?!\d)"
    r"|[\u0660-\u0669\u06f0-\u06f9]{1,2}:[\u0660-\u0669\u06f0-\u06f9]{2}"
)
_NUMERIC_DATE_FIRST = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b")
_BRACKET = re.compile(r"[<(\[]")
_SENTENCE_END = re.compile(r"[.!?]\s")
_DIGIT = re.compile(r"\d")
_EVIDENCE = re.compile(r"[\d@]")
_GMT = re.compile(r"\bGMT[+-]\d{1,2}:?\d\d:?\s+\S")
_FIRST_WORD = re.compile(r"[^\W\d_]+['\u2019]?[^\W\d_]*")
_DASHED = re.compile(r"\s*-{2,}[^-].{2,300}?-{2,}\s*$")
_OPENING = " \t*_>-\"'\u201c\u00ab|[("
_CLOSING = " \t*_-\u00a0|\"'"
_COLONS = (":", "\uff1a", ";")


def _alternatives(phrases: Iterable[str]) -> str:
    by_length = sorted(set(phrases), key=len, reverse=True)
    return "|".join(re.escape(phrase) for phrase in by_length)


_WROTE_LAST = re.compile(
    rf"(?<!\w)(?:{_alternatives(words.WROTE_LAST)})(?!\w)"
    rf"|(?:{_alternatives(words.WROTE_UNSPACED)})",
    re.IGNORECASE,
)
_WROTE_FIRST = re.compile(
    rf"(?<!\w)(?:{_alternatives(words.WROTE_FIRST)})(?!\w)", re.IGNORECASE
)
_WROTE = re.compile(
    rf"(?<!\w)(?:{_alternatives(words.WROTE_LAST + words.WROTE_FIRST)})(?!\w)",
    re.IGNORECASE,
)
_QUOTING = re.compile(rf"(?:{_alternatives(words.QUOTING)})\b", re.IGNORECASE)
_DATE_WORDS = {word.casefold() for word in words.STARTERS | words.WEEKDAYS_AND_MONTHS}
_INLINE_START = re.compile(
    r"(?<=\s)(?:On|Le|El|Il|Em|Op|Am|Den|Dne|Dnia)\s(?=[^\n]{0,12}\d)"
)


def ends_like_one(line: str) -> bool:
    """Tell cheaply whether an attribution may end with this line."""
    return line.rstrip(_CLOSING).endswith(_COLONS)


def start_of(lines: Sequence[str], end: int, *, before_quote: bool) -> int | None:
    """Return the first line of the attribution that ends with a line.

    :param before_quote: quoted lines follow, so less proof is asked for
    """
    if not before_quote and not _has_evidence(lines, end):
        return None
    spans = list(_joined_back_from(lines, end))
    reach = _reach_of_wrote(_body(spans[-1][1]))
    for start, joined in spans:
        if _is_dated(_body(joined), reach=reach):
            return start
    for start, joined in spans:
        if _names_a_writer(joined, reach=reach, before_quote=before_quote):
            return start
    return end if _is_writer_then_date(lines[end]) else None


def _has_evidence(lines: Sequence[str], end: int) -> bool:
    """Tell whether a digit or an address is near, without which there is no proof."""
    near = lines[max(0, end - MOST_LINES) : end + 1]
    return any(_EVIDENCE.search(line) for line in near)


def _joined_back_from(lines: Sequence[str], end: int) -> Iterable[tuple[int, str]]:
    joined = lines[end].strip()
    yield end, joined
    for start in range(end - 1, max(-1, end - MOST_LINES), -1):
        line = lines[start].strip()
        if not line and not joined.startswith("<"):
            return
        if line.startswith(">") and not joined.startswith(">"):
            return
        if len(joined) + len(line) > LONGEST:
            return
        joined = f"{line} {joined}".strip()
        if line:
            yield start, joined


def is_attribution(joined: str) -> bool:
    """Tell whether text with a date says that somebody wrote."""
    body = _body(joined)
    return _is_dated(body, reach=_reach_of_wrote(body))


def _body(joined: str) -> str:
    return joined.strip(_OPENING).rstrip(_CLOSING)


def _is_dated(body: str, *, reach: int) -> bool:
    if not body.endswith(_COLONS) or len(body) > LONGEST:
        return False
    if not _DATE.search(body):
        return False
    says_wrote = 0 < reach <= len(body)
    is_dated_address = bool(_ADDRESS.search(body) and _TIME.search(body))
    if _starts_with_date(body):
        return says_wrote or is_dated_address
    return says_wrote and is_dated_address


def _starts_with_date(body: str) -> bool:
    if body[:1].isdigit():
        return True
    first = _FIRST_WORD.match(body)
    if not first:
        return False
    word = first[0].casefold()
    has_digits = bool(_DIGIT.search(body, first.end(), first.end() + 60))
    return has_digits and (
        word in _DATE_WORDS or word[:1] in "\u5728\u4e8e\u65bc\u5468\u9031\u661f"
    )


def _reach_of_wrote(body: str) -> int:
    """Return how far from the end the text says that somebody wrote; 0 if nowhere."""
    ending = body[-LONGEST_ENDING:]
    for found in _WROTE_LAST.finditer(ending):
        if _is_closing_phrase(ending[found.end() :]):
            return len(ending) - found.start()
    ending = body[-LONGEST_ENDING_WITH_NAME:]
    for found in _WROTE_FIRST.finditer(ending):
        if _is_name_or_hour(ending[found.end() :]):
            return len(ending) - found.start()
    return 0


def _is_closing_phrase(tail: str) -> bool:
    rest = tail.strip(" :\uff1a;.*_>)\u060c").casefold()
    return not rest or rest in words.AFTER_WROTE


def _is_name_or_hour(tail: str) -> bool:
    if _ADDRESS.search(tail) or _TIME.search(tail):
        return True
    return len(tail) <= 80 and len(tail.split()) <= 6


def _names_a_writer(joined: str, *, reach: int, before_quote: bool) -> bool:
    """Recognize "Maya <maya@example.com> wrote:", which has no date."""
    body = joined.strip(_OPENING[:-2]).rstrip(_CLOSING)
    if not body.endswith(_COLONS) or len(body) > LONGEST:
        return False
    if _QUOTING.match(body):
        return before_quote or bool(_ADDRESS.search(body))
    if not 0 < reach <= len(body):
        return False
    bracket = _BRACKET.search(body)
    named = body[: bracket.start()] if bracket else body
    is_short = len(named.split()) <= 8 and not _SENTENCE_END.search(named[:-1])
    if bracket and _ADDRESS.search(body, bracket.start()):
        return is_short or before_quote
    return before_quote and is_short


def _is_writer_then_date(line: str) -> bool:
    """Recognize "Maya Lindqvist wrote on 05/05/2026 10:00:"."""
    body = _body(line)
    ending = body[-LONGEST_DATE:]
    if len(body) > 100 or not (_TIME.search(ending) and _DATE.search(ending)):
        return False
    found = _WROTE.search(body)
    if found is None or not 0 < len(body[: found.start()].split()) <= 5:
        return False
    date = _TIME.sub("", body[found.end() :])
    return len(_FIRST_WORD.findall(date)) <= 5 and bool(_DATE.search(date))


def is_dashed(line: str) -> bool:
    """Recognize "---- Maya wrote ----"."""
    if not _DASHED.match(line):
        return False
    inner = line.strip(" \t-*:")
    return bool(_reach_of_wrote(inner)) and len(inner.split()) <= 25


def is_dated_name(line: str, *, before_quote: bool) -> bool:
    """Recognize "2026-05-05 10:00 GMT+02:00 Maya <maya@example.com>"."""
    body = line.lstrip(_OPENING).rstrip()
    if not _NUMERIC_DATE_FIRST.match(body) or len(body) > 300:
        return False
    if _GMT.search(body):
        return True
    return before_quote and bool(_ADDRESS_AT_END.search(body))


def inline_start(line: str) -> int | None:
    """Return where an attribution begins that shares its line with a reply."""
    if not ends_like_one(line) or len(line) > LONGEST:
        return None
    for match in _INLINE_START.finditer(line):
        if is_attribution(line[match.start() :]):
            return match.start()
    return None
