"""Reads address headers, well-formed or not.

A header is cut at its commas in one pass that knows quotes, comments and angle
brackets. Encoded words are decoded before that with their special characters masked,
so that a comma or an angle bracket inside a name never becomes syntax.
"""

import re
from collections.abc import Iterator

from channels_ingest.adapters.email.charsets import clean
from channels_ingest.adapters.email.encoded_words import decode_words
from channels_ingest.adapters.email.headers import Headers, raw_text
from channels_ingest.adapters.email.limits import (
    MAX_EMAIL_CHARS,
    MAX_MAILBOXES,
    MAX_NAME_CHARS,
)
from channels_ingest.adapters.email.parsed import Mailbox

_SPECIALS = '",;:<>()@\\[]'
_MASK = {ord(char): chr(0xF700 + ord(char)) for char in _SPECIALS}
_UNMASK = {ord(masked): chr(plain) for plain, masked in _MASK.items()}
_WORD = r"=\?[^?\s]{1,60}\?[bqBQ]\?[^?]*+\?="
_WORDS = re.compile(rf"{_WORD}(?:\s*+{_WORD})*+")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"]+@[^\s<>()\[\],;:\"]+")
_TOKEN = re.compile(r"[^\s<>()\[\],;:\"]+")
_SPACE = re.compile(r"\s+")
_BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\u200b]")


def read_mailboxes(headers: Headers, name: str, hint: str = "") -> tuple[Mailbox, ...]:
    """Return every mailbox of all headers of that (lower-case) name."""
    found: dict[Mailbox, None] = {}
    for raw in headers.all(name):
        for mailbox in parse_mailboxes(raw_text(raw, hint)):
            found[mailbox] = None
            if len(found) >= MAX_MAILBOXES:
                return tuple(found)
    return tuple(found)


def parse_mailboxes(text: str) -> list[Mailbox]:
    """Return the mailboxes of an undecoded header value."""
    masked = _WORDS.sub(_decode_masked, text) if "=?" in text else text
    pieces = _joined(list(_pieces(masked)))
    mailboxes = map(_read_piece, pieces[:MAX_MAILBOXES])
    return [mailbox for mailbox in mailboxes if mailbox.email or mailbox.name]


def _decode_masked(match: re.Match[str]) -> str:
    decoded = clean(decode_words(match.group()))
    return _SPACE.sub(" ", decoded).translate(_MASK)


def _pieces(text: str) -> Iterator[str]:
    """Cut at commas and semicolons outside quotes, comments and angle brackets."""
    closed = _Scan(text).cuts()
    if closed is None:
        # A quote or bracket never closes: read them as ordinary characters.
        yield from re.split(r"[,;]", text.replace('"', " "))
        return
    start = 0
    for at, is_label in [*closed, (len(text), False)]:
        if not is_label:
            yield text[start:at]
        start = at + 1


class _Scan:
    """One pass over a header that keeps track of what is open."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._quoted = False
        self._angle = False
        self._comments = 0
        self._cuts: list[tuple[int, bool]] = []

    def cuts(self) -> list[tuple[int, bool]] | None:
        """Return where pieces end and which are labels; None if a quote stays open."""
        escaped = False
        for at, char in enumerate(self._text):
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = self._quoted or self._comments > 0
            else:
                self._step(at, char)
        return None if self._quoted else self._cuts

    def _step(self, at: int, char: str) -> None:
        if char == '"' and not self._comments:
            self._quoted = not self._quoted
        elif self._quoted:
            return
        elif char in "()":
            self._comments = max(0, self._comments + (1 if char == "(" else -1))
        elif self._comments:
            return
        elif char in "<>":
            self._angle = char == "<"
        elif char in ",;" and not self._angle:
            self._cuts.append((at, False))
        elif char == ":" and not self._angle:
            self._open_group(at)

    def _open_group(self, at: int) -> None:
        """Take `Undisclosed recipients:` and `mailto:` as labels of what follows."""
        start = self._cuts[-1][0] + 1 if self._cuts else 0
        label = self._text[start : min(at, start + MAX_NAME_CHARS)]
        if "@" not in label and "<" not in label:
            self._cuts.append((at, True))


def _joined(pieces: list[str]) -> list[str]:
    """Put back together names that a bare comma split: `Doe, Jane <j@x.org>`."""
    found: list[str] = []
    for piece in pieces:
        previous = found[-1] if found else ""
        is_name = previous.strip() and not any(char in previous for char in '@<"')
        if is_name and "<" in piece and piece.split("<")[0].strip():
            found[-1] = f"{previous},{piece}"
        else:
            found.append(piece)
    return found


def _read_piece(piece: str) -> Mailbox:
    comments, rest = _without_comments(piece.strip())
    name, email = _split_angle(rest)
    if not email:
        name, email = _split_bare(rest)
    if not name and comments:
        name = comments
    email = _tidy_email(email)
    name = _tidy_name(name)
    if not email and "@" in name and _ADDRESS.fullmatch(name):
        name, email = "", name
    return Mailbox(name=name[:MAX_NAME_CHARS], email=email[:MAX_EMAIL_CHARS])


def _without_comments(piece: str) -> tuple[str, str]:
    """Return the comments behind an address, and the rest."""
    if "(" not in piece:
        return "", piece
    head, _, tail = piece.rpartition("(")
    inside, closed, after = tail.partition(")")
    if not closed or '"' in tail or "<" in tail or "@" in inside:
        return "", piece
    if "<" in head and ">" not in head:
        return "", piece
    return inside.strip(), f"{head.strip()} {after.strip()}".strip()


def _split_angle(piece: str) -> tuple[str, str]:
    """Split `name <address>`, taking the last bracket outside the name's quotes."""
    opening = piece.rfind("<")
    if opening < 0:
        return "", ""
    closing = piece.find(">", opening)
    email = piece[opening + 1 : closing if closing >= 0 else len(piece)]
    name = piece[:opening].rstrip("< ")
    if not name.strip():
        after = piece[closing + 1 :].strip() if closing >= 0 else ""
        name = after.strip("<> ")
    return name, email


def _split_bare(piece: str) -> tuple[str, str]:
    tokens = _TOKEN.finditer(piece)
    match = next((found for found in tokens if "@" in found.group()[1:-1]), None)
    if match is None:
        return (piece, "") if " " in piece.strip() or '"' in piece else ("", piece)
    rest = piece[: match.start()] + " " + piece[match.end() :]
    return rest.replace(" ( )", "").strip(" ()<>[]"), match.group()


def _tidy_email(email: str) -> str:
    email = _BIDI.sub("", email.translate(_UNMASK)).strip()
    if email.startswith("@") and ":" in email:
        # A source route: the address is behind the colon.
        email = email.rpartition(":")[2]
    if email.lower().startswith("mailto:"):
        email = email[7:]
    email = email.strip(" \t<>,;'").rstrip(".")
    local, at, domain = email.rpartition("@")
    if at and not local.startswith('"'):
        email = f"{_SPACE.sub(' ', local).strip()}@{_SPACE.sub('', domain)}"
    return email


def _tidy_name(name: str) -> str:
    name = _SPACE.sub(" ", name).strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = name[1:-1]
    name = re.sub(r"\\([\\\"'()])", r"\1", name).replace('"', "")
    name = _BIDI.sub("", name.translate(_UNMASK)).strip()
    if len(name) > 1 and name[0] == name[-1] == "'":
        name = name[1:-1].strip()
    return name
