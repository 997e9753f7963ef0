"""How much of everything one visitor, one address and one channel may ask for.

Offices share an address, so its limits are wide; a channel's only stop a flood that
comes from everywhere at once.
"""

from typing import Final

from helpdesk.core.limits import Limit

VISITOR_REQUESTS: Final = Limit(name="chat-visitor", count=300, seconds=60)
VISITOR_MESSAGES: Final = Limit(name="chat-messages", count=30, seconds=60)
ADDRESS_REQUESTS: Final = Limit(name="chat-from", count=1500, seconds=60)
VISITOR_FILES: Final = Limit(name="chat-files", count=10, seconds=60)
ADDRESS_FILES: Final = Limit(name="chat-files-from", count=120, seconds=10 * 60)
"""Messages with files: nobody fills the disk with many visitors from one place."""
ADDRESS_TRANSCRIPTS: Final = Limit(
    name="chat-transcripts-from", count=20, seconds=60 * 60
)
"""Each is a mail to an address that was typed."""
ADDRESS_SESSIONS: Final = Limit(name="chat-sessions-from", count=60, seconds=10 * 60)
CHANNEL_SESSIONS: Final = Limit(name="chat-sessions-of", count=1200, seconds=60)
