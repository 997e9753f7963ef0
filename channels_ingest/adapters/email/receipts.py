"""What a report says became of a message of ours."""

from collections.abc import Iterable

from channels_ingest.adapters.email.bounces import Bounce, BouncedRecipient
from channels_ingest.adapters.email.references import normalize_message_id
from channels_ingest.adapters.email.signed_ids import (
    SignedMessageId,
    read_bounce_address,
    read_message_id,
)
from channels_ingest.adapters.email.webhooks import DeliveryEvent
from channels_ingest.base import Account, RawInput
from inbox.contract import InboundMessage, Receipt, ReceiptStatus


def receipts_of(
    bounce: Bounce, *, raw: RawInput, account: Account, otherwise: InboundMessage
) -> tuple[Receipt, ...]:
    """Return one receipt for each recipient whom a message of ours did not reach."""
    item = _item_of(bounce, raw=raw, account=account)
    keys = tuple(filter(None, map(normalize_message_id, _named_ids(bounce))))
    if item is None and not keys:
        return ()
    recipients = bounce.recipients or (None,)
    return tuple(
        _receipt(
            bounce,
            recipient=recipient,
            item=item,
            keys=keys,
            # Once is enough, if it turns out to be none of ours.
            otherwise=None if number else otherwise,
        )
        for number, recipient in enumerate(recipients[:50])
    )


def _receipt(
    bounce: Bounce,
    *,
    recipient: BouncedRecipient | None,
    item: SignedMessageId | None,
    keys: tuple[str, ...],
    otherwise: InboundMessage | None,
) -> Receipt:
    is_permanent = recipient.is_permanent if recipient else bounce.is_permanent
    return Receipt(
        status=ReceiptStatus.BOUNCED if is_permanent else ReceiptStatus.DEFERRED,
        message_keys=keys,
        proven_item_id=item.item if item else None,
        recipient=recipient.address.lower() if recipient else "",
        is_permanent=is_permanent,
        reason=str(recipient.reason.sentence if recipient else bounce.reason),
        diagnostic=recipient.diagnostic if recipient else "",
        otherwise=otherwise,
    )


def _item_of(
    bounce: Bounce, *, raw: RawInput, account: Account
) -> SignedMessageId | None:
    """Return the message that a signed id of ours in the report names."""
    addresses = [*map(str, raw.headers.get("rcpt_to") or ()), *bounce.delivered_to]
    for secret in account.token_keys:
        for address in addresses[:50]:
            named = read_bounce_address(secret=secret, address=address)
            if named is not None:
                return named
        for key in _named_ids(bounce):
            named = read_message_id(secret=secret, message_id=key)
            if named is not None:
                return named
    return None


def _named_ids(bounce: Bounce) -> Iterable[str]:
    yield from filter(None, (bounce.original_message_id, bounce.original_envelope_id))


_STATUSES = {
    "delivered": ReceiptStatus.DELIVERED,
    "sent": ReceiptStatus.SENT,
    "deferred": ReceiptStatus.DEFERRED,
    "bounced": ReceiptStatus.BOUNCED,
    "rejected": ReceiptStatus.FAILED,
    "failed": ReceiptStatus.FAILED,
}


def receipt_of_event(event: DeliveryEvent) -> Receipt | None:
    """Return what a provider's delivery event says; None if it is about other things.

    Opens, clicks and subscriptions arrive here too.
    """
    status = _STATUSES.get(event.event_type)
    if status is None:
        return None
    return Receipt(
        status=status,
        message_keys=(event.message_id, normalize_message_id(event.message_id)),
        recipient=event.recipient.lower(),
        is_permanent=status in (ReceiptStatus.BOUNCED, ReceiptStatus.FAILED),
        reason=event.description or event.reject_reason,
        diagnostic=event.mta_response,
        occurred_at=event.occurred_at,
    )
