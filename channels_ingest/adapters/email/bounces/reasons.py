"""Say in one plain sentence why a message was not delivered."""

from dataclasses import dataclass


def gettext_noop(sentence: str) -> str:
    """Mark `sentence` for translation; the page that shows it translates it."""
    return sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why, in a word for programs and a sentence for people."""

    kind: str
    sentence: str
    is_hard: bool = False
    """The address itself is wrong: later messages would fail as well."""
    delayed_sentence: str = ""
    """The sentence while the server still tries."""


def _reason(
    kind: str, sentence: str, *, hard: bool = False, delayed: str = ""
) -> Reason:
    return Reason(
        kind=kind, sentence=sentence, is_hard=hard, delayed_sentence=delayed or sentence
    )


NO_MAILBOX = _reason(
    "no_mailbox", gettext_noop("The mailbox does not exist."), hard=True
)
NO_DOMAIN = _reason(
    "no_domain",
    gettext_noop("The part after the @ does not exist, or takes no mail."),
    hard=True,
)
MOVED = _reason(
    "moved", gettext_noop("The person has moved to another address."), hard=True
)
BAD_ADDRESS = _reason(
    "bad_address", gettext_noop("The address is not written correctly."), hard=True
)
DISABLED = _reason("disabled", gettext_noop("The mailbox has been switched off."))
MAILBOX_FULL = _reason(
    "mailbox_full",
    gettext_noop("Their mailbox is full."),
    delayed=gettext_noop("Their mailbox is full; the server keeps trying."),
)
TOO_BIG = _reason("too_big", gettext_noop("The message is too big for their server."))
SPAM = _reason("spam", gettext_noop("Their server took the message for spam."))
VIRUS = _reason(
    "virus", gettext_noop("Their server suspects a virus in the message or its files.")
)
SENDER_BLOCKED = _reason(
    "sender_blocked",
    gettext_noop("Their server refuses mail from our mail server."),
    delayed=gettext_noop(
        "Their server refuses mail from our mail server for now; we keep trying."
    ),
)
NOT_AUTHENTICATED = _reason(
    "not_authenticated",
    gettext_noop(
        "Their server could not prove that the message is ours (SPF, DKIM or DMARC)."
    ),
)
NO_RELAY = _reason(
    "no_relay", gettext_noop("Their server does not take mail for this address.")
)
NOT_ALLOWED = _reason(
    "not_allowed", gettext_noop("The recipient does not take mail from us.")
)
POLICY = _reason("policy", gettext_noop("A rule of their server refuses the message."))
CONTENT = _reason(
    "content", gettext_noop("Their server does not accept the form of the message.")
)
TOO_MANY = _reason(
    "too_many",
    gettext_noop("Their server received too many messages at once."),
    delayed=gettext_noop(
        "Their server receives too many messages; the server keeps trying."
    ),
)
GREYLISTED = _reason(
    "greylisted",
    gettext_noop("Their server asked to try again later."),
    delayed=gettext_noop(
        "Their server asked to try again later; the server keeps trying."
    ),
)
UNREACHABLE = _reason(
    "unreachable",
    gettext_noop("Their mail server could not be reached."),
    delayed=gettext_noop("Their mail server cannot be reached; we keep trying."),
)
GAVE_UP = _reason(
    "gave_up",
    gettext_noop("The server tried for a long time and gave up."),
    delayed=gettext_noop("It has not been delivered yet; the server keeps trying."),
)
LOOP = _reason("loop", gettext_noop("The message went around in a circle."))
SERVER_TROUBLE = _reason(
    "server_trouble",
    gettext_noop("Their mail server has a problem."),
    delayed=gettext_noop("Their mail server has a problem; we keep trying."),
)
UNKNOWN = _reason(
    "unknown",
    gettext_noop("It could not be delivered, and their server did not say why."),
    delayed=gettext_noop("It has not been delivered yet; the server keeps trying."),
)
