"""Message ids as they come: wrapped, quoted, with comments, without a domain."""

import re
from collections.abc import Iterable

_BRACKETED = re.compile(r"<([^<>]{1,996})>")
# A comment, a quoted phrase: what people's names in In-Reply-To come as.
_COMMENT = re.compile(r"\([^()]{0,500}\)")
_QUOTED = re.compile(r'"[^"@]{0,500}"')
_BARE = re.compile(r"[^\s<>,;()\"]{1,996}")
_MOST_CHARACTERS = 100_000
MOST_IDS = 500


def normalize_message_id(value: str) -> str:
    """One message id without angle brackets and white space; "" if there is none.

    The letters keep their case: ids that differ in it are different ids.
    """
    return next(iter(message_ids_in(value)), "")


def message_ids_in(value: str) -> list[str]:
    """Every message id in a header's value, in its order, each once."""
    value = value[:_MOST_CHARACTERS].replace("\0", "")
    found = [_tidy(each) for each in _BRACKETED.findall(value)]
    if not any(found):
        found = _bare_ids(value)
    return list(dict.fromkeys(each for each in found if each))[:MOST_IDS]


def _tidy(written: str) -> str:
    """Undo folding and quoting inside the brackets."""
    joined = "".join(written.split()).strip("<>")
    local, at, domain = joined.rpartition("@")
    if at and len(local) > 2 and local[0] == local[-1] == '"':
        local = local[1:-1]
    return f"{local}{at}{domain}"


def _bare_ids(value: str) -> list[str]:
    """Ids without brackets: words with an @, else a lone word.

    Words of a sentence ("Your message of Monday") are no ids, and neither is an
    address in a sentence.
    """
    words = _BARE.findall(_QUOTED.sub(" ", _COMMENT.sub(" ", value)))
    ids = [word.strip("<>") for word in words if "@" in word]
    if len(words) == 1:
        return ids or words
    return ids if len(ids) == len(words) else []


def parent_ids(
    *, in_reply_to: Iterable[str], references: Iterable[str]
) -> tuple[str, ...]:
    """The ids of earlier messages, the most telling first.

    In-Reply-To names the very message that is answered. References lists the whole
    line of messages, the oldest first, so its last id is the nearest.
    """
    answered = [each for value in in_reply_to for each in message_ids_in(value)]
    line = [each for value in references for each in message_ids_in(value)]
    return tuple(dict.fromkeys([*answered, *reversed(line)]))
