"""Mails meant to hurt whoever reads them; each has a Message-ID of its own."""

from collections.abc import Iterator

MANY_PARTS = 10_000
DEEP_TAGS = 100_000


def poison_mails(*, to: str) -> Iterator[tuple[str, bytes]]:
    """Yield `(message id, raw mail)`: huge, deep, broken, and of no meaning."""
    for number, (kind, body) in enumerate(_bodies()):
        message_id = f"poison-{number}-{kind}@people.example"
        head = (
            f"From: Poison {number} <poison{number}@people.example>\r\n"
            f"To: {to}\r\nSubject: Poison {kind}\r\n"
            f"Message-ID: <{message_id}>\r\n"
            "Date: Sun, 22 Nov 2026 09:00:00 +0000\r\nMIME-Version: 1.0\r\n"
        )
        yield message_id, head.encode() + body


def _bodies() -> Iterator[tuple[str, bytes]]:
    yield "parts", _parts()
    yield "deep", _html(b"<div>" * DEEP_TAGS)
    yield "nul", b"\r\nHello\x00there\x00\r\n"
    yield (
        "utf8",
        b"Content-Type: text/plain; charset=utf-8\r\n\r\n\xff\xfe\xfa broken\r\n",
    )
    yield "surrogate", _html(b"&#xD800;&#xDFFF; lone")
    yield "charset", b"Content-Type: text/plain; charset=no-such-thing\r\n\r\nHi\r\n"
    yield "nested", _nested(400)
    yield (
        "base64",
        (
            b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            b"!!!not base64!!!\r\n"
        ),
    )
    yield "headers", b"X-Long: a\r\n" * 20_000 + b"\r\nHi\r\n"
    yield "links", _html(b'<a href="https://example.org/">x</a>' * 20_000)
    yield "entities", _html(b"&lt;" * 300_000)
    yield "large", b"\r\n" + b"x" * 78 * 10 + b"\r\n" + (b"y" * 76 + b"\r\n") * 60_000
    yield (
        "boundary",
        b'Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n\r\nHi\r\n',
    )
    yield (
        "tnef",
        (
            b"Content-Type: application/ms-tnef; name=winmail.dat\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\neJ8+IgAAAAAAAAAAAA==\r\n"
        ),
    )


def _html(body: bytes) -> bytes:
    return b"Content-Type: text/html; charset=utf-8\r\n\r\n<html>" + body + b"\r\n"


def _parts() -> bytes:
    part = b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"
    return (
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
        + part * MANY_PARTS
        + b"--b--\r\n"
    )


def _nested(depth: int) -> bytes:
    opened = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n)
        for n in range(depth)
    )
    return opened + b"Content-Type: text/plain\r\n\r\nDeep inside\r\n"
