"""Send one mail the way its channel is set up: SMTP, or a provider's API.

`config["outgoing"]` says how:

- `{"transport": "smtp", "host", "port", "security", "username", "password"}`
- `{"transport": "provider", "provider": "postmark", "settings": {…}}`: the settings
  are those of django-anymail for that provider, without its prefix, in lower case
"""

import contextlib
from collections.abc import Mapping
from typing import Any

from channels_ingest.adapters.email.outgoing import (
    AddressNotUsable,
    Letterhead,
    compose_mail,
)
from channels_ingest.adapters.email.provider_transport import transmit_by_provider
from channels_ingest.adapters.email.signed_ids import (
    LocalPartTooLong,
    sign_bounce_address,
    sign_message_id,
    sign_reply_address,
)
from channels_ingest.adapters.email.smtp_transport import SmtpServer, transmit
from channels_ingest.base import Account, SendFailed
from inbox.contract import OutboundMessage, SendResult


def send_mail(*, account: Account, message: OutboundMessage) -> SendResult:
    """Send `message` from the channel `account`.

    The Message-ID is the same for every attempt, so that a second copy would be known
    as the first.

    :raises SendFailed: if it was not taken, or perhaps not
    """
    outgoing = account.config.get("outgoing") or {}
    letterhead = letterhead_of(account=account, message=message)
    try:
        mail = compose_mail(message, letterhead=letterhead)
    except AddressNotUsable as error:
        raise SendFailed(
            f"The address {error} is not written correctly.", permanent=True
        ) from error
    if outgoing.get("transport") == "provider":
        return transmit_by_provider(
            mail, outgoing=outgoing, letterhead=letterhead, message=message
        )
    result = transmit(
        mail,
        server=server_of(outgoing),
        envelope_sender=letterhead.envelope_sender,
        recipients=list(dict.fromkeys(r.handle for r in message.recipients)),
        attempt=message.attempt,
    )
    key = letterhead.message_id.strip("<>")
    return SendResult(
        external_id=key,
        own_keys=(key,),
        response=result.response,
        refused=result.refused,
    )


def letterhead_of(*, account: Account, message: OutboundMessage) -> Letterhead:
    """Return whom the mail is from and the signed ids it carries."""
    secret = account.token_keys[0]
    domain = account.address.rpartition("@")[2]
    reply_to = envelope_sender = account.address
    if takes_plus_addresses(account.config):
        with contextlib.suppress(LocalPartTooLong):
            reply_to = sign_reply_address(
                secret=secret,
                address=account.address,
                conversation=message.conversation_id,
                channel=account.channel_id,
            )
    if account.config.get("bounce_address"):
        envelope_sender = sign_bounce_address(
            secret=secret,
            conversation=message.conversation_id,
            item=message.item_id,
            domain=domain,
        )
    return Letterhead(
        from_name=message.sender_name or account.sender_name,
        from_address=account.address,
        reply_to=reply_to,
        envelope_sender="" if message.is_automatic else envelope_sender,
        message_id=sign_message_id(
            secret=secret,
            conversation=message.conversation_id,
            item=message.item_id,
            domain=domain,
        ),
    )


def takes_plus_addresses(config: Mapping[str, Any]) -> bool:
    """Whether mail to `support+anything@` comes in: our own listener takes it."""
    incoming = (config.get("incoming") or {}).get("transport", "smtp")
    return bool(config.get("plus_addresses", incoming in ("smtp", "lmtp")))


def server_of(outgoing: Mapping[str, Any]) -> SmtpServer:
    """:raises SendFailed: if the channel names none"""
    if not outgoing.get("host"):
        raise SendFailed(
            "The channel has no outgoing mail server yet. "
            "An admin can set it in the channel's settings.",
        )
    return SmtpServer(
        host=str(outgoing["host"]),
        port=int(outgoing.get("port") or 587),
        security=str(outgoing.get("security") or "starttls"),
        username=str(outgoing.get("username") or ""),
        password=str(outgoing.get("password") or ""),
        access_token=str(outgoing.get("access_token") or ""),
    )
