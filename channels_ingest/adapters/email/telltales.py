"""Rules a text out by the words it lacks, before slower patterns look at it."""

import re
from collections.abc import Sequence

# Here every letter has one small form, which is not so of all scripts: a pattern that
# ignores case takes more than one letter for a Greek sigma or an old Cyrillic o.
_WESTERN = re.compile("[\\0-\xff\u2010-\u2026\u20ac]*+")


def surely_lacks(text: str, words: Sequence[str]) -> bool:
    """Tell whether none of the words occurs in `text`, in capitals or not.

    False also where that is uncertain: for text that holds letters beyond those of
    Western Europe.

    :param words: in small letters, none of them beyond those either
    """
    if not text.isascii() and not _WESTERN.fullmatch(text):
        return False
    return not any(map(text.lower().__contains__, words))
