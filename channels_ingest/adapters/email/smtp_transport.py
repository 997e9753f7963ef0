"""Hand one mail to an SMTP server, and know for certain whether it was taken."""

import contextlib
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from channels_ingest.adapters.email.bounces.explaining import explain
from channels_ingest.base import SendFailed

TIMEOUT_SECONDS = 30
MAX_RECIPIENT_DEFERRALS = 5
"""After so many attempts a recipient the server keeps putting off is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where to send and how to prove who we are."""

    host: str
    port: int
    security: str = "starttls"
    """`starttls`, `tls` or `none`."""
    username: str = ""
    password: str = ""
    access_token: str = ""
    """An OAuth 2 token; used instead of the password where there is one."""


@dataclass(slots=True)
class Transmission:
    """What the server said to one mail."""

    response: str = ""
    refused: dict[str, str] = field(default_factory=dict)


def transmit(
    mail: EmailMessage,
    *,
    server: SmtpServer,
    envelope_sender: str,
    recipients: Sequence[str],
    attempt: int = 1,
) -> Transmission:
    """Send `mail` to `recipients` in one SMTP transaction.

    :raises SendFailed: with `permanent`, `ambiguous` or neither; ambiguous only when
        the connection broke after the whole mail was handed over
    """
    with _connection(server) as smtp:
        result = _offer(
            smtp, sender=envelope_sender, recipients=recipients, attempt=attempt
        )
        result.response = _hand_over(smtp, mail)
        return result


@contextlib.contextmanager
def _connection(server: SmtpServer) -> Iterator[smtplib.SMTP]:
    smtp = _open(server)
    try:
        yield smtp
    finally:
        # The mail is taken or not by now; a server that hangs up changes nothing.
        with contextlib.suppress(smtplib.SMTPException, OSError):
            smtp.quit()
        smtp.close()


def _open(server: SmtpServer) -> smtplib.SMTP:
    try:
        smtp = _connect(server)
        _prove(smtp, server)
    except smtplib.SMTPAuthenticationError as error:
        raise SendFailed(
            "The mail server did not accept the sign-in. "
            "Check the channel's user name and password.",
            diagnostic=_words(error.smtp_code, error.smtp_error),
        ) from error
    except smtplib.SMTPResponseException as error:
        raise SendFailed(
            "The mail server would not talk to us.",
            diagnostic=_words(error.smtp_code, error.smtp_error),
        ) from error
    except (smtplib.SMTPException, OSError) as error:
        raise SendFailed(
            f"The mail server {server.host} cannot be reached.",
            diagnostic=str(error),
        ) from error
    return smtp


def _connect(server: SmtpServer) -> smtplib.SMTP:
    if server.security == "tls":
        return smtplib.SMTP_SSL(
            server.host,
            server.port,
            timeout=TIMEOUT_SECONDS,
            context=ssl.create_default_context(),
        )
    smtp = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
    if server.security == "starttls":
        smtp.ehlo_or_helo_if_needed()
        smtp.starttls(context=ssl.create_default_context())
    return smtp


def _prove(smtp: smtplib.SMTP, server: SmtpServer) -> None:
    smtp.ehlo_or_helo_if_needed()
    if server.access_token:
        words = f"user={server.username}\x01auth=Bearer {server.access_token}\x01\x01"
        smtp.auth("XOAUTH2", lambda _challenge=None: words)
    elif server.username:
        smtp.login(server.username, server.password)


def _offer(
    smtp: smtplib.SMTP, *, sender: str, recipients: Sequence[str], attempt: int
) -> Transmission:
    """Name the sender and the recipients; nothing has been handed over yet."""
    try:
        _expect_ok(*smtp.mail(sender, _options(smtp, recipients)))
        answers = {handle: smtp.rcpt(handle) for handle in recipients}
    except (smtplib.SMTPException, OSError) as error:
        raise SendFailed(
            "The connection to the mail server broke.", diagnostic=str(error)
        ) from error
    refused = {h: a for h, a in answers.items() if a[0] >= 400}
    put_off = [a for a in refused.values() if a[0] < 500]
    if put_off and attempt < MAX_RECIPIENT_DEFERRALS:
        raise _refusal(*put_off[0])
    if len(refused) == len(recipients):
        raise _refusal(*next(iter(refused.values())))
    return Transmission(refused={h: _reason(_words(*a)) for h, a in refused.items()})


def _options(smtp: smtplib.SMTP, recipients: Sequence[str]) -> tuple[str, ...]:
    if all(handle.isascii() for handle in recipients):
        return ()
    return ("SMTPUTF8", "BODY=8BITMIME") if smtp.has_extn("smtputf8") else ()


def _expect_ok(code: int, words: Any) -> None:
    if code >= 400:
        raise _refusal(code, words)


def _hand_over(smtp: smtplib.SMTP, mail: EmailMessage) -> str:
    try:
        code, words = smtp.data(mail.as_bytes())
    except smtplib.SMTPDataError as error:
        raise _refusal(error.smtp_code, error.smtp_error) from error
    except (smtplib.SMTPException, OSError) as error:
        raise SendFailed(
            "The connection broke while the mail was being handed over. "
            "It may or may not have arrived.",
            diagnostic=str(error),
            ambiguous=True,
        ) from error
    _expect_ok(code, words)
    return _words(code, words)


def _refusal(code: int, words: Any) -> SendFailed:
    said = _words(code, words)
    return SendFailed(
        _reason(said),
        diagnostic=said,
        permanent=code >= 500,
    )


def _reason(said: str) -> str:
    return explain(status="", diagnostic=said).sentence


def _words(code: int, words: Any) -> str:
    text = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
    return f"{code} {text}"
