"""Setting channels up."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from channels_ingest.base import Capabilities
from inbox.models import Channel

Configure = Callable[[Mapping[str, Any]], dict[str, Any]]


@transaction.atomic
def save_channel(
    *, channel: Channel, capabilities: Capabilities, configure: Configure
) -> Channel:
    """Keep what was set up.

    `configure` gets the config as it is now and returns the new one: a token that was
    renewed meanwhile is not lost.
    """
    current: Mapping[str, Any] = {}
    if channel.pk:
        locked = Channel.objects.select_for_update().only("config").get(pk=channel.pk)
        current = locked.config or {}
    channel.config = configure(current)
    channel.capabilities = capabilities.as_json()
    channel.save()
    return channel


@transaction.atomic
def save_oauth(*, channel_id: int, oauth: Mapping[str, Any]) -> None:
    """Keep what an OAuth provider issued for a channel's mailbox."""
    channel = Channel.objects.select_for_update().get(pk=channel_id)
    outgoing = dict(channel.config.get("outgoing") or {})
    if outgoing.get("uses_oauth"):
        outgoing["access_token"] = oauth.get("access_token", "")
    config = {**channel.config, "oauth": dict(oauth)}
    channel.config = {**config, "outgoing": outgoing} if outgoing else config
    channel.save(update_fields=["config"])
