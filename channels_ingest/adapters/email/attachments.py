"""Collects the files of one mail under safe names."""

from collections import Counter
from dataclasses import dataclass, replace
from urllib.parse import unquote

from channels_ingest.adapters.email.filenames import safe_filename
from channels_ingest.adapters.email.parameters import (
    parameter_text,
    split_parameters,
)
from channels_ingest.adapters.email.parsed import (
    CalendarEvent,
    ParsedAttachment,
    ParsedMail,
)
from channels_ingest.adapters.email.structure import Part


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the sender wants a part to be, and what they call it."""

    disposition: str
    filename: str
    content_id: str

    @classmethod
    def read(cls, part: Part, hint: str) -> "Placement":
        value, parameters = split_parameters(part.headers.first("content-disposition"))
        filename = parameter_text(parameters, "filename", hint)
        filename = filename or parameter_text(part.kind.parameters, "name", hint)
        content_id = part.headers.first("content-id").decode("ascii", "ignore")
        return cls(value, filename.strip(), content_id.strip(" <>\t"))

    @property
    def is_attachment(self) -> bool:
        """Anything that is not `inline` counts as an attachment (RFC 2183)."""
        return bool(self.disposition) and self.disposition != "inline"


class AttachmentList:
    """The files found so far, in the order of the mail."""

    def __init__(self) -> None:
        self._found: list[ParsedAttachment] = []
        self._nameless: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._found)

    def add(
        self,
        *,
        name: str,
        content_type: str,
        data: bytes,
        content_id: str = "",
        is_inline: bool = False,
        text: str = "",
        events: tuple[CalendarEvent, ...] = (),
        message: ParsedMail | None = None,
    ) -> ParsedAttachment:
        """Keep a file; give it a name if it has none."""
        usual = name or (
            f"{message.subject}.eml" if message and message.subject else ""
        )
        number = 1
        if not usual:
            self._nameless[content_type] += 1
            number = self._nameless[content_type]
        added = ParsedAttachment(
            filename=safe_filename(usual, content_type, number),
            original_filename=name,
            content_type=content_type,
            data=data,
            content_id=content_id,
            is_inline=is_inline,
            text=text,
            events=events,
            message=message,
        )
        self._found.append(added)
        return added

    def placed(self, linked_ids: set[str]) -> tuple[ParsedAttachment, ...]:
        """Return all files, those that the HTML shows marked as inline."""
        return tuple(
            replace(file, is_inline=True)
            if file.content_id and file.content_id in linked_ids
            else file
            for file in self._found
        )


def linked_ids(content_ids: list[str]) -> set[str]:
    """Return the ids behind `cid:` links, also where they are percent-encoded."""
    return {form for found in content_ids for form in (found, unquote(found))}
