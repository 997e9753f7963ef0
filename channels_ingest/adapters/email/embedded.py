"""Takes files out of bodies: uuencoded text and images inside HTML links."""

import binascii
import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from channels_ingest.adapters.email.limits import MAX_EMBEDDED_FILES
from channels_ingest.adapters.email.transfer import decode_base64, decode_uu_lines

_BEGIN = re.compile(r"begin(?:-base64)? [0-7]{3,4} (\S.{0,500})")
_UU_LINE = re.compile(r"[ -`]{1,130}")
_DATA_URL = re.compile(
    r"(?<=[\"'(])data:(image/[\w.+-]{1,60})(;[^,\"'()<>\s]{0,200})?,([^\"'()<>]{20,}+)"
)


@dataclass(frozen=True, slots=True)
class EmbeddedFile:
    name: str
    content_type: str
    data: bytes
    content_id: str = ""


def take_uuencoded(text: str) -> tuple[str, list[EmbeddedFile]]:
    """Return the text without the uuencoded files in it, and those files."""
    if "begin" not in text or "\nend" not in text:
        return text, []
    files: list[EmbeddedFile] = []
    kept: list[str] = []
    block: list[str] | None = None
    for line in text.split("\n"):
        if block is None and _BEGIN.fullmatch(line) and len(files) < MAX_EMBEDDED_FILES:
            block = [line]
        elif block is None:
            kept.append(line)
        elif line.rstrip() in ("end", "===="):
            files.append(_uudecoded(block))
            block = None
        elif _UU_LINE.fullmatch(line) or not line:
            block.append(line)
        else:
            kept += [*block, line]
            block = None
    return "\n".join([*kept, *(block or ())]), files


def _uudecoded(block: list[str]) -> EmbeddedFile:
    begin = block[0]
    name = (_BEGIN.fullmatch(begin) or [begin, ""])[1]
    if begin.startswith("begin-base64"):
        data = decode_base64("".join(block[1:]).encode("ascii", "ignore"))
    else:
        data = decode_uu_lines([line.encode("ascii") for line in block[1:]])
    return EmbeddedFile(name, "application/octet-stream", data)


def take_data_urls(markup: str) -> tuple[str, list[EmbeddedFile]]:
    """Replace images inside the HTML by `cid:` links to files, and return those."""
    if "data:image/" not in markup:
        return markup, []
    files: list[EmbeddedFile] = []

    def replace(match: re.Match[str]) -> str:
        if len(files) >= MAX_EMBEDDED_FILES:
            return match.group()
        data = _url_content(match.group(2) or "", match.group(3))
        if not data:
            return match.group()
        content_id = f"embedded-{len(files) + 1}@image"
        files.append(EmbeddedFile("", match.group(1).lower(), data, content_id))
        return f"cid:{content_id}"

    return _DATA_URL.sub(replace, markup), files


def _url_content(options: str, content: str) -> bytes:
    raw = unquote_to_bytes(content)
    if not options.lower().endswith(";base64"):
        return raw
    try:
        return decode_base64(raw)
    except binascii.Error:
        return b""
