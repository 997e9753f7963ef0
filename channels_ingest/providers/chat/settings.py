"""How a chat channel is set up: `Channel.config`, read into plain values.

Whatever is missing or makes no sense has its default here, and nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIELD_TYPES = ("text", "mail", "number", "checkbox", "date", "link", "list", "phone")
DEFAULT_COLOR = "#0f766e"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One question of the form before the first message."""

    name: str
    label: str
    type: str = "text"
    """One of FIELD_TYPES."""
    is_required: bool = False
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What somebody may do by chat."""

    may_start: bool = True
    may_reply_to_closed: bool = True
    may_have_several: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """When somebody answers; no days at all means always."""

    time_zone: str = "UTC"
    days: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    """Of DAYS: `{"mon": (("09:00", "12:00"), ("13:00", "18:00"))}`."""
    holidays: tuple[str, ...] = ()
    """Dates, as `2026-12-25`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContinuityByMail:
    """When an answer nobody has seen goes on by mail."""

    is_on: bool = True
    minutes: int = 5
    gap_minutes: int = 10
    """At most one mail of a conversation in so long."""
    most_messages: int = 10
    channel_id: int | None = None
    """The mailbox it leaves by; None means the brand's first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A message that shows by itself, and is kept only if it is answered."""

    key: str
    text: str
    url_contains: str = ""
    seconds: int = 10
    """Time on the page before it shows."""
    visits_at_least: int = 0
    attributes: Mapping[str, str] = field(default_factory=dict)
    """Facts the page has set that must all hold."""
    needs_somebody: bool = False
    """Only while an agent is available."""
    pause_hours: int = 24
    """Not shown again to the same browser for so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatSettings:
    """Everything an admin decides about a chat channel, secrets apart."""

    domains: tuple[str, ...] = ()
    """Where the widget may stand: `shop.example`, `*.shop.example`, `localhost:8000`.
    Empty means nowhere."""
    color: str = DEFAULT_COLOR
    position: str = "end"
    """`start` or `end` of the line."""
    radius: int = 18
    scheme: str = "auto"
    """`auto`, `light` or `dark`."""
    logo_url: str = ""
    logo_file: str = ""
    """Name of a stored file, which is shown instead of what is at `logo_url`."""
    greeting: Mapping[str, str] = field(default_factory=dict)
    """By language; empty means the product's own words."""
    notice: str = ""
    """A banner, such as of a public holiday."""
    form_fields: tuple[FormField, ...] = ()
    form_for: str = "nobody"
    """`nobody`, `visitors` or `everybody`."""
    visitors: Rules = field(default_factory=Rules)
    known: Rules = field(default_factory=Rules)
    hours: Hours = field(default_factory=Hours)
    by_mail: ContinuityByMail = field(default_factory=ContinuityByMail)
    invitations: tuple[Invitation, ...] = ()
    tracks_visits: bool = True
    has_sound: bool = False
    asks_rating: bool = True
    file_bytes: int = 10 * 1024 * 1024
    """Of one file; 0 means that none are taken."""
    file_types: tuple[str, ...] = ()
    """Endings such as `pdf`; none means all but those of programs."""
    unanswered_seconds: int = 60
    """After so long an agent sees that nobody has answered."""


def chat_settings(config: Mapping[str, Any]) -> ChatSettings:
    """Read the stored config of a chat channel; never raises."""
    chat = _mapping(config.get("chat"))
    default = ChatSettings()
    return ChatSettings(
        domains=_words(chat.get("domains")),
        color=_text(chat.get("color")) or default.color,
        position="start" if chat.get("position") == "start" else "end",
        radius=_number(chat.get("radius"), default.radius, most=32),
        scheme=_one_of(chat.get("scheme"), ("auto", "light", "dark")),
        logo_url=_text(chat.get("logo_url")),
        logo_file=_text(chat.get("logo_file")),
        greeting={
            str(k): str(v) for k, v in _mapping(chat.get("greeting")).items() if v
        },
        notice=_text(chat.get("notice")),
        form_fields=tuple(_form_field(it) for it in _mappings(chat.get("form_fields"))),
        form_for=_one_of(chat.get("form_for"), ("nobody", "visitors", "everybody")),
        visitors=_rules(chat.get("visitors")),
        known=_rules(chat.get("known")),
        hours=_hours(_mapping(chat.get("hours"))),
        by_mail=_by_mail(_mapping(chat.get("by_mail"))),
        invitations=tuple(_invitation(it) for it in _mappings(chat.get("invitations"))),
        tracks_visits=_flag(chat.get("tracks_visits"), default=default.tracks_visits),
        has_sound=_flag(chat.get("has_sound"), default=default.has_sound),
        asks_rating=_flag(chat.get("asks_rating"), default=default.asks_rating),
        file_bytes=_number(chat.get("file_bytes"), default.file_bytes, most=20 << 20),
        file_types=_words(chat.get("file_types")),
        unanswered_seconds=_number(
            chat.get("unanswered_seconds"), default.unanswered_seconds, most=86_400
        ),
    )


def identity_secrets(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what signed identities of this channel may be signed with."""
    return _words(_mapping(config.get("chat")).get("identity_secrets"))


def _form_field(value: Mapping[str, Any]) -> FormField:
    return FormField(
        name=_text(value.get("name")),
        label=_text(value.get("label")) or _text(value.get("name")),
        type=_one_of(value.get("type"), FIELD_TYPES),
        is_required=_flag(value.get("is_required"), default=False),
        options=_words(value.get("options")),
    )


def _rules(value: Any) -> Rules:
    given = _mapping(value)
    return Rules(
        may_start=_flag(given.get("may_start"), default=True),
        may_reply_to_closed=_flag(given.get("may_reply_to_closed"), default=True),
        may_have_several=_flag(given.get("may_have_several"), default=True),
    )


def _hours(value: Mapping[str, Any]) -> Hours:
    days = _mapping(value.get("days"))
    return Hours(
        time_zone=_text(value.get("time_zone")) or "UTC",
        days={
            day: tuple(
                (str(span[0]), str(span[1]))
                for span in days[day]
                if isinstance(span, list | tuple) and len(span) == 2
            )
            for day in DAYS
            if isinstance(days.get(day), list | tuple)
        },
        holidays=_words(value.get("holidays")),
    )


def _by_mail(value: Mapping[str, Any]) -> ContinuityByMail:
    default = ContinuityByMail()
    channel_id = value.get("channel_id")
    return ContinuityByMail(
        is_on=_flag(value.get("is_on"), default=default.is_on),
        minutes=_number(value.get("minutes"), default.minutes, most=10_080),
        gap_minutes=_number(value.get("gap_minutes"), default.gap_minutes, most=10_080),
        most_messages=max(
            1, _number(value.get("most_messages"), default.most_messages, most=100)
        ),
        channel_id=channel_id if isinstance(channel_id, int) else None,
    )


def _invitation(value: Mapping[str, Any]) -> Invitation:
    default = Invitation(key="", text="")
    return Invitation(
        key=_text(value.get("key")),
        text=_text(value.get("text")),
        url_contains=_text(value.get("url_contains")),
        seconds=_number(value.get("seconds"), default.seconds, most=3600),
        visits_at_least=_number(value.get("visits_at_least"), 0, most=1000),
        attributes={
            str(k): str(v) for k, v in _mapping(value.get("attributes")).items()
        },
        needs_somebody=_flag(value.get("needs_somebody"), default=False),
        pause_hours=_number(value.get("pause_hours"), default.pause_hours, most=8760),
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: Any) -> tuple[Mapping[str, Any], ...]:
    listed = value if isinstance(value, list | tuple) else ()
    return tuple(it for it in listed if isinstance(it, Mapping))


def _words(value: Any) -> tuple[str, ...]:
    listed = value if isinstance(value, list | tuple) else ()
    return tuple(str(it).strip() for it in listed if str(it).strip())


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _one_of(value: Any, known: tuple[str, ...]) -> str:
    return value if value in known else known[0]


def _number(value: Any, default: int, *, most: int) -> int:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return min(max(value, 0), most) if is_number else default


def _flag(value: Any, *, default: bool) -> bool:
    return value if isinstance(value, bool) else default
