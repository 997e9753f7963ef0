"""What becomes of what we wrote: claimed, sent, late, back, or nobody knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from helpdesk.core.events import emit
from inbox.actions.appending import announce_change
from inbox.contract import Receipt, ReceiptStatus, SendResult
from inbox.events import DeliveryChanged
from inbox.models import (
    Channel,
    Delivery,
    DeliveryState,
    MessageDetail,
    ThreadReference,
    TimelineItem,
)

LEASE = timedelta(seconds=settings.DELIVERY_LEASE_SECONDS)
"""How long a sender may take before we no longer know what it did."""
LONGEST_PAUSE = timedelta(hours=1)
CLOCKS_DIFFER = timedelta(minutes=1)
"""By so much the clocks of several machines may differ without anything being wrong."""
_random = SystemRandom()


class StaleAttempt(Exception):
    """A later attempt took over: this result must not be written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to send one message once."""

    item_id: int
    attempt: int


@transaction.atomic
def claim_deliveries(*, now: datetime, limit: int = 20) -> list[Claim]:
    """Take messages that are due, at most one of each conversation.

    The attempt is counted, and committed, before anything is sent: a crash counts.
    A message waits while an earlier one of its conversation is under way or due.
    """
    rows = Delivery.objects.raw(
        """
        SELECT d.* FROM inbox_delivery d
        WHERE d.state IN ('held', 'queued') AND d.send_after <= %s
          AND NOT EXISTS (
            SELECT 1 FROM inbox_delivery e
            WHERE e.conversation_id = d.conversation_id AND e.item_id < d.item_id
              AND (e.state = 'sending'
                   OR (e.state IN ('held', 'queued') AND e.send_after <= %s)))
        ORDER BY d.send_after, d.item_id
        LIMIT %s
        FOR UPDATE OF d SKIP LOCKED
        """,
        [now, now, limit],
    )
    return [_claim(delivery, now=now) for delivery in rows]


def _claim(delivery: Delivery, *, now: datetime) -> Claim:
    delivery.state = DeliveryState.SENDING
    delivery.attempts += 1
    delivery.lease_until = now + LEASE
    delivery.save(update_fields=["state", "attempts", "lease_until", "updated_at"])
    _announce(delivery)
    return Claim(item_id=delivery.pk, attempt=delivery.attempts)


@transaction.atomic
def begin_sending(*, claim: Claim, now: datetime) -> None:
    """Start the lease anew, for the message is handed over now.

    It may have waited behind others that were claimed together with it.

    :raises StaleAttempt: if somebody gave it up meanwhile: it must not leave
    """
    delivery = _locked(claim)
    delivery.lease_until = now + LEASE
    delivery.save(update_fields=["lease_until"])


def _announce(delivery: Delivery) -> None:
    emit(
        DeliveryChanged(
            conversation_id=delivery.conversation_id,
            item_id=delivery.pk,
            state=delivery.state,
        )
    )
    announce_change(delivery.conversation)


def _locked(claim: Claim) -> Delivery:
    delivery = (
        Delivery.objects.select_for_update(of=("self",))
        .select_related("conversation")
        .get(pk=claim.item_id)
    )
    if delivery.attempts != claim.attempt or delivery.state != DeliveryState.SENDING:
        raise StaleAttempt
    return delivery


@transaction.atomic
def record_sent(*, claim: Claim, result: SendResult, now: datetime) -> None:
    """Note that the provider took the message, and the ids it may come back under.

    :raises StaleAttempt: if the lease ran out and somebody else took over
    """
    delivery = _locked(claim)
    delivery.state = DeliveryState.SENT
    delivery.sent_at = now
    delivery.lease_until = None
    delivery.provider_message_id = result.external_id[:512]
    delivery.reason = ""
    delivery.diagnostic = result.response[:2000]
    delivery.failed_recipients = [
        {"handle": handle, "reason": words} for handle, words in result.refused.items()
    ]
    if delivery.failed_recipients:
        delivery.state = DeliveryState.BOUNCED
    delivery.save()
    _remember_own_keys(delivery, keys=result.own_keys)
    _announce(delivery)


def _remember_own_keys(delivery: Delivery, *, keys: Sequence[str]) -> None:
    ThreadReference.objects.bulk_create(
        (
            ThreadReference(
                key=key[:512], conversation_id=delivery.conversation_id, is_ours=True
            )
            for key in keys
        ),
        ignore_conflicts=True,
    )
    if keys:
        MessageDetail.objects.filter(pk=delivery.pk).update(message_id=keys[0][:512])


@transaction.atomic
def record_retry(
    *,
    claim: Claim,
    reason: str,
    diagnostic: str,
    now: datetime,
    pause: timedelta | None = None,
) -> None:
    """Note that it certainly did not leave and when to try again, or give up.

    :raises StaleAttempt: if the lease ran out and somebody else took over
    """
    delivery = _locked(claim)
    delivery.lease_until = None
    delivery.reason = reason
    delivery.diagnostic = diagnostic[:2000]
    if delivery.give_up_at is not None and now >= delivery.give_up_at:
        delivery.state = DeliveryState.FAILED
    else:
        longest = min(timedelta(seconds=2 ** min(delivery.attempts, 12)), LONGEST_PAUSE)
        delivery.state = DeliveryState.QUEUED
        delivery.send_after = now + (pause or max(_random.random(), 0.2) * longest)
    delivery.save()
    _announce(delivery)


@transaction.atomic
def record_failure(*, claim: Claim, reason: str, diagnostic: str) -> None:
    """Note that it did not leave and never will by itself.

    :raises StaleAttempt: if the lease ran out and somebody else took over
    """
    delivery = _locked(claim)
    delivery.state = DeliveryState.FAILED
    delivery.lease_until = None
    delivery.reason = reason
    delivery.diagnostic = diagnostic[:2000]
    delivery.save()
    _announce(delivery)


@transaction.atomic
def record_unconfirmed(*, claim: Claim, reason: str, diagnostic: str) -> None:
    """Note that it may or may not have left; a person or a receipt decides.

    :raises StaleAttempt: if the lease ran out and somebody else took over
    """
    delivery = _locked(claim)
    delivery.state = DeliveryState.UNCONFIRMED
    delivery.lease_until = None
    delivery.reason = reason
    delivery.diagnostic = diagnostic[:2000]
    delivery.save()
    _announce(delivery)


@transaction.atomic
def give_up_abandoned(*, now: datetime, reason: str, limit: int = 100) -> int:
    """Mark what a sender took and never came back from; return how many."""
    rows = list(
        Delivery.objects.select_for_update(skip_locked=True, of=("self",))
        .abandoned(now=now)
        .select_related("conversation")[:limit]
    )
    for delivery in rows:
        delivery.state = DeliveryState.UNCONFIRMED
        delivery.lease_until = None
        delivery.reason = reason
        delivery.save()
        _announce(delivery)
    return len(rows)


@transaction.atomic
def follow_the_clock(*, now: datetime) -> int:
    """Bring near again what a clock that was set back has put far off.

    What waits keeps the pause it was given, and a sender its lease. Returns how many
    messages that were written down at a time still to come.
    """
    ahead = Delivery.objects.filter(updated_at__gt=now + CLOCKS_DIFFER)
    waiting = ahead.filter(
        state__in=(DeliveryState.HELD, DeliveryState.QUEUED), send_after__gt=now
    ).update(send_after=now + (F("send_after") - F("updated_at")), updated_at=now)
    # The clock may be set back between working out a time and writing it down.
    undo = Channel.objects.aggregate(longest=Max("undo_seconds"))["longest"] or 0
    longest = timedelta(seconds=undo)
    held = Delivery.objects.filter(
        state=DeliveryState.HELD, send_after__gt=now + longest + CLOCKS_DIFFER
    ).update(send_after=now + longest, updated_at=now)
    leased = Delivery.objects.filter(
        state=DeliveryState.SENDING, lease_until__gt=now + LEASE + CLOCKS_DIFFER
    ).update(lease_until=now + LEASE, updated_at=now)
    return waiting + held + leased


@transaction.atomic
def send_again(*, item_id: int, now: datetime | None = None) -> Delivery:
    """Queue a failed, bounced or unconfirmed message once more, by an agent's word."""
    now = now or timezone.now()
    delivery = (
        Delivery.objects.select_for_update(of=("self",))
        .select_related("conversation")
        .get(pk=item_id)
    )
    if delivery.state not in (
        DeliveryState.FAILED,
        DeliveryState.BOUNCED,
        DeliveryState.UNCONFIRMED,
    ):
        return delivery
    delivery.state = DeliveryState.QUEUED
    delivery.send_after = now
    delivery.give_up_at = now + timedelta(hours=24)
    delivery.reason = ""
    delivery.save()
    _announce(delivery)
    return delivery


@transaction.atomic
def withdraw_delivery(*, item_id: int) -> bool:
    """Keep what only waits to be sent from leaving; return whether that was so."""
    delivery = (
        Delivery.objects.select_for_update(of=("self",))
        .select_related("conversation")
        .filter(pk=item_id, state=DeliveryState.QUEUED)
        .first()
    )
    if delivery is None:
        return False
    delivery.state = DeliveryState.CANCELED
    delivery.save()
    _announce(delivery)
    return True


@transaction.atomic
def record_receipt(*, receipt: Receipt) -> TimelineItem | None:
    """Attach what a provider or a bounce says to the message it speaks of.

    Returns the message, or None when it is none of ours. A later word never makes a
    bounced message look delivered again for the same recipient.
    """
    delivery = _delivery_of(receipt)
    if delivery is None:
        return None
    _apply(delivery, receipt=receipt)
    delivery.save()
    _announce(delivery)
    return delivery.item


def _delivery_of(receipt: Receipt) -> Delivery | None:
    rows = Delivery.objects.select_for_update(of=("self",)).select_related(
        "conversation", "item"
    )
    if receipt.proven_item_id is not None:
        return rows.filter(pk=receipt.proven_item_id).first()
    keys = [key for key in receipt.message_keys if key]
    if not keys:
        return None
    return rows.filter(provider_message_id__in=keys).first()


_STATE_OF = {
    ReceiptStatus.SENT: DeliveryState.SENT,
    ReceiptStatus.DELIVERED: DeliveryState.DELIVERED,
    ReceiptStatus.SEEN: DeliveryState.SEEN,
    ReceiptStatus.DEFERRED: DeliveryState.DEFERRED,
    ReceiptStatus.BOUNCED: DeliveryState.BOUNCED,
    ReceiptStatus.FAILED: DeliveryState.FAILED,
}
_RANK = {
    DeliveryState.UNCONFIRMED: 0,
    DeliveryState.SENDING: 0,
    DeliveryState.SENT: 1,
    DeliveryState.DEFERRED: 2,
    DeliveryState.DELIVERED: 3,
    DeliveryState.SEEN: 4,
    DeliveryState.FAILED: 5,
    DeliveryState.BOUNCED: 5,
}


def _apply(delivery: Delivery, *, receipt: Receipt) -> None:
    state = _STATE_OF[receipt.status]
    if state == DeliveryState.BOUNCED and not receipt.is_permanent:
        state = DeliveryState.DEFERRED
    if state == DeliveryState.BOUNCED:
        failed = [
            row
            for row in delivery.failed_recipients
            if row["handle"] != receipt.recipient
        ]
        failed.append({"handle": receipt.recipient, "reason": receipt.reason})
        delivery.failed_recipients = failed
    if _RANK[state] < _RANK.get(DeliveryState(delivery.state), 0):
        return
    delivery.state = state
    delivery.lease_until = None
    delivery.reason = receipt.reason
    delivery.diagnostic = receipt.diagnostic[:2000]
