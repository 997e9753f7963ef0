"""Keep files of any kind and name, and hand them out so that none of them can run.

The name a file came with is only ever shown; on disk it has a random one, outside
everything that is served directly. Only pictures that cannot hold a script are shown
in the page, and only if their bytes say so.
"""

import hashlib
import hmac
import io
import os
import re
import secrets
import stat
import time
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from random import SystemRandom
from typing import BinaryIO, Final
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.signing import Signer
from django.http import FileResponse
from django.utils.http import content_disposition_header

DIRECTORY_MODE: Final = 0o750
FILE_MODE: Final = 0o640
LINK_SECONDS: Final = 60 * 60
LINK_STEP: Final = 10 * 60
"""Links made within this time are equal, so that browsers can keep the file."""
MAX_NAME: Final = 180
NAMELESS: Final = "attachment"
PART: Final = 2 * 1024 * 1024
"""As much of a sound is handed out at once to whoever asks for a part of it."""
DRAFT: Final = ".draft"
"""What the name of a file ends with until all of it is written."""

_STORED_NAME: Final = re.compile(r"([0-9a-f]{2})/([0-9a-f]{2})/[0-9a-f]{32}")
_FOLDER: Final = re.compile("[0-9a-f]{2}")
_TOKEN: Final = re.compile(r"([0-9]{1,18})\.([0-9]{1,12})\.([\w-]{20,100})", re.ASCII)
_RANGE: Final = re.compile(r"bytes=([0-9]{1,12})-([0-9]{0,12})", re.ASCII)
_UNSAFE: Final = re.compile(r'[<>:"|?*]')
_RESERVED: Final = re.compile(
    r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE
)
_JOINERS: Final = frozenset("\u200c\u200d")
_POLICY: Final = (
    "default-src 'none'; sandbox; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)

_random = SystemRandom()


class FileLinkInvalid(PermissionDenied):
    """The link is forged, belongs to another file, or has expired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """What is known of a file after its bytes are safe on disk."""

    stored_name: str
    size: int
    sha256: str
    image_type: str
    """The content type if the bytes are a picture that may be shown, else ""."""


def store_file(content: bytes | Iterable[bytes]) -> StoredFile:
    """Write `content` below MEDIA_ROOT under a random name; durable on return."""
    chunks = [content] if isinstance(content, bytes) else content
    name = secrets.token_hex(16)
    stored_name = f"{name[:2]}/{name[2:4]}/{name}"
    path = _path_of(stored_name)
    _make_directories(path.parent)
    draft = path.with_name(f"{name}{DRAFT}")
    try:
        stored = _write(draft, stored_name, chunks)
        draft.rename(path)
        _sync_directory(path.parent)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return stored


def open_file(stored_name: str) -> BinaryIO:
    """Open a stored file for reading.

    :raises FileNotFoundError: also for names that `store_file` does not make
    """
    descriptor = os.open(_path_of(stored_name), os.O_RDONLY | os.O_NOFOLLOW)
    return os.fdopen(descriptor, "rb")


def delete_file(stored_name: str) -> None:
    """Remove a stored file; one that is gone already is no mistake."""
    _path_of(stored_name).unlink(missing_ok=True)


def delete_unknown_files(
    *,
    before: datetime,
    known_among: Callable[[Sequence[str]], Collection[str]],
    batch: int = 500,
) -> int:
    """Delete what was stored before a time and nobody knows of; return how many.

    What a crash left half written is nobody's. Whatever `store_file` did not make
    stays, and no link is followed.

    :param known_among: asked with some names; those that it returns are kept
    """
    deleted = 0
    old = _old_files(before.timestamp())
    while names := list(islice(old, batch)):
        known = known_among([name for name in names if not name.endswith(DRAFT)])
        for name in set(names).difference(known):
            (Path(settings.MEDIA_ROOT) / name).unlink(missing_ok=True)
            deleted += 1
    return deleted


def safe_name(name: str) -> str:
    """Return `name` so that it reads as what it is, on every system.

    No path, no control or direction-changing character, nothing that a file system
    or a shell gives a meaning to; the extension survives shortening.
    """
    name = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())
    name = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    name = "".join(character for character in name if _is_shown(character))
    name = _UNSAFE.sub("_", " ".join(name.split())).strip(". ")
    if _RESERVED.fullmatch(name):
        name = f"_{name}"
    return _shortened(name) or NAMELESS


def raster_type(head: bytes) -> str:
    """Return the content type of a picture that cannot hold a script, else ""."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return ""


def sound_type(head: bytes) -> str:
    """Return the content type of what browsers play, else ""."""
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "audio/webm"
    if head.startswith(b"OggS"):
        return "audio/ogg"
    if head[4:8] == b"ftyp":
        return "audio/mp4"
    if head.startswith((b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")):
        return "audio/mpeg"
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "audio/wav"
    return ""


def attachment_response(*, stored_name: str, name: str) -> FileResponse:
    """Answer with the file as a download that no browser opens as a page."""
    response = FileResponse(
        open_file(stored_name), content_type="application/octet-stream"
    )
    return _guarded(response, disposition=_disposition(name, as_attachment=True))


def image_response(*, stored_name: str, name: str) -> FileResponse:
    """Answer with a picture to be shown, or a download if it is anything else."""
    file = open_file(stored_name)
    content_type = raster_type(file.read(16))
    if not content_type:
        file.close()
        return attachment_response(stored_name=stored_name, name=name)
    file.seek(0)
    response = FileResponse(file, content_type=content_type)
    return _guarded(response, disposition=_disposition(name, as_attachment=False))


def sound_response(*, stored_name: str, name: str, wanted: str = "") -> FileResponse:
    """Answer with a sound to be played, or a download if it is anything else.

    :param wanted: the header `Range`; some browsers play only what comes in parts
    """
    file = open_file(stored_name)
    content_type = sound_type(file.read(16))
    if not content_type:
        file.close()
        return attachment_response(stored_name=stored_name, name=name)
    file.seek(0)
    response = _part_of(file, wanted) or FileResponse(file)
    response["Content-Type"] = content_type
    response["Accept-Ranges"] = "bytes"
    return _guarded(response, disposition=_disposition(name, as_attachment=False))


def sign_file_url(
    path: str, *, file_id: str, agent_id: int, now: float | None = None
) -> str:
    """Return `path` with a key that lets this agent read this file for an hour.

    No cookie is needed, so the files may live on an address of their own.
    """
    moment = time.time() if now is None else now
    expires = (int(moment) // LINK_STEP) * LINK_STEP + LINK_STEP + LINK_SECONDS
    signature = _signature(file_id, agent_id, expires)
    return f"{path}?key={quote(f'{agent_id}.{expires}.{signature}')}"


def read_file_token(token: str, *, file_id: str, now: float | None = None) -> int:
    """Return the id of the agent for whom the link to this file was made.

    :raises FileLinkInvalid: whatever is wrong with it
    """
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise FileLinkInvalid
    agent_id, expires = int(match.group(1)), int(match.group(2))
    expected = _signature(file_id, agent_id, expires)
    if not hmac.compare_digest(expected, match.group(3)):
        raise FileLinkInvalid
    if expires < (time.time() if now is None else now):
        raise FileLinkInvalid
    return agent_id


def check_file_link(
    token: str, *, file_id: str, may_read: Callable[[int], bool]
) -> int:
    """Return the reader's id if the link holds and they may still read the file.

    :param may_read: asked with the agent's id: a link does not outlive permission
    :raises FileLinkInvalid: if either is not so
    """
    agent_id = read_file_token(token, file_id=file_id)
    if not may_read(agent_id):
        raise FileLinkInvalid
    return agent_id


def _signature(file_id: str, agent_id: int, expires: int) -> str:
    signer = Signer(salt="helpdesk.core.files")
    return signer.signature(f"{file_id}:{agent_id}:{expires}")


def _path_of(stored_name: str) -> Path:
    match = _STORED_NAME.fullmatch(stored_name)
    name = stored_name[6:]
    if match is None or name[:4] != match.group(1) + match.group(2):
        raise FileNotFoundError(stored_name)
    return Path(settings.MEDIA_ROOT) / stored_name


def _old_files(before: float) -> Iterator[str]:
    root = Path(settings.MEDIA_ROOT)
    outer_folders = _folders_of(root)
    # If time runs out, those that were last today are not so every day.
    _random.shuffle(outer_folders)
    for outer in outer_folders:
        for inner in _folders_of(root / outer):
            for entry in _entries(root / outer / inner):
                name = f"{outer}/{inner}/{entry.name}"
                if _is_ours(name) and _is_older(entry, before):
                    yield name


def _entries(folder: Path) -> "list[os.DirEntry[str]]":
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        return list(entries)


def _folders_of(folder: Path) -> list[str]:
    return [
        entry.name
        for entry in _entries(folder)
        if _FOLDER.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False)
    ]


def _is_ours(name: str) -> bool:
    try:
        _path_of(name.removesuffix(DRAFT))
    except FileNotFoundError:
        return False
    return True


def _is_older(entry: "os.DirEntry[str]", before: float) -> bool:
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        # Its draft was thrown away while we looked.
        return False
    return stat.S_ISREG(status.st_mode) and status.st_mtime < before


def _make_directories(directory: Path) -> None:
    root = Path(settings.MEDIA_ROOT)
    for each in (root, directory.parent, directory):
        if not each.is_dir():
            each.mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
            # The umask of whoever starts us does not decide who may read.
            each.chmod(DIRECTORY_MODE)


def _write(draft: Path, stored_name: str, chunks: Iterable[bytes]) -> StoredFile:
    digest, size, head = hashlib.sha256(), 0, b""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with os.fdopen(os.open(draft, flags, FILE_MODE), "wb") as file:
        os.fchmod(file.fileno(), FILE_MODE)
        for chunk in chunks:
            head = head or bytes(chunk[:16])
            digest.update(chunk)
            size += len(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return StoredFile(
        stored_name=stored_name,
        size=size,
        sha256=digest.hexdigest(),
        image_type=raster_type(head),
    )


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_shown(character: str) -> bool:
    category = unicodedata.category(character)
    if category in {"Cc", "Cs", "Zl", "Zp"}:
        return character in "\t\n\r"
    return category != "Cf" or character in _JOINERS


def _shortened(name: str) -> str:
    if len(name) <= MAX_NAME:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > 20:
        return name[:MAX_NAME].rstrip()
    return f"{stem[: MAX_NAME - len(extension) - 1].rstrip()}.{extension}"


def _disposition(name: str, *, as_attachment: bool) -> str:
    return content_disposition_header(as_attachment, safe_name(name)) or "attachment"


def _part_of(file: BinaryIO, wanted: str) -> FileResponse | None:
    """Return the part that a `Range` names; None if that is all, or makes no sense."""
    asked = _RANGE.fullmatch(wanted)
    size = os.fstat(file.fileno()).st_size
    if asked is None or int(asked[1]) >= size:
        return None
    first = int(asked[1])
    last = min(int(asked[2] or size), first + PART - 1, size - 1)
    if last < first:
        return None
    with file:
        file.seek(first)
        part = io.BytesIO(file.read(last - first + 1))
    response = FileResponse(part, status=206)
    response["Content-Range"] = f"bytes {first}-{last}/{size}"
    return response


def _guarded(response: FileResponse, *, disposition: str) -> FileResponse:
    response["Content-Disposition"] = disposition
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = _POLICY
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = f"private, max-age={LINK_SECONDS}, immutable"
    return response
