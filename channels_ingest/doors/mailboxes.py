"""Fetch mail from the mailboxes of channels: one thread, and one process, for each."""

import hashlib
import json
import logging
import random
import threading
import time
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.db import close_old_connections, connection
from django.utils import timezone

from channels_ingest.actions.health import note_inbound, note_trouble
from channels_ingest.actions.journal import Handed, record_batch
from channels_ingest.actions.reading_state import reading_state, save_reading_state
from channels_ingest.actions.tokens import access_token_of
from channels_ingest.adapters.email.imap import (
    FetchedMail,
    FolderState,
    Mailbox,
    MailboxSettings,
    MailboxUnreachable,
    SignInRefused,
)
from channels_ingest.adapters.email.imap.settings import (
    SettingsIncomplete,
    mailbox_settings,
)
from channels_ingest.adapters.email.oauth import (
    SIGN_IN_AGAIN,
    SignInExpired,
    TokenNotRenewed,
)
from channels_ingest.fingerprint import mail_key
from inbox.models import Channel

logger = logging.getLogger(__name__)

LOOK_FOR_CHANNELS_SECONDS = 10.0
IDLE_SECONDS = 9 * 60.0
"""Servers and routers forget a connection on which nothing is said for longer."""
LISTEN_SECONDS = 2.0
"""How often a waiting thread looks whether it should stop."""
CONNECTION_SECONDS = 45 * 60.0
"""A connection is renewed before the token it was opened with runs out."""
LONGEST_PAUSE = 300.0
REFUSED_PAUSE = 120.0
OTHER_HOLDS_IT_PAUSE = 15.0
_LOCKS = 0x6D61_696C
"""The first half of the advisory locks of mailboxes."""

REFUSED = (
    "The mailbox did not accept the sign-in. Check the user name and password in the"
    " channel's settings."
)
UNREACHABLE = "The mail server {} cannot be reached. We keep trying."


class LockLost(Exception):
    """Another process may hold the mailbox now."""


def mailboxes() -> dict[int, str]:
    """Return the channels that read a mailbox, each with a digest of its settings."""
    found = {}
    for channel in Channel.objects.active().filter(kind="email").only("id", "config"):
        incoming = (channel.config or {}).get("incoming") or {}
        if incoming.get("transport") == "imap":
            said = json.dumps(incoming, sort_keys=True, default=str)
            found[channel.pk] = hashlib.sha256(said.encode()).hexdigest()
    return found


class MailboxKeeper:
    """Keeps one reading thread for every mailbox that a channel names."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._readers: dict[int, MailboxReader] = {}
        self._thread = threading.Thread(target=self._run, name="mailboxes", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End all threads; what was fetched is kept."""
        self._stop.set()
        self._thread.join()
        for reader in self._readers.values():
            reader.ask_to_stop()
        for reader in self._readers.values():
            reader.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            close_old_connections()
            try:
                self._follow(mailboxes())
            except DatabaseTrouble:
                logger.warning("mailboxes not looked up", exc_info=True)
            finally:
                close_old_connections()
            self._stop.wait(LOOK_FOR_CHANNELS_SECONDS)

    def _follow(self, wanted: dict[int, str]) -> None:
        for channel_id, reader in list(self._readers.items()):
            if wanted.get(channel_id) != reader.digest or not reader.is_alive():
                reader.ask_to_stop()
                del self._readers[channel_id]
        for channel_id, digest in wanted.items():
            if channel_id not in self._readers:
                reader = MailboxReader(channel_id=channel_id, digest=digest)
                self._readers[channel_id] = reader
                reader.start()


class MailboxReader(threading.Thread):
    """Reads one mailbox for as long as it may; tries again whatever happens."""

    def __init__(self, *, channel_id: int, digest: str = "") -> None:
        super().__init__(name=f"mailbox-{channel_id}", daemon=True)
        self.channel_id = channel_id
        self.digest = digest
        self._stop_asked = threading.Event()
        self._failures = 0

    def ask_to_stop(self) -> None:
        self._stop_asked.set()

    def run(self) -> None:
        try:
            while not self._stop_asked.is_set():
                self._stop_asked.wait(self._one_round())
        finally:
            connection.close()

    def _one_round(self) -> float:
        """Connect and read until something happens; return how long to pause."""
        try:
            return self._hold_and_read()
        except SignInExpired:
            self._note(SIGN_IN_AGAIN)
            return REFUSED_PAUSE
        except SettingsIncomplete as error:
            self._note(str(error))
            return REFUSED_PAUSE
        except SignInRefused:
            self._note(REFUSED)
            return REFUSED_PAUSE
        except (MailboxUnreachable, TokenNotRenewed) as error:
            return self._unreachable(error)
        except (DatabaseTrouble, LockLost):
            logger.warning("mailbox %s: database trouble", self.channel_id)
            connection.close()
            return self._pause()
        except Exception:
            # A mailbox that behaves in a way we did not foresee is tried again, too.
            logger.exception("mailbox %s", self.channel_id)
            return self._pause()

    def _hold_and_read(self) -> float:
        if not self._hold():
            return OTHER_HOLDS_IT_PAUSE
        channel = Channel.objects.get(pk=self.channel_id)
        mailbox = mailbox_settings(channel.config)
        if mailbox is None or not channel.is_active:
            self.ask_to_stop()
            return 0.0
        token = ""
        if mailbox.uses_oauth:
            token = access_token_of(channel_id=self.channel_id, now=timezone.now())
        with Mailbox(
            mailbox, token=token, max_bytes=settings.MAIL_MAX_BYTES
        ) as connected:
            reading = _Reading(channel_id=self.channel_id, settings=mailbox)
            self._read(connected, reading)
        return 0.0

    def _hold(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_try_advisory_lock(%s, %s)", [_LOCKS, self.channel_id]
            )
            return bool(cursor.fetchone()[0])

    def _read(self, mailbox: Mailbox, reading: "_Reading") -> None:
        until = time.monotonic() + CONNECTION_SECONDS
        patience = LISTEN_SECONDS
        while not self._stop_asked.is_set() and time.monotonic() < until:
            if not connection.is_usable():
                raise LockLost
            reading.found_some = False
            # The first folder comes last, for it is the one we wait in.
            for folder in reversed(reading.settings.folders):
                reading.read_folder(mailbox, folder)
            if self._failures or not reading.was_noted:
                note_inbound(channel_id=self.channel_id, now=timezone.now())
                reading.was_noted = True
            self._failures = 0
            if reading.found_some:
                patience = LISTEN_SECONDS
            if not mailbox.was_told_of_news():
                longest = min(reading.settings.poll_seconds, IDLE_SECONDS)
                self._wait(mailbox, seconds=min(patience, longest))
                # Servers do not tell of what came in the moment before we listen,
                # and mail rarely comes alone: look again soon, then less and less.
                patience *= 2

    def _wait(self, mailbox: Mailbox, *, seconds: float) -> None:
        if not mailbox.can_wait:
            self._stop_asked.wait(seconds)
            return
        until = time.monotonic() + seconds
        mailbox.begin_waiting()
        try:
            while time.monotonic() < until and not self._stop_asked.is_set():
                if mailbox.heard_something(seconds=LISTEN_SECONDS):
                    break
        finally:
            mailbox.end_waiting()

    def _unreachable(self, error: Exception) -> float:
        logger.warning("mailbox %s: %s", self.channel_id, error)
        channel = Channel.objects.filter(pk=self.channel_id).first()
        incoming = (channel.config.get("incoming") or {}) if channel else {}
        self._note(UNREACHABLE.format(incoming.get("host", "")))
        return self._pause()

    def _note(self, words: str) -> None:
        note_trouble(channel_id=self.channel_id, error=words, now=timezone.now())

    def _pause(self) -> float:
        self._failures += 1
        longest = min(2.0**self._failures, LONGEST_PAUSE)
        return longest * random.uniform(0.5, 1)  # noqa: S311 - spreads load


@dataclass(slots=True, kw_only=True)
class _Reading:
    """What one connection reads into the journal, folder by folder."""

    channel_id: int
    settings: MailboxSettings
    was_noted: bool = False
    found_some: bool = False

    def read_folder(self, mailbox: Mailbox, folder: str) -> None:
        before = _state_from(reading_state(channel_id=self.channel_id).get(folder))
        state = mailbox.open_folder(folder, before)
        if state != before:
            self._save(folder, state)
        while uids := mailbox.new_uids(state):
            state = self._take(mailbox, folder, state, uids=uids)

    def _take(
        self, mailbox: Mailbox, folder: str, state: FolderState, *, uids: list[int]
    ) -> FolderState:
        self.found_some = True
        for mails in mailbox.fetch(uids):
            record_batch(handed=[self._handed(mail, folder, state) for mail in mails])
            # From here on it is ours, whatever becomes of the mailbox.
            if mails:
                state = replace(state, last_uid=mails[-1].uid)
                self._save(folder, state)
                mailbox.put_away([mail.uid for mail in mails])
        # Some may have been taken away by others in the meantime.
        return replace(state, last_uid=uids[-1])

    def _handed(self, mail: FetchedMail, folder: str, state: FolderState) -> Handed:
        headers: dict[str, Any] = {
            "folder": folder,
            "uid": mail.uid,
            "uidvalidity": state.uidvalidity,
        }
        if mail.is_cut:
            headers["is_cut"] = True
        return Handed(
            channel_id=self.channel_id,
            source="imap",
            raw=mail.raw,
            dedupe_key=mail_key(mail.raw),
            headers=headers,
        )

    def _save(self, folder: str, state: FolderState) -> None:
        save_reading_state(
            channel_id=self.channel_id, folder=folder, state=asdict(state)
        )


def _state_from(stored: dict[str, Any] | None) -> FolderState:
    return FolderState(**stored) if stored else FolderState()
