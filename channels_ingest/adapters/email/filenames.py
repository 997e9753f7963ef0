"""Gives every attachment a name that is safe to show and to save."""

import mimetypes
import re
import unicodedata

from channels_ingest.adapters.email.limits import MAX_FILENAME_BYTES

_DANGEROUS = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)
_RESERVED = re.compile(r'[<>:"|?*/\\]')
_SPACE = re.compile(r"\s+")
_DRIVE = re.compile(r"^[A-Za-z]:[\\/]")
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,10}$")

_NAMES = {
    "application/pgp-encrypted": "pgp-version.txt",
    "application/pgp-keys": "public-key.asc",
    "application/pgp-signature": "signature.asc",
    "application/pkcs7-mime": "smime.p7m",
    "application/pkcs7-signature": "smime.p7s",
    "application/x-pkcs7-mime": "smime.p7m",
    "application/x-pkcs7-signature": "smime.p7s",
    "message/delivery-status": "delivery-status.txt",
    "message/disposition-notification": "receipt.txt",
    "message/feedback-report": "feedback-report.txt",
    "message/global-delivery-status": "delivery-status.txt",
    "message/rfc822": "message.eml",
    "text/calendar": "invitation.ics",
    "text/html": "message.html",
    "text/plain": "message.txt",
    "text/rfc822-headers": "headers.txt",
    "text/vcard": "contact.vcf",
    "text/x-vcard": "contact.vcf",
}
_STEMS = {"image": "image", "audio": "audio", "video": "video", "text": "text"}


def safe_filename(original: str, content_type: str, number: int) -> str:
    """Return a name without path, control or direction characters.

    `number` tells nameless attachments of one mail apart.
    """
    name = _without_path(_DANGEROUS.sub("", original))
    name = _SPACE.sub(" ", _RESERVED.sub("_", name)).strip()
    name = name.rstrip(". ")
    if name.startswith("."):
        name = f"_{name[1:]}" if len(name) > 1 else ""
    if not name.strip("_ "):
        return _invented(content_type, number)
    return _shortened(unicodedata.normalize("NFC", name))


def _without_path(name: str) -> str:
    """Keep the last step of what is a path, not of a name that has a slash in it."""
    is_path = _DRIVE.match(name) or name.startswith(("/", "\\", "~/"))
    if is_path or ".." in re.split(r"[\\/]", name):
        return re.split(r"[\\/]", name)[-1]
    return name


def _invented(content_type: str, number: int) -> str:
    name = _NAMES.get(content_type)
    if name is None:
        stem = _STEMS.get(content_type.partition("/")[0], "attachment")
        name = stem + (mimetypes.guess_extension(content_type, strict=False) or ".bin")
    if number <= 1:
        return name
    stem, dot, extension = name.rpartition(".")
    return f"{stem}-{number}{dot}{extension}"


def _shortened(name: str) -> str:
    """Cut a name in the middle, so that its extension stays."""
    encoded = name.encode()
    if len(encoded) <= MAX_FILENAME_BYTES:
        return name
    extension = (_EXTENSION.search(name) or [""])[0]
    kept = encoded[: MAX_FILENAME_BYTES - len(extension.encode())]
    return kept.decode("utf-8", "ignore").rstrip() + extension
