"""Keep a channel's permission to use its mailbox alive."""

from datetime import datetime

from django.db import connection, transaction

from channels_ingest.adapters.email.oauth import Tokens, renew, usable_token
from inbox.models import Channel

_LOCKS = 0x746F_6B65
"""The first half of the advisory locks of channels whose token is being renewed."""


def access_token_of(*, channel_id: int, now: datetime) -> str:
    """Return a token that holds for some minutes, renewed if need be.

    Two processes that ask at once renew it once: some providers take back a refresh
    token that is used twice.

    :raises SignInExpired: if a person has to sign in again
    :raises TokenNotRenewed: if the provider cannot be asked now
    """
    if token := usable_token(_oauth_of(channel_id), now=now):
        return token
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [_LOCKS, channel_id])
    try:
        oauth = _oauth_of(channel_id)
        if token := usable_token(oauth, now=now):
            return token
        tokens = renew(oauth, now=now)
        _save(channel_id, tokens)
        return tokens.access_token
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCKS, channel_id])


def _oauth_of(channel_id: int) -> dict[str, object]:
    config = Channel.objects.only("config").get(pk=channel_id).config or {}
    return dict(config.get("oauth") or {})


@transaction.atomic
def _save(channel_id: int, tokens: Tokens) -> None:
    channel = Channel.objects.select_for_update().get(pk=channel_id)
    oauth = tokens.written_into(channel.config.get("oauth") or {})
    outgoing = dict(channel.config.get("outgoing") or {})
    if outgoing.get("uses_oauth"):
        outgoing["access_token"] = tokens.access_token
    channel.config = {**channel.config, "oauth": oauth, "outgoing": outgoing}
    channel.save(update_fields=["config"])
