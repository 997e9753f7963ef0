"""A desk that has been busy for years: people, topics, messages, an index of all."""

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from tqdm import tqdm

from customers.models import Customer, Identity
from helpdesk.accounts.models import Team, User
from helpdesk.accounts.roles import Role
from helpdesk.rehearsal.bench.copying import WithoutIndexes, copy_rows
from helpdesk.rehearsal.bench.words import Texts
from inbox.models import (
    Brand,
    Channel,
    Conversation,
    SearchDocument,
    Status,
    Tag,
    TimelineItem,
)

ITEMS, CONVERSATIONS, CUSTOMERS = 2_000_000, 300_000, 100_000
ACTIVE_SHARE = 0.042
VIPS = 20
AGENTS, TEAMS, TAGS = 50, 8, 40
YEARS = timedelta(days=3 * 365)
_SEED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much there is."""

    items: int
    conversations: int
    customers: int

    @classmethod
    def scaled(cls, scale: float) -> "Size":
        return cls(
            items=max(2000, int(ITEMS * scale)),
            conversations=max(300, int(CONVERSATIONS * scale)),
            customers=max(100, int(CUSTOMERS * scale)),
        )


def populate(size: Size) -> None:
    """Empty the tables of the desk and fill them with `size`, with a progress bar."""
    _empty()
    chance = random.Random(_SEED)  # noqa: S311 - the same desk every time
    world = _World(chance, size)
    with tqdm(total=size.customers * 2 + size.conversations + size.items * 2) as bar:
        bar.set_description("people")
        copy_rows(
            Customer, ["id", "name", "public_id"], _counted(bar, world.customers())
        )
        copy_rows(Identity, _IDENTITY, _counted(bar, world.identities()))
        bar.set_description("conversations")
        with WithoutIndexes(Conversation):
            copy_rows(Conversation, _CONVERSATION, _counted(bar, world.conversations()))
        bar.set_description("timeline")
        with WithoutIndexes(TimelineItem):
            copy_rows(TimelineItem, _ITEM, _counted(bar, world.items()))
        bar.set_description("search index")
        with WithoutIndexes(SearchDocument):
            copy_rows(SearchDocument, _DOCUMENT, _counted(bar, world.documents()))
        bar.set_description("statistics")
        _settle()


def _counted(bar: Any, rows: Iterator[list[Any]]) -> Iterator[list[Any]]:
    for number, row in enumerate(rows, start=1):
        if number % 5000 == 0:
            bar.update(5000)
        yield row


_IDENTITY = ["id", "customer_id", "kind", "value", "mailbox"]
_CONVERSATION = [
    *("id", "public_id", "customer_id", "channel_id", "identity_id", "subject"),
    *("status", "assignee_id", "team_id", "tag_ids", "due_at", "waiting_since"),
    *("last_activity_at", "is_unread", "preview", "last_seq", "message_count"),
    "created_at",
]
_ITEM = [
    *("id", "public_id", "conversation_id", "customer_id", "channel_id"),
    *("identity_id", "agent_id", "kind", "direction", "text", "seq"),
    *("occurred_at", "received_at"),
]
_DOCUMENT = [
    *("item_id", "conversation_id", "customer_id", "occurred_at", "words", "bigrams"),
]


class _World:
    """Decides everything once, so that items, index and topics tell one story."""

    def __init__(self, chance: random.Random, size: Size) -> None:
        self.chance, self.size = chance, size
        self.now = timezone.now()
        self.texts = Texts(chance)
        self.agents = _agents()
        self.teams = _teams(self.agents)
        self.tags = [Tag.objects.create(name=f"tag-{n}").pk for n in range(TAGS)]
        self.channels = _channels()
        self._share_topics()

    def _share_topics(self) -> None:
        """Give every topic its customer and its number of items; a few are VIPs."""
        size, chance = self.size, self.chance
        vip_topics = min(size.conversations // 4, VIPS * 250)
        self.customer_of = [
            1 + (n % VIPS) if n < vip_topics else 1 + chance.randrange(size.customers)
            for n in range(size.conversations)
        ]
        each, rest = divmod(size.items, size.conversations)
        self.count_of = [each + (n < rest) for n in range(size.conversations)]
        step = YEARS / size.conversations
        self.started_at = [
            self.now - YEARS + step * n for n in range(size.conversations)
        ]
        chance.shuffle(self.customer_of)

    def customers(self) -> Iterator[list[Any]]:
        for pk in range(1, self.size.customers + 1):
            yield [pk, self.texts.person(pk), uuid.UUID(int=pk)]

    def identities(self) -> Iterator[list[Any]]:
        for pk in range(1, self.size.customers + 1):
            address = f"{self.texts.handle(pk)}@mail{pk % 90}.example"
            yield [pk, pk, "email", address, address]

    def conversations(self) -> Iterator[list[Any]]:
        for n in range(self.size.conversations):
            yield self._conversation(n)

    def _conversation(self, n: int) -> list[Any]:
        chance = self.chance
        is_active = n >= self.size.conversations * (1 - ACTIVE_SHARE)
        status = self._status(is_active=is_active)
        last = self._time_of(n, self.count_of[n])
        is_waiting = status == Status.OPEN and chance.random() < 0.7
        assignee = chance.choice(self.agents) if chance.random() < 0.7 else None
        return [
            n + 1,
            uuid.UUID(int=n + 1),
            self.customer_of[n],
            chance.choice(self.channels),
            self.customer_of[n],
            self.texts.subject(n),
            int(status),
            assignee,
            chance.choice(self.teams),
            chance.sample(self.tags, k=chance.randrange(3)),
            last + timedelta(hours=chance.randrange(48)) if is_waiting else None,
            last if is_waiting else None,
            last,
            is_waiting and chance.random() < 0.3,
            self.texts.body(n)[:180],
            self.count_of[n],
            self.count_of[n],
            self.started_at[n],
        ]

    def _status(self, *, is_active: bool) -> Status:
        if not is_active:
            return Status.CLOSED if self.chance.random() < 0.98 else Status.SPAM
        return self.chance.choices(
            (Status.OPEN, Status.WAITING, Status.SNOOZED), (6, 3, 1)
        )[0]

    def _time_of(self, n: int, seq: int) -> datetime:
        return min(self.started_at[n] + timedelta(minutes=37 * seq), self.now)

    def _numbered(self) -> Iterator[tuple[int, int, int]]:
        """Yield item id, topic and number in the topic, oldest topics first."""
        pk = 0
        for n in range(self.size.conversations):
            for seq in range(1, self.count_of[n] + 1):
                pk += 1
                yield pk, n, seq

    def items(self) -> Iterator[list[Any]]:
        channel = self.channels[0]
        for pk, n, seq in self._numbered():
            is_inbound = seq % 2 == 1
            at = self._time_of(n, seq)
            yield [
                pk,
                uuid.UUID(int=pk),
                n + 1,
                self.customer_of[n],
                channel,
                self.customer_of[n] if is_inbound else None,
                None if is_inbound else self.agents[pk % AGENTS],
                "message",
                1 if is_inbound else 2,
                self.texts.body(pk),
                seq,
                at,
                at,
            ]

    def documents(self) -> Iterator[list[Any]]:
        for pk, n, seq in self._numbered():
            yield [
                pk,
                n + 1,
                self.customer_of[n],
                self._time_of(n, seq),
                self.texts.lexemes(pk),
                self.texts.bigrams(pk),
            ]


def _agents() -> list[int]:
    agents = [
        User(
            email=f"agent{n}@desk.example",
            name=f"Agent {n}",
            role=Role.ADMIN if n == 0 else Role.AGENT,
            password="!",  # noqa: S106 - nobody signs in with it
        )
        for n in range(AGENTS)
    ]
    return [agent.pk for agent in User.objects.bulk_create(agents)]


def _teams(agents: list[int]) -> list[int]:
    teams = Team.objects.bulk_create(Team(name=f"Team {n}") for n in range(TEAMS))
    for number, team in enumerate(teams):
        team.members.set(agents[number::TEAMS])
    return [team.pk for team in teams]


def _channels() -> list[int]:
    brand = Brand.objects.create(name="Bench")
    return [
        Channel.objects.create(
            name=f"Mailbox {n}", address=f"support{n}@desk.example", brand=brand
        ).pk
        for n in range(3)
    ]


_TABLES = (
    "customers_customer, accounts_user, accounts_team, inbox_brand, inbox_channel, "
    "inbox_tag, inbox_conversation, inbox_timelineitem, inbox_searchdocument, "
    "channels_ingest_inboundevent, core_outboxevent"
)
_FILLED = ("customers_customer", "customers_identity", "inbox_conversation")


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {_TABLES} RESTART IDENTITY CASCADE")


def _settle() -> None:
    """Move the sequences behind what was copied, and let the planner look."""
    with connection.cursor() as cursor:
        for table in (*_FILLED, "inbox_timelineitem"):
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) "  # noqa: S608
                f'FROM "{table}"'
            )
        cursor.execute("VACUUM (ANALYZE)")
        # Else the server goes on writing for minutes, while pages are measured.
        cursor.execute("CHECKPOINT")
