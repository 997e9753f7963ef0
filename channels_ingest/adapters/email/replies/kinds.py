"""What one line of a mail body can be, and what becomes of it."""

from enum import Enum, auto


class Kind(Enum):
    """What a line is, judged by itself and its neighbours."""

    # Several sets are asked about every line: by identity is the fastest way.
    __hash__ = object.__hash__

    BLANK = auto()
    TEXT = auto()
    QUOTE = auto()
    QUOTED_ATTRIBUTION = auto()
    """An attribution that is quoted with what it announces."""
    ATTRIBUTION = auto()
    """A line like "On Monday, Maya wrote:"."""
    SEPARATOR = auto()
    """A line like "-----Original Message-----": history from here on."""
    HEADER = auto()
    """From, Sent, To and Subject, as Outlook puts them above the history."""
    FORWARD = auto()
    REPLY_ABOVE = auto()
    """A line like "Please type your reply above this line"."""
    RULE = auto()
    """Nothing but dashes, stars or the like."""
    SIGNATURE = auto()
    FOOTER = auto()
    """A line like "Sent from my iPhone"."""


class Label(Enum):
    """Where a line is shown."""

    VISIBLE = "visible"
    QUOTED = "quoted"
    SIGNATURE = "signature"


QUOTES = frozenset({Kind.QUOTE, Kind.QUOTED_ATTRIBUTION})
MARKERS = frozenset(
    {Kind.ATTRIBUTION, Kind.SEPARATOR, Kind.HEADER, Kind.FORWARD, Kind.REPLY_ABOVE}
)
HARD_MARKERS = frozenset({Kind.SEPARATOR, Kind.HEADER, Kind.REPLY_ABOVE})
ASIDE = frozenset({Kind.BLANK, Kind.RULE, Kind.SIGNATURE, Kind.FOOTER})
"""Lines that say nothing about where history begins."""
