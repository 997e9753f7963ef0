"""Try everything that a mail channel is set up with, step by step, in plain words."""

import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from channels_ingest.adapters.email.imap import (
    FolderState,
    Mailbox,
    MailboxUnreachable,
    SignInRefused,
)
from channels_ingest.adapters.email.imap.settings import (
    MailboxSettings,
    SettingsIncomplete,
    mailbox_settings,
)
from channels_ingest.adapters.email.probes import Probe, send_probe
from channels_ingest.adapters.email.sending import server_of
from channels_ingest.adapters.email.smtp_transport import SmtpServer
from channels_ingest.base import Account, SendFailed
from channels_ingest.steps import Step, StepFailed, attempt

CONNECT_SECONDS = 10
_SECRET_KEYS = ("password", "secret", "token", "key")


def secrets_of(value: Any, *, is_secret: bool = False) -> set[str]:
    """Return every credential in a config, so that none can be repeated."""
    if isinstance(value, Mapping):
        found: set[str] = set()
        for name, each in value.items():
            hides = is_secret or any(part in str(name) for part in _SECRET_KEYS)
            found |= secrets_of(each, is_secret=hides)
        return found
    if not is_secret or not isinstance(value, str) or not value:
        return set()
    return {value, *(part for part in value.split(":") if ":" in value)}


def outgoing_steps(account: Account, *, probe: Probe) -> Iterator[Step]:
    """Yield what is tried of sending, up to the test mail being taken."""
    outgoing = account.config.get("outgoing") or {}
    if outgoing.get("transport") == "provider":
        yield attempt(
            _("Hand a test mail to the provider"), partial(_send, probe, account)
        )
        return
    if not outgoing.get("host"):
        yield Step(
            title=_("Outgoing mail server"),
            verdict="failed",
            words=_("This channel has no way to send mail yet."),
            advice=_("Choose one under Outgoing in the channel's settings."),
        )
        return
    server = server_of(outgoing)
    steps: tuple[tuple[str, Callable[[], str]], ...] = (
        (_("Find the outgoing server"), partial(find_host, server.host, server.port)),
        (_("Connect to it"), partial(connect, server.host, server.port)),
        (_("Encrypt and sign in"), partial(_sign_in, server)),
        (_("Send a test mail"), partial(_send, probe, account)),
    )
    yield from until_failure(steps)


def until_failure(
    steps: tuple[tuple[str, Callable[[], str]], ...],
) -> Iterator[Step]:
    """Yield each step; after one that failed the others make no sense."""
    for title, action in steps:
        step = attempt(title, action)
        yield step
        if not step.is_ok:
            return


def find_host(host: str, port: int) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise StepFailed(
            _("The name %s has no address.") % host,
            advice=_("Check how the server's name is written."),
            said=str(error),
        ) from error
    addresses = dict.fromkeys(str(each[4][0]) for each in found)
    return ", ".join(list(addresses)[:4])


def connect(host: str, port: int) -> str:
    try:
        with socket.create_connection((host, port), timeout=CONNECT_SECONDS):
            return _("Port %d is open.") % port
    except OSError as error:
        raise StepFailed(
            _("Nothing answers at %(host)s, port %(port)d.")
            % {"host": host, "port": port},
            advice=_("Check the port, and that no firewall is in the way."),
            said=str(error),
        ) from error


def _sign_in(server: SmtpServer) -> str:
    try:
        with _opened(server) as smtp:
            smtp.ehlo_or_helo_if_needed()
            _prove(smtp, server)
            return _security_words(smtp)
    except smtplib.SMTPAuthenticationError as error:
        raise StepFailed(
            _("The server did not accept the sign-in."),
            advice=_(
                "Check the user name and type the password again. Some providers want "
                "an app password."
            ),
            said=_said(error.smtp_code, error.smtp_error),
        ) from error
    except ssl.SSLError as error:
        raise _not_encrypted(error) from error
    except (smtplib.SMTPException, OSError) as error:
        raise StepFailed(
            _("The server broke off."),
            advice=_("Check that the encryption fits the port: 465 TLS, 587 STARTTLS."),
            said=str(error),
        ) from error


def _opened(server: SmtpServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.security == "tls":
        return smtplib.SMTP_SSL(
            server.host, server.port, timeout=CONNECT_SECONDS, context=context
        )
    smtp = smtplib.SMTP(server.host, server.port, timeout=CONNECT_SECONDS)
    if server.security == "starttls":
        try:
            smtp.starttls(context=context)
        except BaseException:
            smtp.close()
            raise
    return smtp


def _prove(smtp: smtplib.SMTP, server: SmtpServer) -> None:
    if server.access_token:
        words = f"user={server.username}\x01auth=Bearer {server.access_token}\x01\x01"
        smtp.auth("XOAUTH2", lambda _challenge=None: words)
    elif server.username:
        smtp.login(server.username, server.password)


def _security_words(smtp: smtplib.SMTP) -> str:
    version = smtp.sock.version() if isinstance(smtp.sock, ssl.SSLSocket) else None
    if version:
        return _("Encrypted with %s.") % version
    raise StepFailed(
        _("It works, but nothing is encrypted."),
        advice=_("Keep it so only if the server is in your own network."),
        verdict="note",
    )


def _not_encrypted(error: ssl.SSLError) -> StepFailed:
    if isinstance(error, ssl.SSLCertVerificationError):
        return StepFailed(
            _("The server's certificate cannot be trusted."),
            advice=_("Use the name that the certificate is for, or have it renewed."),
            said=error.verify_message,
        )
    return StepFailed(
        _("No encrypted connection came about."),
        advice=_("Check that the encryption fits the port: 465 TLS, 587 STARTTLS."),
        said=str(error),
    )


def _said(code: int, words: Any) -> str:
    text = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
    return f"{code} {text}"


def _send(probe: Probe, account: Account) -> str:
    try:
        send_probe(probe, account=account)
    except SendFailed as failure:
        raise StepFailed(
            failure.reason,
            advice=_("What the server said tells more; mend it and test again."),
            said=failure.diagnostic,
        ) from failure
    return _("It was taken.")


def door_steps(*, host: str, port: int, address: str) -> Iterator[Step]:
    """Yield whether our own mail server takes mail for the channel."""
    title = _("Ask our own mail server whether it takes mail for this address")
    yield attempt(title, partial(_ask_door, host, port, address))


def _ask_door(host: str, port: int, address: str) -> str:
    try:
        with smtplib.SMTP(host, port, timeout=CONNECT_SECONDS) as smtp:
            smtp.ehlo()
            smtp.mail("")
            code, words = smtp.rcpt(address)
    except (smtplib.SMTPException, OSError) as error:
        raise StepFailed(
            _("Our own mail server does not answer on port %d here.") % port,
            advice=_(
                "See that the mail process runs. If it runs on another machine, this "
                "says nothing."
            ),
            said=str(error),
            verdict="note",
        ) from error
    if code >= 400:
        raise StepFailed(
            _("It does not take mail for %s.") % address,
            advice=_("See that the channel is in use, then wait a few seconds."),
            said=_said(code, words),
        )
    return _("It does.")


def mailbox_steps(account: Account, *, token: str, max_bytes: int) -> Iterator[Step]:
    """Yield what is tried of the mailbox: nothing in it is changed."""
    try:
        found = mailbox_settings(account.config)
    except SettingsIncomplete as error:
        yield Step(title=_("Mailbox"), verdict="failed", words=str(error))
        return
    if found is None:
        return
    reached = list(
        until_failure(
            (
                (
                    _("Find the mailbox's server"),
                    partial(find_host, found.host, found.port),
                ),
                (_("Connect to it"), partial(connect, found.host, found.port)),
            )
        )
    )
    yield from reached
    if reached[-1].is_ok:
        yield from _inside(found, token=token, max_bytes=max_bytes)


def _inside(found: MailboxSettings, *, token: str, max_bytes: int) -> Iterator[Step]:
    opened: list[Mailbox] = []

    def sign_in() -> str:
        opened.append(_mailbox(found, token=token, max_bytes=max_bytes))
        return _("The mailbox lets us in.")

    step = attempt(_("Sign in to the mailbox"), sign_in)
    yield step
    if not opened:
        return
    with opened[0] as mailbox:
        for folder in found.folders:
            title = _("Open the folder %s") % folder
            yield attempt(title, partial(_open_folder, mailbox, folder))
        yield attempt(_("Hear of new mail at once"), partial(_waits, mailbox, found))


def _mailbox(found: MailboxSettings, *, token: str, max_bytes: int) -> Mailbox:
    try:
        return Mailbox(found, token=token, max_bytes=max_bytes)
    except SignInRefused as error:
        raise StepFailed(
            _("The mailbox did not accept the sign-in."),
            advice=_("Connect it again with the provider.")
            if found.uses_oauth
            else _("Check the user name and type the password again."),
            said=str(error),
        ) from error
    except MailboxUnreachable as error:
        raise StepFailed(
            _("The mailbox's server broke off."),
            advice=_("Check that the encryption fits the port: 993 TLS, 143 STARTTLS."),
            said=str(error),
        ) from error


def _open_folder(mailbox: Mailbox, folder: str) -> str:
    try:
        mailbox.open_folder(folder, FolderState())
    except MailboxUnreachable as error:
        raise StepFailed(
            _("There is no such folder, or it cannot be opened."),
            advice=_("Write its name as the server does, for example INBOX/Support."),
            said=str(error),
        ) from error
    return _("It is there.")


def _waits(mailbox: Mailbox, found: MailboxSettings) -> str:
    if mailbox.can_wait:
        return _("The server tells us of new mail (IDLE).")
    raise StepFailed(
        _("The server cannot tell us of new mail; we look every %d seconds.")
        % found.poll_seconds,
        verdict="note",
    )
