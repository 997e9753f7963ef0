"""Tell most mail from delivery reports by a look at its headers as they came in.

What is certain is said at once: that plain headers name no mail server and speak of no
failure. Whatever is unusual in them is left to those who read a mail thoroughly.
"""

import re

from channels_ingest.adapters.email.bounces.evidence import is_daemon, subject_says_so

_TELLING_FIELD = re.compile(
    rb"\n(from|sender|return-path|subject|x-failed-recipients|content-type):"
    rb"([^\n]*(?:\n[ \t][^\n]*)*)",
    re.IGNORECASE,
)
_LONGEST_VALUE = 900
_PLAIN_MAILBOX = re.compile(
    r"(?:(?:\"([^\"\\]*)\" ?|([\w .'-]*))<)?(\w[\w.+=-]*)@[\w.-]+>?", re.ASCII
)


def is_surely_no_report(head: bytes) -> bool:
    """Judge by the bytes of the headers, down to the first blank line."""
    lines = b"\n" + head.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return all(
        _is_harmless(found[1].lower(), found[2])
        for found in _TELLING_FIELD.finditer(lines)
    )


def _is_harmless(name: bytes, value: bytes) -> bool:
    if name == b"content-type":
        return b"multipart/report" not in value.lower()
    is_plain = value.isascii() and b"=?" not in value and len(value) <= _LONGEST_VALUE
    if name == b"x-failed-recipients" or not is_plain:
        return False
    text = " ".join(value.decode("ascii").split())
    if name == b"subject":
        return not subject_says_so(text)
    return _is_no_daemon(text, is_author=name == b"from")


def _is_no_daemon(text: str, *, is_author: bool) -> bool:
    found = _PLAIN_MAILBOX.fullmatch(text)
    if not found:
        return False
    quoted, words, local = found.groups()
    return not is_daemon(local, (quoted or words or "") if is_author else "")
