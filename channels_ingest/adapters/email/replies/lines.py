"""Tell for each line of a mail body what it is."""

import re
import unicodedata
from collections.abc import Sequence

from channels_ingest.adapters.email.replies import attributions, markers, signatures
from channels_ingest.adapters.email.replies.headers import find_block
from channels_ingest.adapters.email.replies.kinds import MARKERS, QUOTES, Kind

LONGEST_LINE = 1000
"""Characters; no line that marks anything is longer."""
MOST_CANDIDATES = 1_000
"""Lines looked at as ends of attributions, from the top."""
SHORT_SIGNATURE = 20
SHORT_LIST_FOOTER = 12

# Marks of writing direction and zero-width characters.
_INVISIBLE = dict.fromkeys(
    [
        *(0x200B, 0x200C, 0x200E, 0x200F, 0xFEFF, 0xAD, 0x61C),
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
    ]
)
_SPACES = dict.fromkeys([0xA0, 0x2007, 0x202F, 0x3000], " ")
_TRANSLATION = {**_INVISIBLE, **_SPACES}

_QUOTE = re.compile(r"\s{0,3}[A-Z]{0,3}>(?!From )")
_LINK_OPEN = re.compile(r"[<(]\s?https?://[^\s>)]{0,500}$|https?://\S{30,500}$")
_FENCE = "```"


def cleaned(text: str) -> str:
    """Return text without invisible characters; its lines stay the same."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", text.translate(_TRANSLATION))


def classify(lines: Sequence[str], quoted: Sequence[bool] | None = None) -> list[Kind]:
    """Return the kind of each line.

    :param quoted: which lines the HTML says are quoted, besides those with a ">"
    """
    lines = [line if len(line) <= LONGEST_LINE else line[:80] for line in lines]
    kinds = [_simple_kind(line) for line in lines]
    for position, is_quoted in enumerate(quoted or ()):
        if is_quoted and kinds[position] is not Kind.BLANK:
            kinds[position] = Kind.QUOTE
    _mark_code(lines, kinds)
    _mark_broken_links(lines, kinds)
    _mark_attributions(lines, kinds)
    _mark_quoted_attributions(lines, kinds)
    _mark_headers(lines, kinds)
    _mark_footers(lines, kinds)
    _mark_signatures(lines, kinds)
    return kinds


def _simple_kind(line: str) -> Kind:
    bare = line.strip()
    if not bare:
        return Kind.BLANK
    if _QUOTE.match(line):
        return Kind.QUOTE
    if (
        bare[0] in "-_*=#~<|\u2500\u2501\u2014\u2013.+\u2022"
        or bare[-1] in ":-=*\uff1a#"
    ):
        return _marked_kind(line)
    if bare[-4:].casefold() == "line" or bare[-1] in "\u3002.":
        return Kind.REPLY_ABOVE if markers.is_reply_above(line) else Kind.TEXT
    return Kind.TEXT


def _marked_kind(line: str) -> Kind:
    if markers.is_rule(line) or signatures.is_dashes(line):
        return Kind.RULE
    if markers.is_forward(line):
        return Kind.FORWARD
    if markers.is_separator(line):
        return Kind.SEPARATOR
    if attributions.is_dashed(line):
        return Kind.ATTRIBUTION
    if markers.is_reply_above(line):
        return Kind.REPLY_ABOVE
    return Kind.TEXT


def _mark_code(lines: Sequence[str], kinds: list[Kind]) -> None:
    """Treat what stands between two fences as text, whatever it looks like."""
    fences = [i for i, line in enumerate(lines) if line.startswith(_FENCE)]
    for first, last in zip(fences[::2], fences[1::2], strict=False):
        kinds[first : last + 1] = [Kind.TEXT] * (last + 1 - first)


def _mark_broken_links(lines: Sequence[str], kinds: list[Kind]) -> None:
    """Rejoin a quoted link that was wrapped without its ">"."""
    for i in range(1, len(lines) - 1):
        if (
            kinds[i] is Kind.TEXT
            and kinds[i - 1] is Kind.QUOTE
            and kinds[i + 1] is Kind.QUOTE
            and " " not in lines[i].strip()
            and _LINK_OPEN.search(lines[i - 1].rstrip())
        ):
            kinds[i] = Kind.QUOTE


def _mark_attributions(lines: Sequence[str], kinds: list[Kind]) -> None:
    ends = [i for i in range(len(lines)) if _may_end_attribution(lines, kinds, i)]
    candidates = frozenset(ends[:MOST_CANDIDATES])
    before_quote = False
    for i in range(len(lines) - 1, -1, -1):
        if kinds[i] is Kind.BLANK:
            continue
        # What a longer attribution took is no candidate any more.
        if i in candidates and kinds[i] is not Kind.ATTRIBUTION:
            _mark_attribution(lines, kinds, i, before_quote=before_quote)
        before_quote = kinds[i] in QUOTES or lines[i].startswith("|")


def _may_end_attribution(lines: Sequence[str], kinds: list[Kind], i: int) -> bool:
    if kinds[i] is Kind.TEXT:
        return attributions.ends_like_one(lines[i]) or lines[i][:1].isdigit()
    if kinds[i] is not Kind.QUOTE or len(lines[i]) > 60 or not i:
        return False
    # An address was wrapped before its closing bracket.
    return kinds[i - 1] is Kind.TEXT and attributions.ends_like_one(lines[i])


def _mark_attribution(
    lines: Sequence[str], kinds: list[Kind], end: int, *, before_quote: bool
) -> None:
    start: int | None = None
    if attributions.is_dated_name(lines[end], before_quote=before_quote):
        start = end
    elif attributions.ends_like_one(lines[end]):
        start = attributions.start_of(lines, end, before_quote=before_quote)
    if start is not None:
        kinds[start : end + 1] = [Kind.ATTRIBUTION] * (end + 1 - start)


def _mark_quoted_attributions(lines: Sequence[str], kinds: list[Kind]) -> None:
    """Look for an attribution at the head of each run of quoted lines."""
    for i, kind in enumerate(kinds):
        if kind is not Kind.QUOTE or (i and kinds[i - 1] in QUOTES):
            continue
        head = [line.lstrip("> \t") for line in lines[i : i + 4]]
        for end in range(len(head)):
            if attributions.ends_like_one(head[end]):
                if attributions.is_attribution(" ".join(head[: end + 1])):
                    kinds[i] = Kind.QUOTED_ATTRIBUTION
                break


def _mark_headers(lines: Sequence[str], kinds: list[Kind]) -> None:
    i = 0
    while i < len(lines):
        block = find_block(lines, i) if kinds[i] in _MAY_BE_HEADER else None
        if block is None:
            i += 1
            continue
        if block.is_convincing:
            kinds[block.start : block.end] = [Kind.HEADER] * (block.end - block.start)
            _mark_forward(lines, kinds, block.start)
        i = block.end


def _mark_forward(lines: Sequence[str], kinds: list[Kind], header: int) -> None:
    """Look above a header for words such as "Begin forwarded message:"."""
    for i in range(header - 1, max(-1, header - 4), -1):
        if kinds[i] is not Kind.BLANK:
            if markers.may_be_forward(lines[i]):
                kinds[i] = Kind.FORWARD
            return


_MAY_BE_HEADER = frozenset({Kind.TEXT})


def _mark_footers(lines: Sequence[str], kinds: list[Kind]) -> None:
    # Most mail has none: one look at all of it spares one at each line.
    if not signatures.may_hold_footer("\n".join(lines)):
        return
    for i, kind in enumerate(kinds):
        if (
            kind is Kind.TEXT
            and signatures.may_hold_footer(lines[i])
            and signatures.is_footer(lines[i], stands_alone=_stands_alone(kinds, i))
        ):
            kinds[i] = Kind.FOOTER
    if Kind.FOOTER in kinds:
        _mark_faint_footers(lines, kinds)


def _mark_faint_footers(lines: Sequence[str], kinds: list[Kind]) -> None:
    for i, kind in enumerate(kinds):
        if kind is Kind.TEXT and signatures.is_faint_footer(lines[i]):
            beside = kinds[max(0, i - 2) : i] + kinds[i + 1 : i + 3]
            if Kind.FOOTER in beside:
                kinds[i] = Kind.FOOTER


def _stands_alone(kinds: list[Kind], i: int) -> bool:
    beside = kinds[max(0, i - 1) : i] + kinds[i + 1 : i + 2]
    return Kind.TEXT not in beside


def _mark_signatures(lines: Sequence[str], kinds: list[Kind]) -> None:
    i = 0
    has_content = False
    while i < len(lines):
        end = _end_of_signature(lines, kinds, i) if has_content else None
        if end is not None:
            kinds[i:end] = [Kind.SIGNATURE] * (end - i)
            i = end
            continue
        has_content = has_content or kinds[i] in _CONTENT
        i += 1
    _mark_sign_off(lines, kinds)


_CONTENT = QUOTES | {Kind.TEXT}
_ENDS_SIGNATURE = MARKERS | QUOTES


def _end_of_signature(lines: Sequence[str], kinds: list[Kind], i: int) -> int | None:
    line = lines[i]
    if kinds[i] is Kind.RULE and signatures.is_dashes(line):
        limit = len(lines) if line.startswith("-- ") else SHORT_SIGNATURE
        return _end_of_region(kinds, i, limit=limit)
    if kinds[i] is Kind.RULE and line.strip().startswith("_____"):
        end = _end_of_region(kinds, i, limit=SHORT_LIST_FOOTER)
        return end if end == len(lines) else None
    return None


def _end_of_region(kinds: list[Kind], start: int, *, limit: int) -> int | None:
    size = 0
    for i in range(start, len(kinds)):
        if kinds[i] in _ENDS_SIGNATURE:
            return i
        size += kinds[i] is Kind.TEXT
        if size > limit:
            return None
    return len(kinds)


def _mark_sign_off(lines: Sequence[str], kinds: list[Kind]) -> None:
    """Mark "-Maya" where it is the last thing that is said."""
    for i in range(len(lines) - 1, 0, -1):
        if kinds[i] is Kind.TEXT:
            before = next((k for k in reversed(kinds[max(0, i - 2) : i])), None)
            if before is Kind.BLANK and signatures.is_name_after_hyphen(lines[i]):
                kinds[i] = Kind.SIGNATURE
            return
