"""How much of one mail is read. What lies beyond stays in the stored source."""

MAX_MAIL_BYTES = 50_000_000
MAX_PARTS = 2_000
MAX_DEPTH = 50
MAX_MESSAGE_DEPTH = 3
"""Messages inside messages, counting the mail itself."""
MAX_NESTED_MESSAGES = 50

MAX_HEADER_LINES = 20_000
"""Lines read of one header block; the rest up to the blank line is skipped."""
MAX_HEADERS = 2_000
MAX_HEADER_BYTES = 262_144
"""Length of one header; long recipient lists are real."""
MAX_HEADER_BLOCK_BYTES = 2_000_000
MAX_SUBJECT_CHARS = 4_000
MAX_NAME_CHARS = 500
MAX_EMAIL_CHARS = 500
MAX_MAILBOXES = 2_000
MAX_REFERENCES = 500
MAX_PARAMETER_BYTES = 65_536
MAX_PARAMETERS = 500

MAX_TEXT_BYTES = 2_500_000
MAX_HTML_BYTES = 4_000_000
"""A longer body is cut for showing and kept whole as a file."""
MAX_TEXT_CHARS = 1_000_000
MAX_HTML_CHARS = 1_500_000
MAX_FILENAME_BYTES = 240
MAX_DEFECTS = 50

MAX_EMBEDDED_FILES = 500
"""Files unpacked from uuencoded text, data URLs or one winmail.dat."""
MAX_UNPACKED_BYTES = 100_000_000
MAX_CALENDAR_BYTES = 250_000
MAX_CALENDAR_EVENTS = 20
MAX_GUESS_BYTES = 20_000
"""Sample from which an undeclared charset is guessed."""
