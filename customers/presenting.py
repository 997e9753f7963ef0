"""What pages say about a customer."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from customers.claims import claims_of
from customers.matching import SIGNED_IDENTITY, Match, Reason
from customers.models import Customer, Identity, IdentityKind, Merge
from customers.queries import identities_of, identities_of_all, possible_duplicates
from helpdesk.accounts import roles
from helpdesk.accounts.models import User

Context = dict[str, Any]


def panel_context(
    customer: Customer, *, agent: User, conversation: str = ""
) -> Context:
    """Return what the rail beside the timeline shows."""
    identities = identities_of(customer)
    claims = claims_of(customer) if _has_chatted(identities) else ()
    return {
        "customer": customer,
        "identities": [
            _shown_identity(it, is_last_used=index == 0)
            for index, it in enumerate(identities)
        ],
        "local_time": local_time(customer.time_zone),
        "language": language_name(customer.locale),
        "claims": claims,
        "duplicates": _duplicates(customer, agent=agent, claimed=claims),
        "cards": _cards(customer, conversation=conversation),
        "presence_url": _presence_url(customer, identities),
        "may_merge": agent.can(roles.MERGE),
        "may_edit": agent.can(roles.EDIT_CUSTOMER),
    }


def _presence_url(customer: Customer, identities: Iterable[Identity]) -> str:
    """Return where it is told whether they are on the site, if they chat there."""
    if not any(it.kind == IdentityKind.CHAT for it in identities):
        return ""
    return reverse("visitors:presence", args=[customer.pk])


def _shown_identity(identity: Identity, *, is_last_used: bool) -> Context:
    return {
        "kind": identity.kind,
        "value": identity.value,
        "shown_value": identity.shown_value,
        "undeliverable_reason": identity.undeliverable_reason,
        "is_verified": identity.is_verified,
        "last_used_at": identity.last_used_at,
        "is_last_used": is_last_used and identity.last_used_at is not None,
        "proof": identity.get_proof_display() if identity.proof else "",
    }


def shown_row(customer: Customer, identities: list[Identity]) -> Context:
    """Return one line of a list of customers."""
    return {
        "customer": customer,
        "url": reverse("customers:detail", args=[customer.pk]),
        "identities": identities[:3],
        "last_used_at": identities[0].last_used_at if identities else None,
    }


def local_time(time_zone: str) -> datetime | None:
    """Return what the clock says where the customer is, for a page to show as it is."""
    if not time_zone:
        return None
    try:
        # Naive: templates turn any other time into the agent's own.
        return timezone.localtime(timezone=ZoneInfo(time_zone)).replace(tzinfo=None)
    except (ZoneInfoNotFoundError, ValueError):
        return None


def language_name(locale: str) -> str:
    try:
        return str(translation.get_language_info(locale)["name_local"]).title()
    except KeyError:
        return ""


def _has_chatted(identities: Sequence[Identity]) -> bool:
    """Only who wrote by chat can have claimed anything."""
    return any(it.kind == IdentityKind.CHAT for it in identities)


def _duplicates(
    customer: Customer, *, agent: User, claimed: Sequence[str]
) -> list[Context]:
    matches = possible_duplicates(customer=customer, agent=agent, claimed=claimed)
    people = Customer.objects.in_bulk([match.pk for match in matches])
    handles = identities_of_all(list(people.values()))
    return [
        {
            "sentence": _sentence(people[match.pk], handles[match.pk], match),
            "url": reverse("customers:merge", args=[customer.pk, match.pk]),
            "reason": match.reason.value,
        }
        for match in matches
    ]


def _sentence(other: Customer, handles: list[Identity], match: Match) -> str:
    if match.reason == Reason.CLAIMED_ADDRESS:
        return _("%(who)s has the address that this visitor says is theirs.") % {
            "who": other.display_name
        }
    who = handles[0].shown_value if handles else other.display_name
    return _("%(who)s may be the same person. %(why)s") % {
        "who": who,
        "why": reason_words(match.reason),
    }


def reason_words(reason: Reason) -> str:
    """Say why two people may be one."""
    return {
        Reason.SAME_MAILBOX: _("Both addresses arrive in the same mailbox."),
        Reason.CLAIMED_ADDRESS: _("The visitor says that this address is theirs."),
        Reason.SAME_NAME_AND_COMPANY: _("Same name, same company."),
        Reason.SAME_NAME_AND_DOMAIN: _("Same name, same mail domain."),
        Reason.SAME_NAME_AND_PLACE: _("Same name, same place."),
        Reason.SAME_NAME: _("Same name."),
        Reason.NAME_IN_ADDRESS: _("The address spells the name."),
    }[reason]


def shown_merge(merge: Merge) -> Context:
    """Say who became part of this person, when, and why if nobody decided it."""
    words = _("%(name)s was merged into this person on %(date)s.") % {
        "name": merge.absorbed.display_name,
        "date": date_format(timezone.localtime(merge.created_at), "SHORT_DATE_FORMAT"),
    }
    if merge.actor_id is None and Reason.SAME_MAILBOX in merge.reasons:
        words = f"{words} {reason_words(Reason.SAME_MAILBOX)}"
    if merge.actor_id is None and SIGNED_IDENTITY in merge.reasons:
        words = f"{words} {_('The site vouched for them.')}"
    return {"pk": merge.pk, "sentence": words}


def _cards(customer: Customer, *, conversation: str) -> list[Context]:
    """Other apps' parts of the rail, by address; those that are not there stay away."""
    wanted = [(_("Earlier topics"), "inbox:customer-topics")]
    cards = []
    for title, name in wanted:
        try:
            url = reverse(name, args=[customer.pk])
        except NoReverseMatch:
            continue
        suffix = f"?except={conversation}" if conversation.isdecimal() else ""
        cards.append({"title": title, "url": f"{url}{suffix}"})
    return cards
