"""What reading a mail yields: plain, immutable values without any MIME left in them.

No text in here contains NUL or a lone surrogate, whatever the mail contained.
"""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """A name and an address as written; the address may be a bare local part."""

    name: str
    email: str

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>" if self.name else self.email


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEvent:
    """One event of an invitation."""

    title: str
    starts_at: str
    """ISO 8601: a date for whole days, else a time with its offset if known."""
    ends_at: str
    location: str
    organizer: str
    attendees: tuple[str, ...]
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedAttachment:
    """A file that came with the mail, decoded."""

    filename: str
    """Safe to show and to save: no path, no control or direction characters."""
    original_filename: str
    """As the sender wrote it; empty if the part had no name."""
    content_type: str
    data: bytes
    content_id: str
    """Without angle brackets; what `cid:` links in the HTML name."""
    is_inline: bool
    """Belongs into the body rather than beside it."""
    text: str = ""
    """What it says, where people could not read it otherwise: an invitation."""
    events: tuple[CalendarEvent, ...] = ()
    message: "ParsedMail | None" = None
    """The mail itself, if a mail is attached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedMail:
    """A mail as a person would read it, with all its headers and files."""

    subject: str
    from_email: str
    from_name: str
    sender: Mailbox | None
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    bcc: tuple[Mailbox, ...]
    reply_to: tuple[Mailbox, ...]
    message_id: str
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    date: datetime | None
    text: str | None
    """The plain text; made from the HTML when the mail has no other.

    See `readable_text` for mail that has a body in neither form.
    """
    html: str | None
    """As received and NOT safe to show."""
    attachments: tuple[ParsedAttachment, ...]
    headers: tuple[tuple[str, str], ...]
    list_id: str
    content_type: str
    is_signed: bool
    is_encrypted: bool
    defects: tuple[str, ...]
    _by_name: dict[str, tuple[str, ...]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        for name, value in self.headers:
            key = name.lower()
            self._by_name[key] = (*self._by_name.get(key, ()), value)

    @property
    def readable_text(self) -> str:
        """The text, or what the attachments say if the mail itself says nothing."""
        if self.text and self.text.strip():
            return self.text
        return "\n\n".join(file.text for file in self.attachments if file.text)

    def header(self, name: str) -> str:
        """Return the first header of that name, empty if there is none."""
        values = self._by_name.get(name.lower())
        return values[0] if values else ""

    def header_values(self, name: str) -> tuple[str, ...]:
        return self._by_name.get(name.lower(), ())
