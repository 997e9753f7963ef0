"""What was handed to us and not read yet."""

import hashlib

import factory

from channels_ingest.models import InboundEvent
from tests.factories.inbox import ChannelFactory

MAIL = """\
From: {name} <{sender}>
To: {to}
Subject: {subject}
Date: Sat, 21 Nov 2026 10:00:00 +0000
Message-ID: <{message_id}>
Content-Type: text/plain; charset=utf-8

{text}
"""


def mail_source(
    *,
    sender="maya@people.example",
    name="Maya",
    to="support@shop.example",
    subject="Where is my parcel?",
    message_id="one@people.example",
    text="It should have come on Monday.",
    headers=(),
):
    """Return a small mail as bytes; `headers` are put on top of it."""
    lines = "".join(f"{key}: {value}\n" for key, value in headers)
    body = MAIL.format(
        sender=sender,
        name=name,
        to=to,
        subject=subject,
        message_id=message_id,
        text=text,
    )
    return (lines + body).replace("\n", "\r\n").encode()


class InboundEventFactory(factory.django.DjangoModelFactory):
    """A journalled mail that waits to be read."""

    class Meta:
        model = InboundEvent

    channel = factory.SubFactory(ChannelFactory)
    source = "smtp"
    dedupe_key = factory.Sequence(lambda n: f"key-{n}")
    raw = factory.Sequence(lambda n: mail_source(message_id=f"m{n}@people.example"))
    sha256 = factory.LazyAttribute(lambda event: hashlib.sha256(event.raw).hexdigest())
    size = factory.LazyAttribute(lambda event: len(event.raw))
