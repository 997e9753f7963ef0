"""Send what is due: claim, hand over outside any transaction, write down the result."""

import logging
from datetime import datetime

from django.utils import timezone

from channels_ingest.actions.health import note_outbound, note_trouble
from channels_ingest.actions.tokens import access_token_of
from channels_ingest.adapters.email.oauth import SignInExpired, TokenNotRenewed
from channels_ingest.base import SendFailed
from channels_ingest.models import DeliveryAttempt
from channels_ingest.outbound import outbound_message
from channels_ingest.registry import adapter_for
from helpdesk.core.crash_points import crash_point
from inbox.actions.delivery import (
    Claim,
    StaleAttempt,
    begin_sending,
    claim_deliveries,
    follow_the_clock,
    give_up_abandoned,
    record_failure,
    record_retry,
    record_sent,
    record_unconfirmed,
)
from inbox.contract import SendResult
from inbox.models import Channel, Delivery

logger = logging.getLogger(__name__)

ABANDONED = "Sending was interrupted. It may or may not have arrived."


def deliver_due(*, now: datetime | None = None) -> int:
    """Send every message whose time has come; return how many were tried.

    Safe to run in any number of processes. What a dead sender left behind becomes
    “perhaps sent”: it is never sent twice by itself. So each is taken when its turn
    comes, and a sender that dies leaves only one in doubt.
    """
    if now is None:
        follow_the_clock(now=timezone.now())
    give_up_abandoned(now=now or timezone.now(), reason=ABANDONED)
    total = 0
    while claims := claim_deliveries(now=now or timezone.now(), limit=1):
        crash_point("deliver.claimed")
        for claim in claims:
            deliver(claim, now=now)
        total += len(claims)
    return total


def deliver(claim: Claim, *, now: datetime | None = None) -> None:
    """Send one claimed message and record what came of it, as of `now`.

    Nothing leaves if it was given up meanwhile: it would come out of nowhere.
    """
    try:
        begin_sending(claim=claim, now=now or timezone.now())
    except StaleAttempt:
        logger.warning("delivery %s: the claim is too old", claim.item_id)
        return
    delivery = Delivery.objects.select_related(
        "channel__brand",
        "item__conversation",
        "item__agent",
        "item__customer",
        "item__detail",
    ).get(pk=claim.item_id)
    attempt = _begin(delivery, claim=claim)
    crash_point("deliver.before_send")
    try:
        _renew_sign_in(delivery.channel)
        result = adapter_for(delivery.channel).send(outbound_message(delivery))
        crash_point("deliver.after_send")
    except SendFailed as failure:
        _record_failure(delivery, claim=claim, attempt=attempt, failure=failure)
    except Exception as error:
        # One broken message must not stop the others; it stays visible as failed.
        logger.exception("delivery %s failed", claim.item_id)
        broken = SendFailed(
            "The message could not be prepared for sending.",
            diagnostic=f"{type(error).__name__}: {error}",
            permanent=True,
        )
        _record_failure(delivery, claim=claim, attempt=attempt, failure=broken)
    else:
        _record_success(
            delivery,
            claim=claim,
            attempt=attempt,
            result=result,
            now=now or timezone.now(),
        )
    crash_point("deliver.recorded")


def _renew_sign_in(channel: Channel) -> None:
    """Put a token that still holds into the settings of an OAuth mailbox.

    :raises SendFailed: if a person has to sign in again, or nobody can be asked now
    """
    if not (channel.config.get("outgoing") or {}).get("uses_oauth"):
        return
    try:
        access_token_of(channel_id=channel.pk, now=timezone.now())
    except SignInExpired as error:
        raise SendFailed(
            "The mailbox wants somebody to sign in again. "
            "An admin can do that in the channel's settings.",
            diagnostic=str(error),
        ) from error
    except TokenNotRenewed as error:
        raise SendFailed(
            "The mailbox's provider does not answer.", diagnostic=str(error)
        ) from error
    channel.refresh_from_db(fields=["config"])


def _begin(delivery: Delivery, *, claim: Claim) -> DeliveryAttempt:
    return DeliveryAttempt.objects.create(
        item_id=claim.item_id, channel=delivery.channel, number=claim.attempt
    )


def _end(attempt: DeliveryAttempt, *, outcome: str, response: str) -> None:
    attempt.ended_at = timezone.now()
    attempt.outcome = outcome
    attempt.response = response[:2000]
    attempt.save(update_fields=["ended_at", "outcome", "response"])


def _record_success(
    delivery: Delivery,
    *,
    claim: Claim,
    attempt: DeliveryAttempt,
    result: SendResult,
    now: datetime,
) -> None:
    _end(attempt, outcome="sent", response=result.response)
    try:
        record_sent(claim=claim, result=result, now=now)
    except StaleAttempt:
        logger.warning("delivery %s: a result came too late", claim.item_id)
    note_outbound(channel_id=delivery.channel_id, now=now)


def _record_failure(
    delivery: Delivery, *, claim: Claim, attempt: DeliveryAttempt, failure: SendFailed
) -> None:
    outcome = _outcome(failure)
    _end(attempt, outcome=outcome, response=failure.diagnostic or failure.reason)
    words = {"reason": failure.reason, "diagnostic": failure.diagnostic}
    try:
        if outcome == "unconfirmed":
            record_unconfirmed(claim=claim, **words)
        elif outcome == "failed":
            record_failure(claim=claim, **words)
        else:
            record_retry(claim=claim, now=timezone.now(), pause=failure.pause, **words)
    except StaleAttempt:
        logger.warning("delivery %s: a failure came too late", claim.item_id)
    if outcome == "retry":
        note_trouble(
            channel_id=delivery.channel_id, error=failure.reason, now=timezone.now()
        )


def _outcome(failure: SendFailed) -> str:
    if failure.ambiguous:
        return "unconfirmed"
    return "failed" if failure.permanent else "retry"
