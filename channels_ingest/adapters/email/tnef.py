"""Unpacks `winmail.dat`, Outlook's private envelope (TNEF, MS-OXTNEF).

Read here in one pass over the attributes: general libraries copy the rest of the file
at every attribute and trust the counts in it, which lets a small file stall them.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from channels_ingest.adapters.email.charsets import clean, decode
from channels_ingest.adapters.email.limits import MAX_EMBEDDED_FILES

_SIGNATURE = b"\x78\x9f\x3e\x22"
_MAX_ATTRIBUTES = 20_000
_MAX_PROPERTIES = 2_000

_ATTACHMENT_LEVEL = 2
_BODY = 0x800C
_OEM_CODEPAGE = 0x9007
_RENDERING = 0x9002
_TITLE = 0x8010
_TRANSPORT_NAME = 0x9001
_CONTENT = 0x800F
_ATTACHMENT_PROPERTIES = 0x9005
_MESSAGE_PROPERTIES = 0x9003

_PROPERTY_BODY = 0x1000
_PROPERTY_HTML = 0x1013
_PROPERTY_CODEPAGE = 0x3FDE
_PROPERTY_CONTENT = 0x3701
_PROPERTY_SHORT_NAME = 0x3704
_PROPERTY_NAME = 0x3707
_PROPERTY_DISPLAY_NAME = 0x3001
_PROPERTY_TYPE = 0x370E
_PROPERTY_CONTENT_ID = 0x3712

_FIXED_SIZES = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 20: 8, 64: 8, 72: 16}
_TEXT_TYPES = (30, 31)
_SIZED_TYPES = (*_TEXT_TYPES, 13, 258)
_TYPE_NAME = re.compile(r"[\w.+-]{1,100}/[\w.+-]{1,100}")


@dataclass(slots=True)
class TnefFile:
    """A file inside the envelope."""

    name: str = ""
    content_type: str = ""
    content_id: str = ""
    data: bytes = b""


@dataclass(slots=True)
class Tnef:
    """What an envelope held."""

    text: str = ""
    html: str = ""
    files: list[TnefFile] = field(default_factory=list)


class NotTnef(Exception):
    """The data has no TNEF signature."""


def unpack_tnef(data: bytes) -> Tnef:
    """Return the body and files inside; what is cut off is left out.

    :raises NotTnef: if the data is something else
    """
    if not data.startswith(_SIGNATURE):
        raise NotTnef
    reader = _Reader()
    for level, name, content in _attributes(data):
        if level == _ATTACHMENT_LEVEL:
            reader.read_file(name, content)
        else:
            reader.read_message(name, content)
    found = reader.tnef
    found.files = [file for file in found.files if file.data][:MAX_EMBEDDED_FILES]
    return found


def _attributes(data: bytes) -> Iterator[tuple[int, int, memoryview]]:
    """Yield level, name and content of every attribute."""
    view, position = memoryview(data), 6
    for _ in range(_MAX_ATTRIBUTES):
        if position + 9 > len(data):
            return
        level, name, _kind, size = struct.unpack_from("<BHHI", data, position)
        position += 9
        yield level, name, view[position : position + size]
        position += size + 2


class _Reader:
    def __init__(self) -> None:
        self.tnef = Tnef()
        self._charset = "cp1252"

    def read_message(self, name: int, content: memoryview) -> None:
        if name == _OEM_CODEPAGE and len(content) >= 4:
            self._charset = f"cp{struct.unpack_from('<I', content)[0]}"
        elif name == _BODY:
            self.tnef.text = self.tnef.text or self._text(bytes(content))
        elif name == _MESSAGE_PROPERTIES:
            self._read_bodies(_properties(content))

    def _read_bodies(self, properties: dict[int, tuple[int, bytes]]) -> None:
        charset = self._charset
        if _PROPERTY_CODEPAGE in properties:
            number = int.from_bytes(properties[_PROPERTY_CODEPAGE][1], "little")
            charset = "utf-8" if number == 65001 else f"cp{number}"
        if _PROPERTY_BODY in properties:
            self.tnef.text = self._value(properties[_PROPERTY_BODY])
        if _PROPERTY_HTML in properties:
            kind, raw = properties[_PROPERTY_HTML]
            wide = kind == _TEXT_TYPES[1]
            self.tnef.html = self._text(raw, "utf-16-le" if wide else charset)

    def read_file(self, name: int, content: memoryview) -> None:
        files = self.tnef.files
        if name == _RENDERING and len(files) <= MAX_EMBEDDED_FILES:
            files.append(TnefFile())
        if not files:
            return
        if name in (_TITLE, _TRANSPORT_NAME):
            files[-1].name = files[-1].name or self._text(bytes(content))
        elif name == _CONTENT:
            files[-1].data = bytes(content)
        elif name == _ATTACHMENT_PROPERTIES:
            self._read_file_properties(files[-1], _properties(content))

    def _read_file_properties(
        self, file: TnefFile, properties: dict[int, tuple[int, bytes]]
    ) -> None:
        for key in (_PROPERTY_NAME, _PROPERTY_SHORT_NAME, _PROPERTY_DISPLAY_NAME):
            if key in properties and (name := self._value(properties[key])):
                file.name = name
                break
        if _PROPERTY_TYPE in properties:
            kind = self._value(properties[_PROPERTY_TYPE]).lower()
            file.content_type = kind if _TYPE_NAME.fullmatch(kind) else ""
        if _PROPERTY_CONTENT_ID in properties:
            file.content_id = self._value(properties[_PROPERTY_CONTENT_ID]).strip("<>")
        if not file.data and _PROPERTY_CONTENT in properties:
            file.data = properties[_PROPERTY_CONTENT][1]

    def _value(self, found: tuple[int, bytes]) -> str:
        kind, raw = found
        return self._text(raw, "utf-16-le" if kind == _TEXT_TYPES[1] else "")

    def _text(self, raw: bytes, charset: str = "") -> str:
        if charset == "utf-16-le":
            return clean(raw.decode("utf-16-le", "replace")).strip("\0")
        return decode(raw.rstrip(b"\0"), charset or self._charset).text


def _properties(content: memoryview) -> dict[int, tuple[int, bytes]]:
    """Return type and value by id; stops quietly where the list is damaged."""
    found: dict[int, tuple[int, bytes]] = {}
    try:
        (count,) = struct.unpack_from("<I", content)
        position = 4
        for _ in range(min(count, _MAX_PROPERTIES)):
            kind, key = struct.unpack_from("<HH", content, position)
            position = _after_name(content, position + 4, key)
            value, position = _property_value(content, position, kind)
            found.setdefault(key, (kind & 0xFFF, value))
    except (struct.error, ValueError):
        pass
    return found


def _after_name(content: memoryview, position: int, key: int) -> int:
    """Step over the name that ids from 0x8000 on carry."""
    if key < 0x8000:
        return position
    (named,) = struct.unpack_from("<I", content, position + 16)
    position += 20
    if named == 0:
        return position + 4
    (size,) = struct.unpack_from("<I", content, position)
    return position + 4 + _padded(size)


def _property_value(content: memoryview, position: int, kind: int) -> tuple[bytes, int]:
    is_list, base = bool(kind & 0x1000), kind & 0xFFF
    if base in _FIXED_SIZES and not is_list:
        end = position + _FIXED_SIZES[base]
        return bytes(content[position:end]), end
    if base not in _SIZED_TYPES and base not in _FIXED_SIZES:
        raise ValueError(kind)
    (count,) = struct.unpack_from("<I", content, position)
    position += 4
    if base in _FIXED_SIZES:
        return b"", position + count * _FIXED_SIZES[base]
    first = b""
    for number in range(min(count, _MAX_PROPERTIES)):
        (size,) = struct.unpack_from("<I", content, position)
        position += 4
        if number == 0:
            first = bytes(content[position : position + size])
        position += _padded(size)
    return first, position


def _padded(size: int) -> int:
    return size + (-size % 4)
