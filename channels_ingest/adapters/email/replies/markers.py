"""Single lines by which mail programs set history apart."""

# Words in many scripts.
# ruff: noqa: E501, RUF001

import re
from collections.abc import Iterable

from channels_ingest.adapters.email.replies import words
from channels_ingest.adapters.email.telltales import surely_lacks

LONGEST = 120

_RULE = re.compile(r"\s*[*_~#=+\-\u2014\u2013\u2500\u2501\u2022. ]{2,}\s*$")
_EDGES = " \t*_-=#<>~\u2500\u2501\u2014\u2013|"
_STRONG_EDGE = re.compile(
    r"^\s*\*?[-_=#~\u2500\u2501\u2014]{2,}|[-_=#~\u2500\u2501]{2,}"
)
_REPLY_ABOVE = re.compile(
    r"(?:repl(?:y|ies)|respon[ds]e?|respond|write|type|answer|antwort|antworten|schreiben"
    r"|r[ée]pon[sd]\w*|r[ée]pondre|respuesta|responda|responder|escriba|rispost\w*"
    r"|rispondi|scriv\w+|resposta|antwoord\w*|reageer|svar\w*)"
    r".{0,60}\b(?:above|oberhalb|über|au-dessus|ci-dessus|encima|arriba|acima|sopra|boven"
    r"|ovanför|ovenfor|over)\b",
    re.IGNORECASE,
)
_REPLY_ABOVE_FOREIGN = re.compile(
    r"ответ\w* выше|введите ответ выше|выше этой (?:черты|линии|строки)"
    r"|nad t[ąa] (?:lini|kresk)|請在此行上方|请在此行(?:上方|以上)|この行より上|이 줄 위에"
    r"|bu satırın üst"
)
# One of these is in all that `is_reply_above` recognizes, if in Western letters.
_REPLY_ABOVE_WORDS = (
    *("above", "oberhalb", "über", "dessus", "encima", "arriba", "acima", "sopra"),
    *("boven", "ovanför", "over", "ovenfor", "nad ta", "previous", "in reply to"),
    "history",
)
_PREVIOUS = re.compile(
    r"(?:previous (?:replies|messages?|discussion)|in reply to|conversation history"
    r"|message history)\s*:?$",
    re.IGNORECASE,
)


def is_rule(line: str) -> bool:
    """Recognize a line of nothing but dashes, stars or the like."""
    return bool(_RULE.match(line[:LONGEST])) and not line.strip(
        " *_~#=+-\u2014\u2013\u2500\u2501\u2022."
    )


def is_separator(line: str) -> bool:
    """Recognize "-----Original Message-----" and its translations."""
    inner = _dashed_words(line)
    if inner is None:
        return False
    if inner in {"original", "原始邮件", "原始郵件", "reply", "antwort"}:
        return True
    return _mentions(inner, words.ORIGINAL) and _mentions(inner, words.MESSAGE)


def is_forward(line: str) -> bool:
    """Recognize "---------- Forwarded message ---------" and its translations."""
    inner = _dashed_words(line)
    if inner is None:
        return False
    return _mentions(inner, words.FORWARDED) and len(inner.split()) <= 16


def may_be_forward(line: str) -> bool:
    """Recognize "Begin forwarded message:"; a header below it makes it certain."""
    bare = line.strip(_EDGES)
    if len(bare) > LONGEST or not bare.endswith((":", "\uff1a")):
        return False
    return len(bare.split()) <= 8 and _mentions(_folded(bare), words.FORWARDED)


def is_reply_above(line: str) -> bool:
    """Recognize "##- Please type your reply above this line -##"."""
    if len(line) > LONGEST or surely_lacks(line, _REPLY_ABOVE_WORDS):
        return False
    bare = line.strip(_EDGES)
    if _PREVIOUS.match(bare):
        return bare != line.strip()
    if _REPLY_ABOVE_FOREIGN.search(bare.casefold()):
        return len(bare.split()) <= 14
    match = _REPLY_ABOVE.search(bare)
    if not match:
        return False
    is_framed = bare != line.strip()
    return len(bare.split()) <= 14 and (is_framed or "line" in bare or bare.isupper())


def _dashed_words(line: str) -> str | None:
    """Return the words between two runs of dashes, in lower case."""
    if len(line) > LONGEST:
        return None
    bare = line.strip(" \t*>:\u00a0|")
    if bare[:2] not in _RUNS or bare[-2:] not in _RUNS:
        return None
    inner = _folded(bare.strip(_EDGES))
    return inner if inner and len(inner) <= 80 else None


def _folded(text: str) -> str:
    # A Turkish capital I with a dot folds into two characters.
    return text.casefold().replace("i\u0307", "i")


def _mentions(inner: str, stems: Iterable[str]) -> bool:
    return any(stem in inner for stem in stems)


_RUNS = frozenset(
    {"--", "__", "==", "##", "~~", "\u2500\u2500", "\u2501\u2501", "- ", " -"}
)
