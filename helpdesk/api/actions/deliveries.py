"""What becomes of each thing webhooks tell: claimed, taken, refused, told again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from helpdesk.api.actions.telling import KEEP_TRYING
from helpdesk.api.models import DeliveryProgress, WebhookDelivery, WebhookEndpoint
from helpdesk.api.payloads import Payload
from helpdesk.chat.actions.forgetting import GIVEN_UP
from helpdesk.chat.models import Visitor
from helpdesk.core.bells import WEBHOOKS
from helpdesk.core.doorbell import ring_after_commit

LEASE: Final = timedelta(seconds=60)
"""A sender that is silent for so long is given up; longer than any try may take."""
FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(hours=1)
PATIENCE: Final = 5
"""Tries in a row that fail before an endpoint is left in peace for a while."""
LONGEST_REST: Final = timedelta(minutes=10)
KEEP: Final = timedelta(days=30)
GONE: Final = 410
_random = SystemRandom()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One thing to be sent once, with all that it takes."""

    delivery_id: int
    attempt: int
    event_id: str
    url: str
    keys: tuple[str, ...]
    payload: Payload


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one try; no status means that nobody answered."""

    claim: Claim
    status: int | None
    error: str = ""

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@transaction.atomic
def claim_webhooks(*, now: datetime, limit: int) -> list[Claim]:
    """Take what is due, of each conversation and endpoint only the oldest.

    The attempt is counted before anything is sent. What a dead sender took is taken
    again when its time is over, under the same id. A first try waits for no time of
    day: clocks may be set back.
    """
    rows = WebhookDelivery.objects.raw(
        """
        SELECT d.* FROM api_webhookdelivery d
        JOIN api_webhookendpoint e ON e.id = d.endpoint_id
        WHERE d.state = 'waiting' AND (d.attempts = 0 OR d.run_at <= %s)
          AND e.is_active AND (e.paused_until IS NULL OR e.paused_until <= %s)
          AND NOT EXISTS (
            SELECT 1 FROM api_webhookdelivery p
            WHERE p.state = 'waiting' AND p.endpoint_id = d.endpoint_id
              AND p.conversation_id = d.conversation_id AND p.id < d.id)
        ORDER BY d.run_at, d.id
        LIMIT %s
        FOR UPDATE OF d SKIP LOCKED
        """,
        [now, now, limit],
    )
    return [_claim(delivery, now=now) for delivery in rows]


def _claim(delivery: WebhookDelivery, *, now: datetime) -> Claim:
    delivery.attempts += 1
    delivery.run_at = now + LEASE
    delivery.save(update_fields=["attempts", "run_at"])
    return Claim(
        delivery_id=delivery.pk,
        attempt=delivery.attempts,
        event_id=str(delivery.event_id),
        url=delivery.endpoint.url,
        keys=tuple(delivery.endpoint.secrets.get("secrets", ())),
        payload=delivery.payload,
    )


@transaction.atomic
def record_outcome(*, outcome: Outcome, now: datetime) -> None:
    """Write down what came of a try, unless a later one has begun meanwhile."""
    delivery = (
        WebhookDelivery.objects.select_for_update(of=("self",))
        .select_related("endpoint")
        .filter(
            pk=outcome.claim.delivery_id,
            attempts=outcome.claim.attempt,
            state=DeliveryProgress.WAITING,
        )
        .first()
    )
    if delivery is None:
        return
    delivery.last_status = outcome.status
    delivery.last_error = outcome.error[:2000]
    if outcome.is_taken:
        delivery.state = DeliveryProgress.DELIVERED
        delivery.delivered_at = now
        _endpoint_works(delivery.endpoint)
    else:
        _try_later(delivery, now=now)
        _endpoint_fails(delivery.endpoint, status=outcome.status, now=now)
    delivery.save()


def _try_later(delivery: WebhookDelivery, *, now: datetime) -> None:
    longest = min(FIRST_PAUSE * 2 ** min(delivery.attempts - 1, 20), LONGEST_PAUSE)
    delivery.run_at = now + longest * (0.5 + _random.random() / 2)
    if delivery.run_at >= delivery.give_up_at or delivery.last_status == GONE:
        delivery.state = DeliveryProgress.FAILED


def _endpoint_works(endpoint: WebhookEndpoint) -> None:
    if endpoint.failures or endpoint.failing_since:
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(
            failures=0, failing_since=None, paused_until=None
        )


def _endpoint_fails(
    endpoint: WebhookEndpoint, *, status: int | None, now: datetime
) -> None:
    """Leave an endpoint in peace that fails again and again; 410 switches it off."""
    rest = None
    if endpoint.failures >= PATIENCE:
        rest = now + min(
            timedelta(seconds=2 ** min(endpoint.failures - PATIENCE, 12)), LONGEST_REST
        )
    row = WebhookEndpoint.objects.filter(pk=endpoint.pk)
    row.update(failures=F("failures") + 1, paused_until=rest)
    row.filter(failing_since=None).update(failing_since=now)
    if status == GONE:
        row.update(is_active=False)


@transaction.atomic
def send_again(*, delivery_ids: Collection[int], now: datetime | None = None) -> int:
    """Tell these once more, under the ids they had; return how many."""
    now = now or timezone.now()
    rows = WebhookDelivery.objects.filter(pk__in=delivery_ids)
    count = rows.update(
        state=DeliveryProgress.WAITING,
        attempts=0,
        run_at=now,
        give_up_at=now + KEEP_TRYING,
        delivered_at=None,
    )
    if count:
        ring_after_commit(WEBHOOKS)
    return count


@transaction.atomic
def replay_since(
    *, endpoint_ids: Collection[int], since: datetime, now: datetime | None = None
) -> int:
    """Tell endpoints everything anew that happened since a time; return how much."""
    rows = WebhookDelivery.objects.filter(
        endpoint_id__in=endpoint_ids, created_at__gte=since
    )
    return send_again(delivery_ids=list(rows.values_list("pk", flat=True)), now=now)


@transaction.atomic
def forget_told_of(*, visitor_id: int) -> int:
    """Forget what was told of a visitor who has deleted their data, if they have."""
    gone = Visitor.objects.filter(pk=visitor_id, token_hash=GIVEN_UP).first()
    if gone is None:
        return 0
    rows = WebhookDelivery.objects.filter(
        payload__contains={"data": {"visitor": {"id": str(gone.public_id)}}}
    )
    deleted, _ = rows.delete()
    return deleted


def prune_webhooks(*, now: datetime) -> int:
    """Forget what was told, or given up, more than thirty days ago."""
    old = WebhookDelivery.objects.filter(created_at__lt=now - KEEP)
    deleted, _ = old.delete()
    return deleted
