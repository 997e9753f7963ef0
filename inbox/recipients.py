"""Whom an answer goes to: arithmetic over addresses, without a database.

Our own addresses are never answered. Somebody who wrote into a topic without being
part of it gets nothing until an agent lets them in. Whoever was in copy stays in copy.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.utils import getaddresses

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

Person = dict[str, str]
"""`{"name", "handle"}`, as messages keep it."""
MOST_RECIPIENTS = 100


class BadAddress(Exception):
    """Not something mail can be sent to; the argument is what was typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressing:
    """Who stands in To, Cc and Bcc."""

    to: tuple[Person, ...] = ()
    cc: tuple[Person, ...] = ()
    bcc: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The addresses of one earlier message."""

    sender: Person | None = None
    """None for what we sent."""
    to: Sequence[Person] = ()
    cc: Sequence[Person] = ()
    bcc: Sequence[Person] = ()
    reply_to: Sequence[Person] = ()
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correspondence:
    """What the arithmetic needs to know of a conversation."""

    customer: Person | None
    """The handle the customer last wrote from."""
    last_inbound: Letter | None = None
    """The newest message of somebody who takes part; never a stranger's."""
    last_outbound: Letter | None = None
    """Our newest message that was no forward."""
    own: frozenset[str] = frozenset()
    strangers: frozenset[str] = frozenset()

    def excluded(self) -> frozenset[str]:
        return self.own | self.strangers

    @property
    def subject(self) -> str:
        """The subject that went to and fro last, whatever we call the topic."""
        letters = (self.last_inbound, self.last_outbound)
        return next((it.subject for it in letters if it and it.subject), "")


def reply_to(topic: Correspondence) -> Addressing:
    """Answer the one who wrote last."""
    return Addressing(to=_answered(topic))


def reply_to_all(topic: Correspondence) -> Addressing:
    """Answer the one who wrote last, and keep everybody in copy who was."""
    to = _answered(topic)
    taken = {person["handle"] for person in to}
    copied = [*_others(topic.last_inbound), *_copied_before(topic.last_outbound)]
    cc = _without(copied, topic.excluded() | taken)
    taken |= {person["handle"] for person in cc}
    before = topic.last_outbound.bcc if topic.last_outbound else ()
    return Addressing(to=to, cc=cc, bcc=_without(before, topic.excluded() | taken))


def has_more_readers(topic: Correspondence) -> bool:
    """Whether answering all reaches anybody beyond answering one."""
    everybody = reply_to_all(topic)
    return bool(everybody.cc or everybody.bcc)


def _answered(topic: Correspondence) -> tuple[Person, ...]:
    for candidates in _candidates(topic):
        kept = _without(candidates, topic.excluded())
        if kept:
            return kept
    return ()


def _candidates(topic: Correspondence) -> Iterable[Sequence[Person]]:
    if topic.last_inbound is not None:
        yield topic.last_inbound.reply_to
        yield _only(topic.last_inbound.sender)
    yield _only(topic.customer)
    if topic.last_outbound is not None:
        yield topic.last_outbound.to


def _only(person: Person | None) -> Sequence[Person]:
    return (person,) if person else ()


def _others(letter: Letter | None) -> Sequence[Person]:
    if letter is None:
        return ()
    return (*_only(letter.sender if letter.reply_to else None), *letter.to, *letter.cc)


def _copied_before(letter: Letter | None) -> Sequence[Person]:
    return letter.cc if letter else ()


def _without(
    people: Iterable[Person], excluded: frozenset[str] | set[str]
) -> tuple[Person, ...]:
    kept: dict[str, Person] = {}
    for person in people:
        handle = normalized(person.get("handle", ""))
        ways = {handle, without_tag(handle)}
        if handle and handle not in kept and not ways & excluded:
            kept[handle] = {"name": person.get("name", ""), "handle": handle}
    return tuple(kept.values())


def normalized(handle: str) -> str:
    """Return an address the way it is compared and kept."""
    return handle.strip().lower()


def without_tag(address: str) -> str:
    """Return the mailbox itself: answers come to a signed `support+…@` of ours."""
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def typed(people: Iterable[Person]) -> str:
    """Return people as they are typed into a field: `Maya <maya@example>, …`."""
    return ", ".join(
        f"{_quoted(person['name'])} <{person['handle']}>"
        if person.get("name")
        else person["handle"]
        for person in people
    )


_PLAIN_NAME = re.compile(r"[\w .'-]+")


def _quoted(name: str) -> str:
    name = " ".join(name.split()).replace("\\", "").replace('"', "")
    return name if _PLAIN_NAME.fullmatch(name) else f'"{name}"'


def people_from(field: str) -> tuple[Person, ...]:
    """Read a field of addresses, each once, in the order they were typed.

    :raises BadAddress: for the first that is none
    """
    field = re.sub(r"[;\r\n]+", ",", field).strip(" ,")
    if not field:
        return ()
    pairs = getaddresses([field])
    if len(pairs) > MOST_RECIPIENTS:
        raise BadAddress(field[:60])
    kept: dict[str, Person] = {}
    for name, address in pairs:
        person = _person(name, address)
        kept.setdefault(person["handle"], person)
    return tuple(kept.values())


def _person(name: str, address: str) -> Person:
    handle = normalized(address)
    try:
        validate_email(handle)
    except ValidationError as error:
        raise BadAddress(address or name) from error
    return {"name": " ".join(name.split())[:200], "handle": handle}
