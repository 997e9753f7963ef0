"""Real files of the story: a small invoice as PDF, a photo as PNG, a list as CSV."""

import math
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

WIDTH, HEIGHT = 270, 180
Color = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One file that travels with a mail."""

    name: str
    content_type: str
    content: bytes


def paper_named(name: str) -> Paper:
    """Return the file of that name; its form follows from how the name ends."""
    kind = name.rpartition(".")[2].lower()
    if kind == "pdf":
        lines = (name.rpartition(".")[0].replace("-", " ").title(), *_INVOICE)
        return Paper(name=name, content_type="application/pdf", content=pdf_of(lines))
    if kind == "png":
        drawing = torn_seam if "seam" in name or "torn" in name else ridge
        return Paper(name=name, content_type="image/png", content=png_of(drawing))
    return Paper(name=name, content_type="text/csv", content=_SIZES.encode())


_INVOICE = (
    "Larchwood Outdoor - 4 Quarry Lane, Kendal",
    "",
    "2-person tent Tarn            1 x 249.00 EUR",
    "Footprint for Tarn            1 x  29.00 EUR",
    "Shipping                               0.00 EUR",
    "",
    "Total                                278.00 EUR",
    "VAT 20 % included                     46.33 EUR",
    "Thank you for going outside with us.",
)
_SIZES = "size,chest cm,waist cm\nS,88-94,74-80\nM,95-101,81-87\nL,102-108,88-94\n"


_PAGE = (
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 420 595] /Contents 4 0 R"
    b" /Resources << /Font << /F1 5 0 R >> >> >>"
)


def pdf_of(lines: Sequence[str]) -> bytes:
    """Return a PDF of one page with these lines."""
    text = _page_content(lines)
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        _PAGE,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>",
    )
    return _pdf_file(objects)


def _page_content(lines: Sequence[str]) -> bytes:
    shown = b"".join(
        b"(%s) Tj T*\n" % line.encode("latin-1", "replace").translate(None, b"()\\")
        for line in lines
    )
    return b"BT /F1 11 Tf 16 TL 40 540 Td\n" + shown + b"ET"


def _pdf_file(objects: Sequence[bytes]) -> bytes:
    file = bytearray(b"%PDF-1.4\n")
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(file)
    file += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    file += b"".join(b"%010d 00000 n \n" % place for place in places)
    file += b"trailer << /Size %d /Root 1 0 R >>\n" % (len(objects) + 1)
    return bytes(file + b"startxref\n%d\n%%%%EOF\n" % start)


@lru_cache(maxsize=2)
def png_of(drawing: Callable[[int, int], Color]) -> bytes:
    """Return a picture of which `drawing` says the color of each point."""
    rows = bytearray()
    for y in range(HEIGHT):
        rows.append(0)
        for x in range(WIDTH):
            rows += bytes(drawing(x, y))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(bytes(rows), 6))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def torn_seam(x: int, y: int) -> Color:
    """A close look at teal cloth with a seam that has come apart."""
    weave = 10 if (x // 3 + y // 3) % 2 else 0
    seam = 86 + 8 * math.sin(x / 28) + (x % 7)
    gap = max(0.0, 11 * math.sin((x - 70) / 130 * math.pi)) if 70 < x < 200 else 0
    if abs(y - seam) < gap:
        return (32, 28, 26)
    if abs(y - seam) < gap + 5 and x % 9 < 5:
        return (226, 208, 160)
    return (24 + weave, 104 + weave - y // 16, 100 + weave - y // 20)


def ridge(x: int, y: int) -> Color:
    """Blue hills in the morning, the nearer the darker."""
    for number, color in enumerate(((38, 62, 66), (76, 108, 116), (132, 164, 170))):
        height = 135 - 27 * number
        line = height + 19 * math.sin(x / (52 - 9 * number) + number * 2)
        if y > line + 8 * math.sin(x / 11 + number):
            return color
    return (246 - y // 8, 226 - y // 12, 200 + y // 10)
