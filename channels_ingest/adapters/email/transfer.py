"""Undoes content transfer encodings, also where they are damaged or misdeclared."""

import binascii
import re

from channels_ingest.adapters.email.defects import Defects

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_SPACES = b" \t\r\n\x0b\x0c"
_JUNK = bytes(set(range(256)) - set(_BASE64) - set(b"="))
_MAX_BASE64_ENDS = 10_000
_SOFT_BREAK = re.compile(rb"=[ \t]++(?=\r*+\n)")
_ESCAPE = re.compile(rb"=(?![0-9A-Fa-f]{2}|\r*\n|$)")


def decode_transfer(body: bytes, encoding: str, defects: Defects) -> bytes:
    """Return the bytes that a part carries."""
    if encoding == "base64":
        return _decode_declared_base64(body, defects)
    if encoding == "quoted-printable":
        return decode_quoted_printable(body, defects)
    if encoding in ("x-uuencode", "uuencode", "uue", "x-uue"):
        found = decode_uu(body)
        return body if found is None else found
    if encoding not in ("", "7bit", "8bit", "binary", "8bits", "7bits", "none"):
        defects.note("Unknown transfer encoding.")
    return body


def transfer_encoding(declared: bytes) -> str:
    """Return the lower-case encoding named by a header, without comments."""
    name = declared.decode("ascii", "ignore").split(";")[0].split("(")[0]
    name = name.strip(" \t\"'").lower()
    return {"quoted_printable": "quoted-printable", "base-64": "base64"}.get(name, name)


def _decode_declared_base64(body: bytes, defects: Defects) -> bytes:
    if _is_plainly_text(body):
        defects.note("A part said to be base64 was not.")
        return body
    return decode_base64(body, defects)


def _is_plainly_text(body: bytes) -> bool:
    """Tell whether a sample holds words and not base64."""
    sample = body[:4000].strip()
    if not sample:
        return False
    foreign = len(sample.translate(None, _BASE64 + b"=-_" + _SPACES))
    spaces = len(re.findall(rb"[^\s][ \t]+[^\s]", sample))
    return foreign > len(sample) // 4 or spaces > len(sample) // 40 + 1


def decode_base64(body: bytes, defects: Defects | None = None) -> bytes:
    """Decode base64 with foreign characters, wrong padding or several ends."""
    try:
        return binascii.a2b_base64(body.translate(None, _SPACES), strict_mode=True)
    except binascii.Error:
        pass
    kept = body.translate(None, _JUNK) if b"+" in body or b"/" in body else b""
    kept = kept or body.translate(_URL_SAFE).translate(None, _JUNK)
    if defects is not None:
        defects.note("Damaged base64 was repaired.")
    if kept.count(b"=") > _MAX_BASE64_ENDS:
        kept = kept.replace(b"=", b"")
    return b"".join(map(_decode_run, re.split(rb"=++", kept)))


def _decode_run(run: bytes) -> bytes:
    if len(run) % 4 == 1:
        run = run[:-1]
    return binascii.a2b_base64(run + b"=" * (-len(run) % 4))


def decode_quoted_printable(body: bytes, defects: Defects) -> bytes:
    if _ESCAPE.search(body):
        defects.note("Damaged quoted-printable was repaired.")
    body = _SOFT_BREAK.sub(b"=", body).replace(b"\r\r\n", b"\r\n")
    return binascii.a2b_qp(body)


def decode_uu(body: bytes) -> bytes | None:
    """Decode the first uuencoded file in `body`; None if there is none."""
    begin = re.search(rb"(?m)^begin [0-7]{3,4} [^\n]*\n", body)
    return decode_uu_lines(body[begin.end() :].splitlines()) if begin else None


def decode_uu_lines(lines: list[bytes]) -> bytes:
    """Decode lines up to `end`, tolerating stripped trailing spaces."""
    decoded = []
    for line in lines:
        if line.rstrip() == b"end":
            break
        length = (line[0] - 32) & 63 if line else 0
        wanted = 1 + (length + 2) // 3 * 4
        padded = line[:wanted].rstrip(b"\r\n").ljust(wanted, b" ")
        try:
            decoded.append(binascii.a2b_uu(padded)[:length])
        except binascii.Error:
            break
    return b"".join(decoded)
