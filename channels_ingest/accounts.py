"""What an adapter is told of the channel it works for."""

from django.conf import settings

from channels_ingest.base import Account
from channels_ingest.registry import adapter_class
from helpdesk.accounts.models import User
from inbox.models import Channel


def account_of(channel: Channel) -> Account:
    """Return the channel as plain values, with who and what else is ours."""
    knows_us = not adapter_class(channel.kind).reads_own_words
    return Account(
        channel_id=channel.pk,
        kind=channel.kind,
        address=channel.address.lower(),
        aliases=_lowered(channel.aliases),
        name=channel.name,
        sender_name=channel.from_name,
        config=channel.config or {},
        own_addresses=own_addresses() if knows_us else frozenset(),
        colleagues=_colleagues() if knows_us else frozenset(),
        token_keys=tuple(settings.MAIL_TOKEN_KEYS),
    )


def _colleagues() -> frozenset[str]:
    emails = User.objects.active().values_list("email", flat=True)
    return frozenset(email.lower() for email in emails)


def own_addresses() -> frozenset[str]:
    """Return every address that mail of this desk comes from or goes to."""
    found: set[str] = set()
    for address, aliases in Channel.objects.values_list("address", "aliases"):
        found.update((address.lower(), *_lowered(aliases)))
    return frozenset(found)


def _lowered(aliases: object) -> tuple[str, ...]:
    if not isinstance(aliases, list):
        return ()
    return tuple(str(alias).strip().lower() for alias in aliases if alias)
