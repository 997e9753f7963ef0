"""Which adapter speaks for which kind of channel."""

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, cast

from channels_ingest.base import Account, ChannelAdapter

if TYPE_CHECKING:
    from inbox.models import Channel

ADAPTERS: dict[str, str] = {
    "email": "channels_ingest.adapters.email.adapter.EmailAdapter",
    "webchat": "channels_ingest.adapters.webchat.adapter.WebchatAdapter",
    "api": "channels_ingest.adapters.api.adapter.ApiAdapter",
}


class UnknownKind(Exception):
    """No adapter speaks for this kind of channel."""


@cache
def adapter_class(kind: str) -> type[ChannelAdapter]:
    """:raises UnknownKind: if `kind` is not in `ADAPTERS`"""
    if kind not in ADAPTERS:
        raise UnknownKind(kind)
    module, _, name = ADAPTERS[kind].rpartition(".")
    return cast("type[ChannelAdapter]", getattr(import_module(module), name))


def adapter_for(channel: "Channel") -> ChannelAdapter:
    """:raises UnknownKind: if no adapter speaks for the channel's kind"""
    # Adapters also run where there is neither Django nor a database.
    from channels_ingest.accounts import account_of

    return adapter_of(account_of(channel))


def adapter_of(account: Account) -> ChannelAdapter:
    """:raises UnknownKind: if no adapter speaks for the account's kind"""
    return adapter_class(account.kind)(account)
