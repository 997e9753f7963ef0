"""Mailboxes on other servers, read over IMAP."""

from channels_ingest.adapters.email.imap.mailbox import (
    FetchedMail,
    FolderState,
    Mailbox,
    MailboxUnreachable,
    SignInRefused,
)
from channels_ingest.adapters.email.imap.settings import MailboxSettings

__all__ = [
    "FetchedMail",
    "FolderState",
    "Mailbox",
    "MailboxSettings",
    "MailboxUnreachable",
    "SignInRefused",
]
