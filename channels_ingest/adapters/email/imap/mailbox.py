"""One connection to one mailbox. It looks, and changes only what it is told to."""

import contextlib
import ssl
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from types import TracebackType
from typing import Any, Self

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from channels_ingest.adapters.email.imap.settings import (
    DELETE,
    MOVE,
    SEEN,
    MailboxSettings,
)

CONNECT_SECONDS = 30
BATCH = 50
BATCH_BYTES = 32_000_000


class MailboxUnreachable(Exception):
    """The server cannot be reached, or broke off; trying again is of use."""


class SignInRefused(Exception):
    """The server does not accept the user name and password or token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderState:
    """Up to where a folder has been read."""

    uidvalidity: int = 0
    last_uid: int = 0
    since: str = ""
    """The day of the first connection, if what lay there before is left alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedMail:
    uid: int
    raw: bytes
    is_cut: bool = False
    """Only its beginning, because it is larger than we take."""


class Mailbox:
    """A signed-in connection; use it as a context manager, from one thread."""

    def __init__(
        self, settings: MailboxSettings, *, token: str = "", max_bytes: int
    ) -> None:
        self._settings = settings
        self._max_bytes = max_bytes
        with _translated():
            self._client = self._connect()
        try:
            self._sign_in(token)
        except BaseException:
            self.close()
            raise

    def _connect(self) -> IMAPClient:
        security = self._settings.security
        client = IMAPClient(
            self._settings.host,
            port=self._settings.port,
            ssl=security == "tls",
            timeout=CONNECT_SECONDS,
            use_uid=True,
        )
        if security == "starttls":
            client.starttls(ssl.create_default_context())
        return client

    def _sign_in(self, token: str) -> None:
        name = self._settings.username
        try:
            with _translated():
                if self._settings.uses_oauth:
                    self._client.oauth2_login(name, token)
                else:
                    self._client.login(name, self._settings.password)
        except MailboxUnreachable as error:
            cause = error.__cause__
            # Servers refuse a token with a plain error.
            if isinstance(cause, LoginError) or (
                isinstance(cause, IMAPClientError) and self._settings.uses_oauth
            ):
                raise SignInRefused(str(cause)) from cause
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        with contextlib.suppress(IMAPClientError, OSError):
            self._client.logout()

    def open_folder(self, folder: str, state: FolderState) -> FolderState:
        """Select a folder and return up to where it has been read.

        Where the server has numbered its messages anew, everything is looked at
        again: what we have already is recognised by its content.
        """
        with _translated():
            answer = self._client.select_folder(
                folder, readonly=not self._settings.changes_mailbox
            )
        self.was_told_of_news()
        validity = int(answer[b"UIDVALIDITY"])
        if state.uidvalidity == validity:
            return state
        if state.uidvalidity or self._settings.begins_with == "all":
            return FolderState(uidvalidity=validity, last_uid=0, since=state.since)
        return FolderState(
            uidvalidity=validity,
            last_uid=int(answer.get(b"UIDNEXT", 1)) - 1,
            since=date.today().isoformat(),  # noqa: DTZ011 - IMAP days have no zone
        )

    def new_uids(self, state: FolderState) -> list[int]:
        """Return what the selected folder holds beyond `state`, oldest first."""
        # `n:*` names the last message even if its number is smaller than n.
        criteria: list[Any] = ["UID", f"{state.last_uid + 1}:*"]
        if state.since and not state.last_uid:
            criteria += ["SINCE", date.fromisoformat(state.since)]
        with _translated():
            found = self._client.search(criteria)
        return sorted(uid for uid in found if uid > state.last_uid)

    def fetch(self, uids: Sequence[int]) -> Iterator[list[FetchedMail]]:
        """Yield the mails in order and in batches; none is marked as seen."""
        for start in range(0, len(uids), BATCH):
            part = uids[start : start + BATCH]
            with _translated():
                sizes = self._client.fetch(part, ["RFC822.SIZE"])
            known = [uid for uid in part if uid in sizes]
            for group in _grouped(known, sizes, self._max_bytes):
                with _translated():
                    mails = self._fetch_group(group, sizes)
                yield mails

    def _fetch_group(
        self, group: Sequence[int], sizes: dict[int, Any]
    ) -> list[FetchedMail]:
        is_cut = int(sizes[group[0]][b"RFC822.SIZE"]) > self._max_bytes
        what = f"BODY.PEEK[]<0.{self._max_bytes}>" if is_cut else "BODY.PEEK[]"
        answer = self._client.fetch(group, [what])
        return [
            FetchedMail(uid=uid, raw=raw, is_cut=is_cut)
            for uid in group
            if (raw := _body(answer.get(uid))) is not None
        ]

    def put_away(self, uids: Sequence[int]) -> None:
        """Do with read mails what the settings say; call it after our commit."""
        if not uids or not self._settings.changes_mailbox:
            return
        with _translated():
            if self._settings.afterwards == SEEN:
                self._client.add_flags(uids, [b"\\Seen"], silent=True)
            elif self._settings.afterwards == MOVE:
                self._move(uids)
            elif self._settings.afterwards == DELETE:
                self._client.delete_messages(uids, silent=True)
                self._expunge(uids)

    def _move(self, uids: Sequence[int]) -> None:
        target = self._settings.move_to
        if not self._client.folder_exists(target):
            self._client.create_folder(target)
        if self._client.has_capability("MOVE"):
            self._client.move(uids, target)
        else:
            self._client.copy(uids, target)
            self._client.delete_messages(uids, silent=True)
            self._expunge(uids)

    def _expunge(self, uids: Sequence[int]) -> None:
        """Remove only what we marked; without UIDPLUS it stays marked as deleted."""
        if self._client.has_capability("UIDPLUS"):
            self._client.uid_expunge(uids)

    def was_told_of_news(self) -> bool:
        """Whether the server spoke of new mail in passing, since it was last asked.

        It says so once only, perhaps while it answers something else.
        """
        with _translated():
            _, said = self._client._imap.response("EXISTS")  # noqa: SLF001
        return bool(said and said[0])

    @property
    def can_wait(self) -> bool:
        return bool(self._client.has_capability("IDLE"))

    def begin_waiting(self) -> None:
        with _translated():
            self._client.idle()

    def heard_something(self, *, seconds: float) -> bool:
        """Whether within `seconds` the server spoke of new mail, or may have hung up.

        Only asking it something tells whether it is still there.
        """
        until = time.monotonic() + seconds
        with _translated():
            said = self._client.idle_check(timeout=seconds)
        # The end of a connection looks like silence, but does not last that long.
        if not said and time.monotonic() < until:
            return True
        return any(len(line) > 1 and line[1] in (b"EXISTS", b"RECENT") for line in said)

    def end_waiting(self) -> None:
        with _translated():
            self._client.idle_done()


def _grouped(
    uids: Sequence[int], sizes: dict[int, Any], max_bytes: int
) -> Iterator[list[int]]:
    """Split so that one answer fits into memory; too large ones come alone."""
    group: list[int] = []
    total = 0
    for uid in uids:
        size = int(sizes[uid][b"RFC822.SIZE"])
        if group and (size > max_bytes or total + size > BATCH_BYTES):
            yield group
            group, total = [], 0
        group.append(uid)
        total += size
        if size > max_bytes:
            yield group
            group, total = [], 0
    if group:
        yield group


def _body(answer: dict[bytes, Any] | None) -> bytes | None:
    for key, value in (answer or {}).items():
        if key.startswith(b"BODY[]") and isinstance(value, bytes):
            return value
    return None


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (IMAPClientError, OSError, ValueError) as error:
        raise MailboxUnreachable(str(error)) from error
