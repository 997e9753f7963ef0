"""Decodes the ISO-2022 family: the escape sequences name a character set each.

Python's codecs refuse the vendor characters (circled digits, ㈱, ﾊﾝｶｸ) that mail from
Japan is full of, and mixtures of languages. Here every run between two escape
sequences is decoded by itself with the widest code page of its character set.
"""

import re
from collections.abc import Callable
from itertools import islice

_ESCAPE = re.compile(rb"\x1b(?:[$][()+,*-]?[@A-Z]|[()*+,./-][0-9@A-Z])")
_MAX_ESCAPES = 50_000
_ADD_HIGH_BIT = bytes(value | 0x80 for value in range(256))


def decode_iso2022(data: bytes) -> str:
    """Decode; unknown escape sequences are dropped, damaged pairs replaced."""
    decoded: list[str] = []
    position = 0
    current: Callable[[bytes], str] = _decode_plain
    shifted: Callable[[bytes], str] = _decode_plain
    for match in islice(_ESCAPE.finditer(data), _MAX_ESCAPES):
        decoded.append(_decode_run(data[position : match.start()], current, shifted))
        position = match.end()
        escape = match.group()
        if escape[1:3] in (b"$)", b"$*", b"$+"):
            shifted = _SETS.get(b"$" + escape[3:], _decode_plain)
        else:
            current = _SETS.get(escape[1:].replace(b"$(", b"$"), _decode_plain)
    decoded.append(_decode_run(data[position:], current, shifted))
    return "".join(decoded)


def _decode_run(
    run: bytes, current: Callable[[bytes], str], shifted: Callable[[bytes], str]
) -> str:
    """Decode one run; between SO and SI the second character set holds."""
    if b"\x0e" not in run:
        return current(run.replace(b"\x0f", b""))
    first, *rest = run.split(b"\x0e")
    decoded = [current(first.replace(b"\x0f", b""))]
    for piece in rest:
        inside, _, after = piece.partition(b"\x0f")
        decoded += shifted(inside), current(after.replace(b"\x0f", b""))
    return "".join(decoded)


def _decode_plain(run: bytes) -> str:
    if run.isascii():
        return run.decode("ascii")
    return run.decode("cp932", "replace")


def _decode_kanji(run: bytes) -> str:
    """Decode JIS X 0208; a line end inside returns nothing but itself."""
    high = run.translate(_ADD_HIGH_BIT)
    if run.isascii() and not _has_controls(run):
        try:
            return high.decode("euc_jp")
        except UnicodeDecodeError:
            pass
    return "".join(
        part.decode("ascii", "replace")
        if not part or part[0] < 0x21
        else _pairs_to_sjis(part).decode("cp932", "replace")
        for part in re.split(rb"([\x00-\x20\x7f]+)", run)
    )


def _pairs_to_sjis(run: bytes) -> bytes:
    shifted = bytearray()
    for row, cell in zip(run[::2], run[1::2], strict=False):
        row, cell = row & 0x7F, cell & 0x7F
        lead = ((row - 0x21) >> 1) + 0x81
        offset = (0x20 if cell >= 0x60 else 0x1F) if row & 1 else 0x7E
        shifted += bytes((lead + 0x40 * (lead > 0x9F), cell + offset))
    return bytes(shifted)


def _has_controls(run: bytes) -> bool:
    return any(byte < 0x21 or byte == 0x7F for byte in set(run))


def _decode_kana(run: bytes) -> str:
    """Decode JIS X 0201: half-width katakana."""
    return "".join(
        chr(0xFF61 + byte - 0x21) if 0x21 <= byte <= 0x5F else chr(byte)
        for byte in (value & 0x7F for value in run)
    )


def _decode_supplement(run: bytes) -> str:
    """Decode JIS X 0212, which EUC-JP marks with 0x8F before every pair."""
    high = run.translate(_ADD_HIGH_BIT)
    marked = b"".join(b"\x8f" + high[i : i + 2] for i in range(0, len(high), 2))
    return marked.decode("euc_jp", "replace")


def _decode_high(codec: str) -> Callable[[bytes], str]:
    def decode(run: bytes) -> str:
        parts = re.split(rb"([\x00-\x20\x7f]+)", run)
        return "".join(
            part.decode("ascii", "replace")
            if part and part[0] < 0x21
            else part.translate(_ADD_HIGH_BIT).decode(codec, "replace")
            for part in parts
        )

    return decode


_SETS: dict[bytes, Callable[[bytes], str]] = {
    b"(B": _decode_plain,
    b"(J": _decode_plain,
    b"(H": _decode_plain,
    b"(I": _decode_kana,
    b"$@": _decode_kanji,
    b"$B": _decode_kanji,
    b"$D": _decode_supplement,
    b"$Q": _decode_high("euc_jis_2004"),
    b"$O": _decode_high("euc_jisx0213"),
    b"$A": _decode_high("gb18030"),
    b"$C": _decode_high("cp949"),
}
