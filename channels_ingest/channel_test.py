"""A channel's test: started by a page, run by a worker, watched until mail arrives.

What is known so far lies in the cache for an hour. Nothing waits: the worker ends when
the test mail has left, and each look of the page asks the journal once.
"""

import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language, gettext, override

from channels_ingest.accounts import account_of
from channels_ingest.actions.tokens import access_token_of
from channels_ingest.adapters.email.domain_hints import domain_steps, signature_steps
from channels_ingest.adapters.email.oauth import SignInExpired, TokenNotRenewed
from channels_ingest.adapters.email.probes import new_probe, probe_reason
from channels_ingest.adapters.email.testing import (
    door_steps,
    mailbox_steps,
    outgoing_steps,
    secrets_of,
)
from channels_ingest.base import Account
from channels_ingest.models import EventState, InboundEvent
from channels_ingest.steps import Step
from inbox.models import Channel

KEPT_SECONDS = 60 * 60
NOBODY_CAME_SECONDS = 20
ARRIVES_SECONDS = {"smtp": 60, "webhook": 90, "imap": 180}
LOOKED_AT_BYTES = 200_000


@dataclass(slots=True, kw_only=True)
class ChannelTest:
    """How far a test has come. `stage`: queued, running, waiting, done."""

    key: str
    channel_id: int
    language: str
    started_at: str
    stage: str = "queued"
    number: int = 0
    token: str = ""
    sent_at: str = ""
    steps: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        return self.stage == "done"

    @property
    def has_failed(self) -> bool:
        return any(step["verdict"] == "failed" for step in self.steps)

    def add(self, step: Step) -> None:
        self.steps.append(step.as_json())
        self.keep()

    def keep(self) -> None:
        cache.set(_cache_key(self.key), asdict(self), KEPT_SECONDS)


def _cache_key(key: str) -> str:
    return f"channel-test:{key}"


def begin_test(*, channel_id: int) -> ChannelTest:
    """Note that a test shall run; a worker does it by `run_test`."""
    test = ChannelTest(
        key=secrets.token_urlsafe(16),
        channel_id=channel_id,
        language=get_language() or "en",
        started_at=timezone.now().isoformat(),
    )
    test.keep()
    return test


def find_test(*, key: str, channel_id: int) -> ChannelTest | None:
    """Return a test of this channel, None if there is none or it is too old."""
    stored = cache.get(_cache_key(key))
    if not stored or stored["channel_id"] != channel_id:
        return None
    return ChannelTest(**stored)


def run_test(*, key: str, channel_id: int) -> None:
    """Try everything up to the test mail being sent; a second run does nothing."""
    test = find_test(key=key, channel_id=channel_id)
    if test is None or test.stage != "queued":
        return
    channel = Channel.objects.select_related("brand").get(pk=channel_id)
    test.stage = "running"
    test.keep()
    with override(test.language):
        token, trouble = _access_token(channel)
        # A token that was renewed just now is in the channel's settings.
        channel.refresh_from_db(fields=["config"])
        account = account_of(channel)
        hidden = secrets_of(account.config)
        for step in (*trouble, *_setup_steps(account, token=token)):
            test.add(step.without(hidden))
        _send(test, account=account, hidden=hidden)


def _access_token(channel: Channel) -> tuple[str, tuple[Step, ...]]:
    if not (channel.config or {}).get("oauth"):
        return "", ()
    title = gettext("Renew the permission to use the mailbox")
    try:
        token = access_token_of(channel_id=channel.pk, now=timezone.now())
    except (SignInExpired, TokenNotRenewed) as error:
        is_over = isinstance(error, SignInExpired)
        step = Step(
            title=title,
            verdict="failed",
            words=gettext("The provider did not renew it."),
            advice=gettext("Connect the mailbox again from the channel's settings.")
            if is_over
            else gettext("Wait a moment and test again."),
            said=str(error),
        )
        return "", (step,)
    return token, (Step(title=title, verdict="ok"),)


def _setup_steps(account: Account, *, token: str) -> Iterator[Step]:
    way = _way_in(account)
    if way == "imap":
        yield from mailbox_steps(
            account, token=token, max_bytes=settings.MAIL_MAX_BYTES
        )
    elif way == "smtp" and settings.SMTP_PORT:
        yield from door_steps(
            host=_own_host(), port=settings.SMTP_PORT, address=account.address
        )
    yield from domain_steps(account.address)


def _way_in(account: Account) -> str:
    return str((account.config.get("incoming") or {}).get("transport") or "smtp")


def _own_host() -> str:
    everywhere = ("0.0.0.0", "::", "")  # noqa: S104 - we ask, we do not listen
    return "127.0.0.1" if settings.SMTP_BIND in everywhere else settings.SMTP_BIND


def _send(test: ChannelTest, *, account: Account, hidden: set[str]) -> None:
    probe = new_probe(account)
    test.number, test.token = probe.number, probe.token
    test.sent_at = timezone.now().isoformat()
    is_sent = True
    for step in outgoing_steps(account, probe=probe):
        test.add(step.without(hidden))
        is_sent = is_sent and step.is_ok
    test.stage = "waiting" if is_sent else "done"
    test.keep()


def look(test: ChannelTest) -> ChannelTest:
    """Return the test after one look at whether the mail has arrived."""
    age = _seconds_since(test.started_at)
    if test.stage == "queued" and age > NOBODY_CAME_SECONDS:
        _end(test, _nobody_came())
    elif test.stage == "waiting":
        _look_for_mail(test)
    elif test.stage == "running" and age > 2 * ARRIVES_SECONDS["webhook"]:
        _end(test, _nobody_came())
    return test


def _seconds_since(moment: str) -> float:
    then = parse_datetime(moment)
    return (timezone.now() - then).total_seconds() if then else 0.0


def _nobody_came() -> Step:
    return Step(
        title=gettext("Run the test"),
        verdict="failed",
        words=gettext("No worker has finished it."),
        advice=gettext("See that the worker runs: manage.py doctor tells."),
    )


def _end(test: ChannelTest, *steps: Step) -> None:
    test.stage = "done"
    for step in steps:
        test.add(step)
    test.keep()


def _look_for_mail(test: ChannelTest) -> None:
    channel = Channel.objects.get(pk=test.channel_id)
    incoming = (channel.config or {}).get("incoming") or {}
    way = str(incoming.get("transport") or "smtp")
    seconds = _seconds_since(test.sent_at)
    event = _arrived(test)
    if event is not None and event.state != EventState.NEW:
        arrived = (event.received_at - _moment(test.sent_at)).total_seconds()
        _end(test, *_arrival_steps(test, event, channel=channel, seconds=arrived))
    elif seconds > ARRIVES_SECONDS.get(way, 60):
        _end(test, _unread(seconds) if event else _missing(way, seconds))


def _moment(written: str) -> Any:
    return parse_datetime(written)


def _arrived(test: ChannelTest) -> InboundEvent | None:
    """Find the test mail in the journal, by our reason or by the token in it."""
    holds = RawSQL(
        "position(%s::bytea in raw) > 0", (test.token.encode(),), BooleanField()
    )
    return (
        InboundEvent.objects.filter(
            channel_id__in=Channel.objects.values("pk"), received_at__gte=test.sent_at
        )
        .filter(
            Q(reason=probe_reason(test.number))
            | (Q(size__lt=LOOKED_AT_BYTES) & Q(holds))
        )
        .defer("headers", "traceback")
        .order_by("received_at", "id")
        .first()
    )


def _arrival_steps(
    test: ChannelTest, event: InboundEvent, *, channel: Channel, seconds: float
) -> Iterator[Step]:
    is_here = event.channel_id == channel.pk
    yield Step(
        title=gettext("The test mail arrives"),
        verdict="ok" if is_here else "failed",
        words=gettext("It came in.")
        if is_here
        else gettext("It came in through another channel: %s.") % event.channel.name,
        advice="" if is_here else gettext("Two channels take mail for one address."),
        seconds=max(seconds, 0.0),
    )
    is_known = event.reason == probe_reason(test.number)
    yield Step(
        title=gettext("Recognize it by its signature"),
        verdict="ok" if is_known else "failed",
        words=gettext("It is ours, so it is not shown to anybody.")
        if is_known
        else gettext("It was changed on the way and not recognized."),
        advice="" if is_known else gettext("Look into the journal for the reason."),
    )
    yield from signature_steps(bytes(event.raw), address=channel.address)


def _unread(seconds: float) -> Step:
    return Step(
        title=gettext("The test mail arrives"),
        verdict="failed",
        words=gettext("It came in and is kept, but nobody has read it yet."),
        advice=gettext("See that the worker runs: manage.py doctor tells."),
        seconds=seconds,
    )


def _missing(way: str, seconds: float) -> Step:
    advice = {
        "smtp": gettext(
            "See that the domain's MX leads to our mail server, and that its port can "
            "be reached from outside."
        ),
        "imap": gettext(
            "See in the mailbox whether it is there, perhaps in the spam folder, and "
            "that the mail process runs."
        ),
        "webhook": gettext(
            "See that the provider's route leads to the address in the channel's "
            "settings, with the same signing key."
        ),
    }
    return Step(
        title=gettext("The test mail arrives"),
        verdict="failed",
        words=gettext("It left, and nothing came in for %d seconds.") % seconds,
        advice=advice.get(way, ""),
        seconds=seconds,
    )
