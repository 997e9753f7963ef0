"""What a browser may say over its socket: small JSON objects, a few a second."""

import json
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

MAX_CHARACTERS = 2000
MAX_OF_VISITOR = 4000
"""Addresses and titles of other people's pages are long."""
MAX_PER_WINDOW = 60
WINDOW_SECONDS = 10

UNSUPPORTED = 1003
NOT_JSON = 1007
TOO_MUCH = 1008
TOO_BIG = 1009


class FrameRefused(Exception):
    """The browser does not speak our protocol; `code` closes its socket."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One thing the browser said."""

    type: str
    conversation_id: int | None = None
    is_on: bool = False
    is_note: bool = False
    """What is being written is for colleagues only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorFrame:
    """One thing a visitor's browser or app said; plain text, not believed yet."""

    type: str
    token: str = ""
    conversation: str = ""
    """Public id."""
    is_on: bool = False
    title: str = ""
    url: str = ""
    visit: str = ""
    """What the page called itself before it had a token."""


class FrameReader:
    """Narrows what one socket sends, and counts it."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=MAX_PER_WINDOW)

    def read(self, text: str | None) -> Frame:
        """:raises FrameRefused: for binary, big, many, or not our JSON"""
        said = self._object(text, longest=MAX_CHARACTERS)
        return Frame(
            type=str(said.get("type", ""))[:40],
            conversation_id=_number(said.get("conversation")),
            is_on=said.get("on") is True,
            is_note=said.get("note") is True,
        )

    def read_of_visitor(self, text: str | None) -> VisitorFrame:
        """:raises FrameRefused: for binary, big, many, or not our JSON"""
        said = self._object(text, longest=MAX_OF_VISITOR)
        return VisitorFrame(
            type=_word(said.get("type"))[:40],
            token=_word(said.get("token")),
            conversation=_word(said.get("conversation")),
            is_on=said.get("on") is True,
            title=_word(said.get("title")),
            url=_word(said.get("url")),
            visit=_word(said.get("visit")),
        )

    def _object(self, text: str | None, *, longest: int) -> dict[str, Any]:
        if text is None:
            raise FrameRefused(UNSUPPORTED)
        if len(text) > longest:
            raise FrameRefused(TOO_BIG)
        self._count()
        try:
            said = json.loads(text)
        except (ValueError, RecursionError):
            raise FrameRefused(NOT_JSON) from None
        if not isinstance(said, dict):
            raise FrameRefused(NOT_JSON)
        return said

    def _count(self) -> None:
        now = time.monotonic()
        if len(self._times) == MAX_PER_WINDOW and now - self._times[0] < WINDOW_SECONDS:
            raise FrameRefused(TOO_MUCH)
        self._times.append(now)


def _number(value: Any) -> int | None:
    is_id = isinstance(value, int) and not isinstance(value, bool)
    return value if is_id and 0 < value < 2**63 else None


def _word(value: Any) -> str:
    """Return a text that everything else can take: halves of characters are none."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""
