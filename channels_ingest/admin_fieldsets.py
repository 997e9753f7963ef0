"""Which fields stand together when a channel of a kind is set up."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from channels_ingest.adapters.email.forms import PROVIDER_FIELDS
from channels_ingest.providers.chat.config import RULE_FIELDS

Section = tuple[Any, dict[str, Any]]


def _when(**wanted: str) -> str:
    """Classes by which the page hides what is not chosen; see admin_channel.js."""
    return " ".join(f"when-{name}--{value}" for name, value in wanted.items())


def _provider_section(side: str, provider: str) -> Section:
    names = [
        f.name for f in PROVIDER_FIELDS if (f.side, f.provider) == (side, provider)
    ]
    if side == "incoming":
        classes = _when(incoming_transport="webhook", incoming_provider=provider)
        return None, {"fields": names, "classes": [classes]}
    classes = _when(outgoing_transport="provider", outgoing_provider=provider)
    title = _("Reports of what was sent (webhook)") if side == "tracking" else None
    return title, {"fields": names, "classes": [classes]}


def _provider_sections(*sides: str) -> list[Section]:
    pairs = dict.fromkeys((f.side, f.provider) for f in PROVIDER_FIELDS)
    return [_provider_section(s, p) for s, p in pairs if s in sides]


def _in_fields(*names: str) -> tuple[str, ...]:
    return tuple(f"incoming_{name}" for name in names)


def _out_fields(*names: str) -> tuple[str, ...]:
    return tuple(f"outgoing_{name}" for name in names)


EMAIL: list[Section] = [
    (None, {"fields": ("name", "address", "aliases", "brand", "team", "is_active")}),
    (_("Incoming"), {"fields": ("incoming_transport",)}),
    (
        None,
        {
            "fields": (
                *_in_fields("host", "port", "security", "username"),
                *("oauth_provider", "incoming_password"),
                *(f"oauth_{n}" for n in ("client_id", "client_secret", "tenant")),
                *(f"oauth_{n}" for n in ("authorization_url", "token_url", "scope")),
                *_in_fields("folders", "begins_with", "afterwards", "move_to"),
            ),
            "classes": [_when(incoming_transport="imap")],
        },
    ),
    (
        None,
        {
            "fields": ("incoming_provider", "incoming_address"),
            "classes": [_when(incoming_transport="webhook")],
        },
    ),
    *_provider_sections("incoming"),
    (_("Outgoing"), {"fields": ("outgoing_transport",)}),
    (
        None,
        {
            "fields": _out_fields(
                *("host", "port", "security", "username"), "password", "uses_oauth"
            ),
            "classes": [_when(outgoing_transport="smtp")],
        },
    ),
    (
        None,
        {
            "fields": ("outgoing_provider", "tracking_address"),
            "classes": [_when(outgoing_transport="provider")],
        },
    ),
    *_provider_sections("outgoing", "tracking"),
    (
        _("Answering"),
        {
            "fields": (
                *("sender_name", "continuity", "continuity_hours", "undo_seconds"),
                *("reply_within_minutes", "acknowledges", "acknowledgement"),
            )
        },
    ),
    (
        _("Trust and addresses"),
        {
            "fields": (
                *("trusted_servers", "checks_senders", "trusts_colleagues"),
                *("trusted_networks", "plus_addresses", "bounce_address"),
            ),
        },
    ),
]


_CHAT_BASE = ("name", "brand", "team", "is_active")
_ANSWERING: Section = (
    _("Answering"),
    {
        "fields": ("undo_seconds", "reply_within_minutes", "unanswered_seconds"),
        "description": _("An answer by chat is there at once, unless there is a wait."),
    },
)
_WORDS: Section = (_("Words"), {"fields": ("greeting", "notice")})
_QUESTIONS: Section = (
    _("Form before the first message"),
    {"fields": ("form_for", "form_fields")},
)
_HOURS: Section = (
    _("Opening hours"),
    {"fields": ("time_zone", "hours", "holidays")},
)
_BY_MAIL: Section = (
    _("On by mail"),
    {
        "fields": (
            *("by_mail_is_on", "by_mail_minutes", "by_mail_gap_minutes"),
            *("by_mail_most_messages", "by_mail_channel_id"),
        )
    },
)
_RULES: list[Section] = [
    (
        _("Visitors we do not know"),
        {"fields": [name for name in RULE_FIELDS if name.startswith("visitors")]},
    ),
    (
        _("People who are signed in with you"),
        {
            "fields": [name for name in RULE_FIELDS if name.startswith("known")],
            "description": _("Whoever a signed identity has proven to be a customer."),
        },
    ),
]
_MORE = ("file_megabytes", "file_types", "tracks_visits", "asks_rating")
WEBCHAT: list[Section] = [
    (None, {"fields": (*_CHAT_BASE, "channel_key", "domains")}),
    (
        _("Looks"),
        {
            "fields": (
                *("color", "logo", "logo_url", "position", "radius", "scheme"),
                "has_sound",
            )
        },
    ),
    *(_WORDS, _HOURS, _QUESTIONS),
    (_("Messages that show by themselves"), {"fields": ("invitations",)}),
    *(_BY_MAIL, *_RULES, _ANSWERING),
    (_("More"), {"fields": _MORE}),
]
API: list[Section] = [
    (None, {"fields": (*_CHAT_BASE, "channel_key")}),
    *(_WORDS, _HOURS, _QUESTIONS, _BY_MAIL, *_RULES, _ANSWERING),
    (_("More"), {"fields": _MORE}),
]
FIELDSETS: dict[str, list[Section]] = {"email": EMAIL, "webchat": WEBCHAT, "api": API}
