"""What one reading of a mail has used up, the mails inside it included."""

from collections.abc import Callable
from dataclasses import dataclass, field

from channels_ingest.adapters.email.defects import Defects
from channels_ingest.adapters.email.limits import (
    MAX_MESSAGE_DEPTH,
    MAX_NESTED_MESSAGES,
    MAX_UNPACKED_BYTES,
)
from channels_ingest.adapters.email.parsed import ParsedMail
from channels_ingest.adapters.email.structure import PartBudget

ReadMessage = Callable[[bytes, "ReadingState"], ParsedMail]


@dataclass(slots=True)
class ReadingState:
    """Shared by a mail and all mails attached to it."""

    read_message: ReadMessage
    defects: Defects = field(default_factory=Defects)
    budget: PartBudget = field(default_factory=PartBudget)
    depth: int = 1
    _messages_left: int = MAX_NESTED_MESSAGES
    _bytes_left: int = MAX_UNPACKED_BYTES

    def may_unpack(self, size: int) -> bool:
        """Account for a file taken out of another one."""
        if size > self._bytes_left:
            self.defects.note("Files inside files were too large to unpack.")
            return False
        self._bytes_left -= size
        return True

    def read_nested(self, data: bytes) -> ParsedMail | None:
        """Read an attached mail; None if it lies too deep or there are too many."""
        if self.depth >= MAX_MESSAGE_DEPTH or self._messages_left <= 0:
            self.defects.note("Some attached mails were kept unread.")
            return None
        self._messages_left -= 1
        self.depth += 1
        outer, self.defects = self.defects, Defects()
        try:
            return self.read_message(data, self)
        finally:
            self.defects = outer
            self.depth -= 1
