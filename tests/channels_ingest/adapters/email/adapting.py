"""Mail given to an adapter, and what it makes of it."""

from channels_ingest.adapters.email.adapter import EmailAdapter
from channels_ingest.base import Account, RawInput
from inbox.contract import InboundMessage
from tests.factories.channels_ingest import mail_source

SECRET = "a secret for signed mail ids"
MX = "mx.shop.example"
AGENT = "ada@shop.example"


def adapter(**config):
    return EmailAdapter(
        Account(
            channel_id=1,
            kind="email",
            address="support@shop.example",
            config=config,
            own_addresses=frozenset({"support@shop.example", "sales@shop.example"}),
            colleagues=frozenset({AGENT}),
            token_keys=("an older secret, still read", SECRET),
        )
    )


def parse(raw, *, config=None, source="smtp", **headers):
    return adapter(**(config or {})).parse(
        RawInput(raw=raw, source=source, headers=headers, external_id="key")
    )


def message(raw, **options):
    (found,) = parse(raw, **options)
    assert isinstance(found, InboundMessage)
    return found


def multipart(*parts, kind="mixed", headers=()):
    head = mail_source(headers=headers).split(b"Content-Type")[0]
    body = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts)
    return (
        head
        + f"Content-Type: multipart/{kind}; boundary=b\r\n\r\n".encode()
        + body
        + b"--b--\r\n"
    )


TEXT = b"Content-Type: text/plain\r\n\r\nHello"
HTML = b"Content-Type: text/html\r\n\r\n"
PNG = (
    b"Content-Type: image/png\r\nContent-ID: <logo@x>\r\n"
    b"Content-Disposition: inline; filename=logo.png\r\n\r\nPNG"
)
