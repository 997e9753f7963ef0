"""The story of the sample desk as data, read from the files beside it."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

_STORY = Path(__file__).resolve().parent / "story"
_SPAN = re.compile(r"(?:(\d+)d)?\s*(?:(\d+)h)?\s*(?:(\d+)m)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who writes to the shop."""

    key: str
    name: str
    email: str
    location: str = ""
    locale: str = "en"
    time_zone: str = ""
    company: str = ""
    labels: Sequence[str] = ()
    notes: str = ""
    since: str = "2024-05"
    also: Sequence[str] = ()
    """Other addresses that are proven to be theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """Somebody who works at the shop."""

    key: str
    name: str
    email: str
    role: str
    teams: Sequence[str] = ()
    signature: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happens in a topic, so long before the story's now."""

    topic: str
    ago: timedelta
    does: str
    """`mail`, `chat`, `reply`, `note`, `close`, `snooze`, `wait`, `seen`, …"""
    text: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def by(self) -> str:
        return str(self.details.get("by", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One matter of one person, with all that happens in it."""

    key: str
    who: str
    subject: str
    to: str
    team: str
    assignee: str
    tags: Sequence[str]
    priority: str
    steps: Sequence[Step]
    is_read: bool
    visitor: Mapping[str, Any] = field(default_factory=dict)
    """Who writes by chat: `is_signed`, or what they say their name and address are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Everybody and everything."""

    brand: Mapping[str, Any]
    channels: Sequence[Mapping[str, Any]]
    """The mailboxes."""
    chat: Mapping[str, Any]
    """The chat on the shop's pages."""
    teams: Sequence[str]
    views: Sequence[Mapping[str, Any]]
    colleagues: Mapping[str, Colleague]
    people: Mapping[str, Person]
    topics: Mapping[str, Topic]

    def steps(self) -> list[Step]:
        """Return all that happens, in the order in which it does."""
        steps = [step for topic in self.topics.values() for step in topic.steps]
        return sorted(steps, key=lambda step: -step.ago)


@lru_cache(maxsize=1)
def load_story() -> Story:
    """Read the story from its files."""
    desk = _read("desk.toml")
    return Story(
        brand=desk["brand"],
        channels=desk["channel"],
        chat=desk["chat"],
        teams=desk["teams"],
        views=desk["view"],
        colleagues={
            key: Colleague(key=key, **facts) for key, facts in desk["agent"].items()
        },
        people={
            key: Person(key=key, **facts) for key, facts in _read("people.toml").items()
        },
        topics={topic.key: topic for topic in _topics()},
    )


def load_visits() -> dict[str, Any]:
    """Read what visitors say while the desk is open."""
    return _read("visits.toml")


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_STORY / name).read_text(encoding="utf-8"))


def _topics() -> Iterator[Topic]:
    for path in sorted(_STORY.glob("topics_*.toml")):
        for facts in _read(path.name)["topic"]:
            yield _topic(facts)


def _topic(facts: Mapping[str, Any]) -> Topic:
    key = str(facts["key"])
    return Topic(
        key=key,
        who=str(facts["who"]),
        subject=str(facts.get("subject", "")),
        to=str(facts.get("to", "support")),
        team=str(facts.get("team", "")),
        assignee=str(facts.get("assignee", "")),
        tags=tuple(facts.get("tags", ())),
        priority=str(facts.get("priority", "")),
        steps=tuple(_steps(key, facts)),
        is_read=bool(facts.get("read", False)),
        visitor=facts.get("visitor", {}),
    )


VERBS = (
    "mail",
    "reply",
    "note",
    "draft",
    "assign",
    "close",
    "snooze",
    "wait",
    "spam",
    "bounce",
    "broken",
    "sort",
    "look",
    "chat",
    "seen",
    "rate",
    "end",
    "visit",
)


def _steps(topic: str, facts: Mapping[str, Any]) -> Iterator[Step]:
    for number, said in enumerate(facts["steps"]):
        ago = span_of(said["at"])
        verb = next(verb for verb in VERBS if verb in said)
        yield Step(
            topic=topic, ago=ago, does=verb, text=str(said[verb]).strip(), details=said
        )
        if number == 0:
            # Somebody looks at what came in, and puts it where it belongs.
            soon = max(ago - timedelta(minutes=4), ago * 0.8)
            yield Step(topic=topic, ago=soon, does="sort")


def span_of(text: str) -> timedelta:
    """Return the time that “3d 4h 20m” stands for.

    :raises ValueError: if it is written in any other way
    """
    found = _SPAN.fullmatch(text.strip())
    if not found or not any(found.groups()):
        raise ValueError(text)
    days, hours, minutes = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)
