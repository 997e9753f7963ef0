"""Whose mail we take: which channel an envelope's recipient belongs to."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.db import close_old_connections

from channels_ingest.adapters.email.signed_ids import (
    read_bounce_address,
    read_reply_address,
)
from inbox.models import Channel, TimelineItem

FRESH_SECONDS = 5.0
RETRY_UNKNOWN_SECONDS = 0.5
"""An unknown recipient makes us look again, but not more often than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    channels: Mapping[str, int] = field(default_factory=dict)
    read_at: float = 0.0


class AddressBook:
    """Finds the channel of a recipient; asks the database every few seconds only.

    Call it from threads, never from an event loop.
    """

    def __init__(self) -> None:
        self._page = _Page()
        self._lock = threading.Lock()

    def channel_of(self, recipient: str) -> int | None:
        """Return the channel that takes mail for `recipient`, None if none does.

        Knows addresses, aliases, plus-addresses of both, and signed addresses.

        :raises django.db.Error: if the database cannot be asked
        """
        address = recipient.strip().strip("<>").lower()
        if self._age() > FRESH_SECONDS:
            self._turn()
        found = self._look_up(address)
        if found is None and self._age() > RETRY_UNKNOWN_SECONDS:
            self._turn()
            found = self._look_up(address)
        return found

    def remembered(self, recipient: str) -> int | None:
        """Return the channel if it is known without asking the database."""
        if self._age() > FRESH_SECONDS:
            return None
        return self._plain(recipient.strip().strip("<>").lower())

    def _age(self) -> float:
        return time.monotonic() - self._page.read_at if self._page.read_at else 1e9

    def _turn(self) -> None:
        with self._lock:
            close_old_connections()
            try:
                rows = list(
                    Channel.objects.active().values_list("id", "address", "aliases")
                )
            finally:
                close_old_connections()
            channels: dict[str, int] = {}
            for channel_id, address, aliases in rows:
                for each in (*aliases, address):
                    channels[str(each).strip().lower()] = channel_id
            self._page = _Page(channels=channels, read_at=time.monotonic())

    def _look_up(self, address: str) -> int | None:
        return self._plain(address) or self._signed(address)

    def _plain(self, address: str) -> int | None:
        channels = self._page.channels
        local, _, domain = address.rpartition("@")
        base = f"{local.partition('+')[0]}@{domain}"
        return channels.get(address) or channels.get(base)

    def _signed(self, address: str) -> int | None:
        """Return the channel of a reply or bounce address that we made ourselves."""
        known = set(self._page.channels.values())
        for secret in settings.MAIL_TOKEN_KEYS:
            reply = read_reply_address(secret=secret, address=address)
            if reply is not None and reply.channel in known:
                return reply.channel
            bounce = read_bounce_address(secret=secret, address=address)
            if bounce is not None:
                return _channel_of_item(bounce.item)
        return None


def _channel_of_item(item_id: int) -> int | None:
    close_old_connections()
    try:
        return (
            TimelineItem.objects.filter(pk=item_id)
            .values_list("channel_id", flat=True)
            .first()
        )
    finally:
        close_old_connections()
