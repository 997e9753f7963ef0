"""Open the shop of the sample desk: who works there, and who has bought before."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F

from channels_ingest.providers.chat.config import new_identity_secret
from channels_ingest.registry import adapter_class
from customers.mailboxes import mailbox_of
from customers.models import Customer, Identity, IdentityKind, Proof
from helpdesk.accounts.demo import DEMO_PASSWORD
from helpdesk.accounts.models import Team, User
from helpdesk.demo.letters import MAIL_SERVER
from helpdesk.demo.models import DemoState, ReceivedMail
from helpdesk.demo.script import Colleague, Person, Story
from inbox.actions.labels import get_or_create_tag
from inbox.models import Brand, Channel, SavedView
from inbox.models.channel import Continuity

UNDO_SECONDS = 10


class DeskInUse(Exception):
    """Somebody works here already, and not by our story."""


@transaction.atomic
def open_shop(*, story: Story, now: datetime) -> DemoState:
    """Make the brand, the channels, the agents and the customers, once.

    :raises DeskInUse: if there are agents of somebody else
    """
    state, is_new = DemoState.objects.select_for_update().get_or_create(
        pk=1, defaults={"began_at": now}
    )
    if not is_new:
        return state
    if User.objects.exists():
        raise DeskInUse
    teams = {name: Team.objects.create(name=name) for name in story.teams}
    password = make_password(DEMO_PASSWORD)
    for colleague in story.colleagues.values():
        _hire(colleague, teams=teams, password=password)
    brand = Brand.objects.create(**story.brand)
    for facts in story.channels:
        _open_channel(facts, brand=brand, teams=teams)
    _open_chat(story.chat, brand=brand, teams=teams)
    for person in story.people.values():
        _introduce(person)
    _save_views(story.views)
    return state


def _hire(colleague: Colleague, *, teams: dict[str, Team], password: str) -> None:
    agent = User.objects.create(
        email=colleague.email,
        password=password,
        name=colleague.name,
        role=colleague.role,
        signature=colleague.signature,
    )
    agent.teams.set(teams[name] for name in colleague.teams)


def _open_channel(facts: Any, *, brand: Brand, teams: dict[str, Team]) -> None:
    config: dict[str, Any] = {
        "trusted_servers": [MAIL_SERVER],
        "bounce_address": True,
        "plus_addresses": True,
    }
    if facts["key"] == "billing":
        config["incoming"] = {"transport": "webhook", "provider": "postmark"}
    Channel.objects.create(
        kind="email",
        name=facts["name"],
        address=facts["address"],
        aliases=facts["aliases"],
        brand=brand,
        team=teams.get(facts["team"]),
        config=config,
        capabilities=adapter_class("email").capabilities.as_json(),
        reply_within_minutes=facts["reply_within_minutes"],
        # The story is told without waiting for anybody's second thoughts.
        undo_seconds=0,
    )


def _open_chat(facts: Any, *, brand: Brand, teams: dict[str, Team]) -> None:
    chat = {
        **facts["settings"],
        "domains": own_domains(),
        "hours": {**facts["settings"]["hours"], "time_zone": settings.TIME_ZONE},
        "identity_secrets": [new_identity_secret()],
    }
    Channel.objects.create(
        kind="webchat",
        name=facts["name"],
        address=facts["key"],
        brand=brand,
        team=teams.get(facts["team"]),
        config={"chat": chat},
        capabilities=adapter_class("webchat").capabilities.as_json(),
        continuity=Continuity.NEVER,
        reply_within_minutes=facts["reply_within_minutes"],
        undo_seconds=0,
    )


def own_domains() -> list[str]:
    """Return the hosts that the sample shop is reached at: it stands on this desk."""
    public = urlsplit(settings.PUBLIC_URL)
    hosts = [f"{host}:{settings.WEB_PORT}" for host in ("localhost", "127.0.0.1")]
    return list(dict.fromkeys([public.netloc, *hosts]))


def _introduce(person: Person) -> None:
    year, month = person.since.split("-")
    known_since = datetime(int(year), int(month), 12, 9, 30, tzinfo=UTC)
    customer = Customer.objects.create(
        name=person.name,
        company=person.company,
        location=person.location,
        locale=person.locale,
        time_zone=person.time_zone,
        notes=person.notes,
        labels=list(person.labels),
        created_at=known_since,
    )
    for address in (person.email, *person.also):
        Identity.objects.create(
            customer=customer,
            kind=IdentityKind.EMAIL,
            value=address,
            mailbox=mailbox_of(address),
            display_name=person.name,
            proof=Proof.AUTHENTICATED,
            verified_at=known_since,
            created_at=known_since,
        )


def _save_views(views: Iterable[Any]) -> None:
    owner = User.objects.earliest("id")
    for position, view in enumerate(views):
        filters = dict(view["filters"])
        if "tag" in filters:
            filters["tag"] = get_or_create_tag(name=filters["tag"]).pk
        SavedView.objects.create(
            name=view["name"],
            owner=owner,
            is_shared=True,
            filters=filters,
            position=position,
        )


@transaction.atomic
def end_story() -> None:
    """Note that everything is told: from now on messages can be taken back."""
    mailboxes = Channel.objects.filter(kind="email", undo_seconds=0)
    mailboxes.update(undo_seconds=UNDO_SECONDS)
    # The story has its own answers to them.
    ReceivedMail.objects.filter(answered_at=None).update(answered_at=F("received_at"))
    DemoState.objects.filter(pk=1).update(is_told=True)
