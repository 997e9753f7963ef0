"""Turns bytes into text, whatever charset they are said to be in.

Declared charsets are often missing, misspelled or wrong. The declared one is believed
as long as it explains the bytes; then UTF-8; then a guess from the bytes themselves.
"""

import codecs
import encodings.aliases
import re
from dataclasses import dataclass
from functools import lru_cache

from channels_ingest.adapters.email.guessing import guess_charset
from channels_ingest.adapters.email.iso2022 import decode_iso2022

# What mail programs and the web mean by a name, where it is not what Python means:
# the wider code page of the same family, so that its extra characters survive.
_MEANT = {
    "latin_1": "cp1252",
    "iso8859_1": "cp1252",
    "iso8859_9": "cp1254",
    "iso8859_11": "cp874",
    "tis_620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "utf_8_sig": "utf_8",
}
_ALIASES = {
    "ansi": "cp1252",
    "binary": "",
    "cn_gb": "gb18030",
    "cn_big5": "big5",
    "dos_437": "cp437",
    "dos_850": "cp850",
    "dos_866": "cp866",
    "eucgb2312_cn": "gb18030",
    "gb_2312_80": "gb18030",
    "hz_gb_2312": "hz",
    "ibm_850": "cp850",
    "iso_2022_cn": "iso2022_kr",
    "iso_8859_6_e": "iso8859_6",
    "iso_8859_6_i": "iso8859_6",
    "iso_8859_8_e": "iso8859_8",
    "iso_8859_8_i": "iso8859_8",
    "koi": "koi8_r",
    "koi8": "koi8_r",
    "koi8_ru": "koi8_u",
    "ks_c_5601_1987": "cp949",
    "ks_c_5601_1989": "cp949",
    "ks_c_5601": "cp949",
    "ksc_5601": "cp949",
    "logical": "iso8859_8",
    "mac": "mac_roman",
    "macintosh": "mac_roman",
    "sun_eu_greek": "iso8859_7",
    "unicode": "utf_16",
    "unicode_1_1_utf_7": "utf_7",
    "unicode_1_1_utf_8": "utf_8",
    "unicode_2_0_utf_8": "utf_8",
    "unicode_2_0_utf_7": "utf_7",
    "utf": "utf_8",
    "utf8mb3": "utf_8",
    "utf8mb4": "utf_8",
    "visual": "iso8859_8",
    "windows_31j": "cp932",
    "windows_874": "cp874",
    "windows_936": "gb18030",
    "windows_949": "cp949",
    "x_ansi": "cp1252",
    "x_mac_ce": "mac_latin2",
    "x_mac_roman": "mac_roman",
    "x_sjis": "cp932",
    "x_windows_949": "cp949",
}
# Codecs Python counts as text encodings that no mail is written in; some are slow.
_NEVER = {
    "bz2_codec",
    "base64_codec",
    "hex_codec",
    "idna",
    "mbcs",
    "oem",
    "punycode",
    "quopri_codec",
    "raw_unicode_escape",
    "rot_13",
    "undefined",
    "unicode_escape",
    "unicode_internal",
    "uu_codec",
    "zlib_codec",
}
_KNOWN = set(encodings.aliases.aliases.values()) - _NEVER | {
    *("cp720", "cp737", "cp856", "cp874", "cp875", "cp1006", "utf_8_sig"),
    *("koi8_r", "koi8_t", "koi8_u", "mac_arabic", "mac_farsi", "mac_croatian"),
    *("mac_romanian", "ascii", "utf_8", "utf_16", "utf_32", "utf_7"),
}
_NAME = re.compile(r"[a-z0-9_]+")
_SURROGATES = re.compile("[\ud800-\udfff]")
_ISO2022_ESCAPE = re.compile(rb"\x1b[$(]")
_UTF8_DECODER = codecs.getincrementaldecoder("utf-8")
_NON_ASCII = re.compile(rb"[\x80-\xff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    text: str
    charset: str
    """Python's name of the codec used."""
    defect: str = ""


@lru_cache(maxsize=512)
def codec_named(declared: str) -> str:
    """Return the codec meant by a charset name, empty if there is no telling."""
    flat = re.sub(r"[^a-z0-9]+", "_", declared[:100].lower()).strip("_")
    for name in _spellings(flat):
        name = _ALIASES.get(name, name)
        name = encodings.aliases.aliases.get(name, name)
        if name in _KNOWN:
            return _MEANT.get(name, name)
    return ""


def _spellings(flat: str) -> list[str]:
    """Return the name and the ways it is commonly garbled, likeliest first."""
    glued = re.match(r"(utf_?8|utf_?16|iso_8859_\d{1,2}|windows_125\d|us_ascii)", flat)
    squeezed = re.sub(r"^(x|cs)_", "", flat)
    numbered = re.sub(r"^(?:windows|win|cp|ibm|ms|x_cp|msdos)_?(\d+)$", r"cp\1", flat)
    latin = re.sub(r"^(?:iso)?_?8859_?(\d+).*$", r"iso8859_\1", flat)
    found = [flat, squeezed, numbered, latin, flat.replace("_", "")]
    return [*found, glued.group(1)] if glued else found


def decode(data: bytes, declared: str, hint: str = "") -> Decoded:
    """Decode text of a mail; never fails and never yields NUL or lone surrogates.

    `hint` is a charset used elsewhere in the same mail.
    """
    codec = codec_named(declared) if declared else ""
    if data.isascii() and codec not in _STATEFUL and not _is_wide(codec, data):
        decoded = _decode_ascii(data, codec)
    elif codec not in ("", "ascii"):
        decoded = _decode_declared(data, codec, hint)
    else:
        decoded = _decode_undeclared(data, codec, hint)
    if declared and not codec and not decoded.defect:
        decoded = _with(decoded, f"Unknown charset “{_shown(declared)}”.")
    text = clean(decoded.text).removeprefix("\ufeff")
    return decoded if text == decoded.text else _with(decoded, decoded.defect, text)


_STATEFUL = {"utf_7", "hz", *(name for name in _KNOWN if name.startswith("iso2022"))}
_WIDE = {name for name in _KNOWN if name.startswith(("utf_16", "utf_32"))}


def _is_wide(codec: str, data: bytes) -> bool:
    """Tell whether UTF-16 or -32 is meant in earnest: then there are NULs."""
    return (codec in _WIDE or not codec) and data.count(b"\0", 0, 1000) > len(
        data[:1000]
    ) // 8


def _with(decoded: Decoded, defect: str, text: str | None = None) -> Decoded:
    text = decoded.text if text is None else text
    return Decoded(text=text, charset=decoded.charset, defect=defect)


def _shown(declared: str) -> str:
    return clean("".join(_NAME.findall(declared.lower()))[:40])


def _decode_ascii(data: bytes, codec: str) -> Decoded:
    if _ISO2022_ESCAPE.search(data):
        return Decoded(text=decode_iso2022(data), charset="iso2022_jp")
    return Decoded(text=data.decode("ascii"), charset=codec or "ascii")


def _decode_declared(data: bytes, codec: str, hint: str) -> Decoded:
    if codec.startswith("iso2022"):
        return Decoded(text=decode_iso2022(data), charset=codec)
    try:
        text = decode_superset(data, codec, "strict")
    except (UnicodeError, ValueError):
        return _decode_contradicted(data, codec, hint)
    if codec.startswith(("cp", "iso", "koi", "mac")) and _is_utf8(data):
        return _as_utf8(data, f"Text said to be {codec} is UTF-8.")
    return Decoded(text=text, charset=codec)


def _decode_contradicted(data: bytes, codec: str, hint: str) -> Decoded:
    """Decode what its declared charset does not allow."""
    if codec != "utf_8" and _is_utf8(data):
        return _as_utf8(data, f"Text said to be {codec} is UTF-8.")
    text = data.decode(codec, "replace")
    damaged = text.count("\N{REPLACEMENT CHARACTER}")
    if damaged <= max(1, len(_NON_ASCII.findall(data)) // 10):
        return Decoded(
            text=text, charset=codec, defect=f"Some characters were not valid {codec}."
        )
    found = _decode_undeclared(data, "", hint if codec_named(hint) != codec else "")
    return _with(found, f"Text said to be {codec} was read as {found.charset}.")


def _decode_undeclared(data: bytes, codec: str, hint: str) -> Decoded:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return Decoded(text=data.decode(name, "replace"), charset=name)
    if _is_utf8(data):
        return _as_utf8(data, "Text said to be ASCII is UTF-8." if codec else "")
    if _is_wide("", data):
        name = "utf_16_le" if data[1:2] == b"\0" else "utf_16_be"
        return Decoded(text=data.decode(name, "replace"), charset=name)
    if _ISO2022_ESCAPE.search(data):
        return Decoded(text=decode_iso2022(data), charset="iso2022_jp")
    name = _fitting(data, hint) or guess_charset(data)
    text = decode_superset(data, name, "replace")
    defect = f"Charset not declared; read as {name}."
    return Decoded(text=text, charset=name, defect=defect)


_MARKS = (
    (codecs.BOM_UTF8, "utf_8_sig"),
    (codecs.BOM_UTF32_LE, "utf_32"),
    (codecs.BOM_UTF16_LE, "utf_16"),
    (codecs.BOM_UTF16_BE, "utf_16"),
)


def _fitting(data: bytes, hint: str) -> str:
    """Return the hinted codec if it explains every byte."""
    codec = codec_named(hint) if hint else ""
    try:
        data.decode(codec or "ascii")
    except (UnicodeError, ValueError):
        return ""
    return codec


def decode_superset(data: bytes, codec: str, errors: str) -> str:
    """Decode, taking bytes that cp1252 leaves out as control characters."""
    return data.decode(codec, "cp1252_gaps" if codec == "cp1252" else errors)


def _fill_gap(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin_1"), error.end


codecs.register_error("cp1252_gaps", _fill_gap)


def _is_utf8(data: bytes) -> bool:
    """Tell whether non-ASCII bytes form UTF-8, allowing for a cut last character."""
    if data.isascii():
        return False
    try:
        _UTF8_DECODER().decode(data)
    except UnicodeDecodeError:
        return False
    return len(_NON_ASCII.findall(data, 0, 64)) > 1 or _utf8_pair(data)


def _utf8_pair(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _as_utf8(data: bytes, defect: str) -> Decoded:
    text = data.decode("utf-8", "replace")
    return Decoded(text=text.removeprefix("\ufeff"), charset="utf_8", defect=defect)


def clean(text: str) -> str:
    """Return the text without NUL, byte-order marks and lone surrogates."""
    if "\0" in text:
        text = text.replace("\0", "")
    if not text.isascii() and _SURROGATES.search(text):
        joined = text.encode("utf-16", "surrogatepass")
        text = joined.decode("utf-16", "replace")
    return text
