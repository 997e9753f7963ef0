"""How text becomes search terms: words for most scripts, bigrams for CJK.

Pure functions; the same ones make the index and read the query, so both agree.
"""

import re
import unicodedata

CJK = re.compile(
    "[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af"
    "\U00020000-\U0003ffff]+"
)
_WORD = re.compile(r"[^\W_]+(?:[.@\-+'][^\W_]+)*")
MAX_INDEXED_CHARACTERS = 200_000


def folded(text: str) -> str:
    """Return `text` without accents, in lower case: what is compared."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return unicodedata.normalize("NFKC", bare).casefold()


def words_of(text: str) -> list[str]:
    """Return the words of `text`, and the parts of compound ones like addresses."""
    found: list[str] = []
    for word in _WORD.findall(folded(CJK.sub(" ", text[:MAX_INDEXED_CHARACTERS]))):
        found.append(word[:100])
        if not word.isalnum():
            parts = re.split(r"[.@\-+']", word)
            found.extend(part[:100] for part in parts if part)
    return found


def bigrams_of(text: str) -> list[str]:
    """Return every two neighbouring characters of each CJK run; single ones whole."""
    if text.isascii():
        return []
    grams: list[str] = []
    for run in CJK.findall(
        unicodedata.normalize("NFKC", text[:MAX_INDEXED_CHARACTERS])
    ):
        grams.extend(run[i : i + 2] for i in range(len(run) - 1))
        if len(run) == 1:
            grams.append(run)
    return grams
