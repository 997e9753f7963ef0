"""Reads `Content-Type` and `Content-Disposition`: a value and its parameters.

Names of files come in every shape: RFC 2231 with and without its sections in order,
encoded words in quotes, raw 8-bit bytes, unquoted with spaces and semicolons.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from channels_ingest.adapters.email.charsets import clean, codec_named, decode
from channels_ingest.adapters.email.encoded_words import decode_words
from channels_ingest.adapters.email.limits import MAX_PARAMETER_BYTES, MAX_PARAMETERS

if TYPE_CHECKING:
    from channels_ingest.adapters.email.headers import Headers

_NAME_CHAR = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]"
_NAME = re.compile(rb"(?<!" + _NAME_CHAR + rb")(" + _NAME_CHAR + rb"{1,100}+)\s*+=\s*+")
_NEXT_NAME = re.compile(rb";\s*+[A-Za-z][A-Za-z0-9*-]{0,60}+\s*+=")
_QUOTED_PAIR = re.compile(rb"\\([\\\"])")
_SECTION = re.compile(r"^([^*]+)(?:\*(\d{1,4}))?(\*)?$")
_EXTENDED = re.compile(rb"^\s*([\w.:+-]{0,40})'([\w-]{0,40})'")
_BROKEN_EXTENDED = re.compile(rb"^\s*([\w.:+-]{2,40})\"")
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,99}")

Parameters = dict[str, bytes]


def split_parameters(raw: bytes) -> tuple[str, Parameters]:
    """Return the lower-case value and the parameters, names lower-case, undecoded."""
    raw = raw[:MAX_PARAMETER_BYTES]
    value, _, rest = raw.partition(b";")
    first = _NAME.search(value)
    if first:
        # The semicolon after the type is missing.
        value, rest = raw[: first.start()], raw[first.start() :]
    parameters: Parameters = {}
    for name, content in _pairs(rest):
        parameters.setdefault(name.lower(), content)
    return value.decode("ascii", "ignore").strip(" \t\"'").lower(), parameters


def _pairs(raw: bytes) -> Iterator[tuple[str, bytes]]:
    position = 0
    for _ in range(MAX_PARAMETERS):
        match = _NAME.search(raw, position)
        if match is None:
            return
        content, position = _read_content(raw, match.end())
        yield match.group(1).decode("ascii"), content


def _read_content(raw: bytes, start: int) -> tuple[bytes, int]:
    if raw[start : start + 1] == b'"':
        end = _closing_quote(raw, start + 1)
        if end >= 0:
            return _QUOTED_PAIR.sub(rb"\1", raw[start + 1 : end]), end + 1
        start += 1
    following = _NEXT_NAME.search(raw, start)
    end = following.start() if following else len(raw)
    return raw[start:end].strip(b' \t;"'), end


def _closing_quote(raw: bytes, start: int) -> int:
    """Find the quote that ends the string; backslashes escape only quotes.

    Windows programs write paths with single backslashes; a quote counts as closing
    when a separator follows, even behind a backslash.
    """
    position = start
    while (at := raw.find(b'"', position)) >= 0:
        escaped = raw[at - 1 : at] == b"\\" and at > start
        if not escaped or not raw[at + 1 :].lstrip()[:1].strip(b";"):
            return at
        position = at + 1
    return -1


def parameter_text(parameters: Parameters, name: str, hint: str = "") -> str:
    """Return a parameter decoded; empty if it is absent."""
    sections = _sections(parameters, name)
    extended = [section for section in sections if section[0] or section[1]]
    if extended:
        text = _decode_sections(extended, hint)
        if text:
            return text
    plain = parameters.get(name, b"")
    return _decode_plain(plain, hint) if plain else ""


def _sections(parameters: Parameters, name: str) -> list[tuple[bool, bool, int, bytes]]:
    """Return is-a-section, is-percent-encoded, number and bytes, in order."""
    found = []
    for key, raw in parameters.items():
        match = _SECTION.match(key) if key.startswith(name) else None
        if match and match.group(1) == name:
            number = match.group(2)
            found.append(
                (number is not None, bool(match.group(3)), int(number or 0), raw)
            )
    return sorted(found, key=lambda section: (not section[0], section[2]))


def _decode_sections(sections: list[tuple[bool, bool, int, bytes]], hint: str) -> str:
    if sections[0][0]:
        sections = [section for section in sections if section[0]]
    is_encoded = any(section[1] for section in sections)
    raw = b"".join(_unpercent(data, encoded) for _, encoded, _, data in sections)
    if not is_encoded:
        return _decode_plain(raw, hint)
    match = _EXTENDED.match(raw) or _BROKEN_EXTENDED.match(raw)
    if match is None:
        return _decode_plain(raw, hint)
    charset = match.group(1).decode("ascii", "ignore")
    content = raw[match.end() :]
    if b"=?" in content:
        return _decode_plain(content, hint)
    return clean(decode(content, charset if codec_named(charset) else "", hint).text)


def _unpercent(raw: bytes, encoded: bool) -> bytes:  # noqa: FBT001 - a datum
    return _percent_decoded(raw) if encoded else raw


def _percent_decoded(raw: bytes) -> bytes:
    return _PERCENT.sub(lambda match: bytes((int(match.group(1), 16),)), raw)


def _decode_plain(raw: bytes, hint: str) -> str:
    text = decode(raw, "", hint).text
    if "=?" in text:
        text = clean(decode_words(text))
    return _EXTENDED_TEXT.sub(_decode_stray_extended, text) if "'" in text else text


_EXTENDED_TEXT = re.compile(r"^([\w-]{3,20})''((?:[^%]|%[0-9A-Fa-f]{2})+)$")


def _decode_stray_extended(match: re.Match[str]) -> str:
    """Decode `charset''%C3%A4` where the star after the name was forgotten."""
    if not codec_named(match.group(1)):
        return match.group()
    return decode(_percent_decoded(match.group(2).encode()), match.group(1)).text


@dataclass(frozen=True, slots=True)
class ContentType:
    """The type of a part, usable whatever the header said."""

    maintype: str
    subtype: str
    parameters: Parameters = field(default_factory=dict)

    @classmethod
    def read(cls, headers: "Headers", default: str) -> "ContentType":
        value, parameters = split_parameters(headers.first("content-type"))
        maintype, _, subtype = (value or default).partition("/")
        subtype = (_TYPE.match(subtype.strip()) or [""])[0]
        maintype = (_TYPE.match(maintype.strip()) or [""])[0]
        if not subtype:
            maintype, subtype = _completed(maintype, default)
        return cls(maintype, subtype, parameters)

    @property
    def full(self) -> str:
        return f"{self.maintype}/{self.subtype}"

    @property
    def is_multipart(self) -> bool:
        return self.maintype == "multipart"

    @property
    def boundary(self) -> bytes:
        raw = self.parameters.get("boundary", b"")
        if not raw and any(key.startswith("boundary*") for key in self.parameters):
            return parameter_text(self.parameters, "boundary").encode()
        return raw.strip()

    @property
    def charset(self) -> str:
        return parameter_text(self.parameters, "charset").strip(" '\"")

    def parameter(self, name: str) -> str:
        return parameter_text(self.parameters, name).strip().lower()


def _completed(maintype: str, default: str) -> tuple[str, str]:
    """Complete a type of one word, as old and careless programs write it."""
    usual = {"text": "plain", "html": "", "multipart": "mixed", "message": "rfc822"}
    if maintype in ("html", "plain"):
        return "text", maintype
    if maintype in usual:
        return maintype, usual[maintype]
    if maintype:
        return "application", "octet-stream"
    fallback = default.split("/")
    return fallback[0], fallback[1]
