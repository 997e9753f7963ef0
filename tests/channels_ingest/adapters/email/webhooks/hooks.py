"""Requests as the providers of mail make them, and what they store for us."""

import base64
import hashlib
import hmac
import json
from email import message_from_bytes

from cryptography.hazmat.primitives import serialization

from channels_ingest.adapters.email.webhooks import (
    ContentNotFetched,
    FetchedContent,
    InboundMail,
    WebhookConfig,
    WebhookRequest,
)

MIME = (
    b"From: Ann <ann@shop.example>\r\nTo: support@desk.example\r\n"
    b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMessage-ID: <a@shop.example>\r\n"
    b"X-Odd: kept   as it is\r\n\r\nWhere is it?\r\n"
)
BASIC = "Basic " + base64.b64encode(b"desk:secret").decode()


def config(provider, direction="inbound", **settings):
    return WebhookConfig(provider=provider, direction=direction, settings=settings)


def request(body, *, url="https://desk.example/hooks/1", **headers):
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return WebhookRequest(
        url=url, body=body, headers={"Content-Type": "application/json"} | names
    )


def form(**fields):
    boundary = "cut-here"
    parts = []
    for name, value in fields.items():
        disposition = f'form-data; name="{name.replace("_", "-")}"'
        if isinstance(value, tuple):
            disposition += f'; filename="{value[0]}"'
            value = value[1]
        content = value if isinstance(value, bytes) else value.encode()
        head = f"--{boundary}\r\nContent-Disposition: {disposition}\r\n\r\n"
        parts.append(head.encode() + content + b"\r\n")
    body = b"".join(parts) + f"--{boundary}--\r\n".encode()
    return request(body, Content_Type=f"multipart/form-data; boundary={boundary}")


def mailgun_inbound(key="mg-key", **more):
    signature = hmac.new(key.encode(), b"1700000000tok", hashlib.sha256).hexdigest()
    fields = {"body_mime": MIME, "sender": "ann@shop.example", **more}
    return form(token="tok", timestamp="1700000000", signature=signature, **fields)


class Store:
    """A provider that hands over what it stored."""

    def __init__(self, **contents):
        self.contents = contents
        self.asked = []

    def get(self, *, url, headers):
        self.asked.append((url, dict(headers)))
        for part, content in self.contents.items():
            if part in url:
                return FetchedContent(body=content, content_type="text/plain")
        raise ContentNotFetched(url)

    def get_object(self, *, bucket, key):
        self.asked.append((bucket, key))
        return self.contents["s3"]


def assert_is_our_mail(mail):
    assert isinstance(mail, InboundMail)
    read = message_from_bytes(mail.raw)
    assert read["Message-ID"] == "<a@shop.example>"
    assert read.get_payload(decode=True).strip() == b"Where is it?"


def public_key(key):
    der = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(der).decode()
