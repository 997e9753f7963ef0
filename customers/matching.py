"""Which customers may be one and the same person, and why: rules without a database.

A rule gives a reason that people can check, and how sure it is. All of this is only
suggested; what is proven (`actions.note_uses`) needs no suggestion.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from customers.mailboxes import mailbox_of

SHOWN_FROM = 50
_FREE_MAIL = frozenset(
    {
        *("126.com", "163.com", "aol.com", "gmail.com", "gmx.de", "gmx.net"),
        *("googlemail.com", "hotmail.com", "icloud.com", "live.com", "mail.com"),
        *("mail.ru", "me.com", "msn.com", "outlook.com", "proton.me"),
        *("protonmail.com", "qq.com", "web.de", "yahoo.com", "yandex.ru"),
    }
)


SIGNED_IDENTITY = "signed_identity"
"""Stands in `Merge.reasons` where a site vouched that two handles are one user's."""


class Reason(StrEnum):
    """Why two customers may be one; the words stand in the interface."""

    SAME_MAILBOX = "same_mailbox"
    CLAIMED_ADDRESS = "claimed_address"
    SAME_NAME_AND_COMPANY = "same_name_and_company"
    SAME_NAME_AND_DOMAIN = "same_name_and_domain"
    SAME_NAME_AND_PLACE = "same_name_and_place"
    SAME_NAME = "same_name"
    NAME_IN_ADDRESS = "name_in_address"


SURENESS: dict[Reason, int] = {
    Reason.SAME_MAILBOX: 95,
    Reason.CLAIMED_ADDRESS: 90,
    Reason.SAME_NAME_AND_COMPANY: 85,
    Reason.SAME_NAME_AND_DOMAIN: 80,
    Reason.SAME_NAME_AND_PLACE: 70,
    Reason.SAME_NAME: 50,
    Reason.NAME_IN_ADDRESS: 50,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What the rules look at."""

    pk: int
    name: str = ""
    company: str = ""
    location: str = ""
    addresses: tuple[str, ...] = ()
    claimed: tuple[str, ...] = ()
    """Addresses they say are theirs; nobody has proven it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Somebody who may be the same person, and the strongest reason for it."""

    pk: int
    reason: Reason
    sureness: int


def matches_of(profile: Profile, candidates: Iterable[Profile]) -> list[Match]:
    """Return who may be the same person as `profile`, the surest first."""
    found = [
        Match(pk=other.pk, reason=reason, sureness=SURENESS[reason])
        for other in candidates
        if other.pk != profile.pk and (reason := reason_for(profile, other))
    ]
    found = [match for match in found if match.sureness >= SHOWN_FROM]
    return sorted(found, key=lambda match: (-match.sureness, match.pk))


def reason_for(one: Profile, other: Profile) -> Reason | None:
    """Return the strongest reason to believe that both are one person."""
    if _mailboxes(one.addresses) & _mailboxes(other.addresses):
        return Reason.SAME_MAILBOX
    if _claims_mailbox_of(one, other) or _claims_mailbox_of(other, one):
        return Reason.CLAIMED_ADDRESS
    if not _is_full(one.name) or folded(one.name) != folded(other.name):
        return _by_address(one, other)
    if one.company and folded(one.company) == folded(other.company):
        return Reason.SAME_NAME_AND_COMPANY
    if _domains(one.addresses) & _domains(other.addresses):
        return Reason.SAME_NAME_AND_DOMAIN
    if one.location and folded(one.location) == folded(other.location):
        return Reason.SAME_NAME_AND_PLACE
    return Reason.SAME_NAME


def _claims_mailbox_of(one: Profile, other: Profile) -> bool:
    return bool(_mailboxes(one.claimed) & _mailboxes(other.addresses))


def _by_address(one: Profile, other: Profile) -> Reason | None:
    for named, nameless in ((one, other), (other, one)):
        if _is_full(named.name) and not nameless.name:
            wanted = "".join(folded(named.name).split())
            if any(_bare_local(it) == wanted for it in nameless.addresses):
                return Reason.NAME_IN_ADDRESS
    return None


def _is_full(name: str) -> bool:
    """One word is no name to know anybody by."""
    return len(folded(name).split()) >= 2


def folded(text: str) -> str:
    """Return a name the way it is compared: no accents, case or marks."""
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w]+", " ", bare).casefold().split())


def _mailboxes(addresses: Sequence[str]) -> set[str]:
    return {mailbox for it in addresses if (mailbox := mailbox_of(it))}


def _domains(addresses: Sequence[str]) -> set[str]:
    domains = {it.rpartition("@")[2].lower() for it in addresses if "@" in it}
    return domains - _FREE_MAIL


def _bare_local(address: str) -> str:
    local = address.rpartition("@")[0].partition("+")[0]
    return re.sub(r"[^a-z]", "", folded(local))
