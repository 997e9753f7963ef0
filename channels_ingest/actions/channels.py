"""Setting channels up."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.db import transaction

from channels_ingest.base import Capabilities
from channels_ingest.providers.chat.config import (
    new_identity_secret,
    secret_fingerprint,
)
from channels_ingest.providers.chat.settings import chat_settings, identity_secrets
from helpdesk.core.files import delete_file, store_file
from inbox.models import Channel

Configure = Callable[[Mapping[str, Any]], dict[str, Any]]


@transaction.atomic
def save_channel(
    *,
    channel: Channel,
    capabilities: Capabilities,
    configure: Configure,
    undo_seconds: int | None = None,
    logo: bytes | None = None,
) -> Channel:
    """Keep what was set up.

    `configure` gets the config as it is now and returns the new one: a token that was
    renewed meanwhile is not lost.

    :param undo_seconds: chosen by somebody; else answers of a new chat leave at once
    :param logo: a new picture for a chat; none at all if it is empty
    """
    is_new_chat = capabilities.is_fetched and not channel.pk
    if is_new_chat or undo_seconds is not None:
        channel.undo_seconds = undo_seconds or 0
    current: Mapping[str, Any] = {}
    if channel.pk:
        locked = Channel.objects.select_for_update().only("config").get(pk=channel.pk)
        current = locked.config or {}
    channel.config = configure(current)
    if logo is not None:
        _replace_logo(channel, logo)
    channel.capabilities = capabilities.as_json()
    if capabilities.is_fetched:
        # The inbox asks for these, and the config is encrypted.
        chat = chat_settings(channel.config)
        channel.unanswered_seconds = chat.unanswered_seconds
        channel.capabilities["mailbox_id"] = chat.by_mail.channel_id
        channel.capabilities["files"] = [chat.logo_file] if chat.logo_file else []
    channel.save()
    return channel


def _replace_logo(channel: Channel, content: bytes) -> None:
    before = chat_settings(channel.config).logo_file
    # If the rest fails, it is a stray that is deleted in the night.
    kept = store_file(content).stored_name if content else ""
    chat = {**(channel.config.get("chat") or {}), "logo_file": kept}
    channel.config = {**channel.config, "chat": chat}
    if before:
        transaction.on_commit(partial(delete_file, before))


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


class LastSecret(Exception):
    """A channel without a secret could believe nobody."""


@transaction.atomic
def add_identity_secret(*, channel_id: int) -> None:
    """Make a new secret for signed identities; the earlier ones still hold."""
    channel = Channel.objects.select_for_update().get(pk=channel_id)
    _keep_secrets(channel, (new_identity_secret(), *identity_secrets(channel.config)))


@transaction.atomic
def remove_identity_secret(*, channel_id: int, fingerprint: str) -> None:
    """Let what was signed with this secret hold no more; twice does nothing.

    :raises LastSecret: if it is the only one
    """
    channel = Channel.objects.select_for_update().get(pk=channel_id)
    known = identity_secrets(channel.config)
    kept = tuple(each for each in known if secret_fingerprint(each) != fingerprint)
    if not kept:
        raise LastSecret
    _keep_secrets(channel, kept)


def _keep_secrets(channel: Channel, kept: tuple[str, ...]) -> None:
    chat = {**(channel.config.get("chat") or {}), "identity_secrets": list(kept)}
    channel.config = {**channel.config, "chat": chat}
    channel.save(update_fields=["config"])
