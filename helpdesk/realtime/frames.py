"""What a browser may say over its socket: small JSON objects, a few a second."""

import json
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

MAX_CHARACTERS = 2000
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


class FrameReader:
    """Narrows what one socket sends, and counts it."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=MAX_PER_WINDOW)

    def read(self, text: str | None) -> Frame:
        """:raises FrameRefused: for binary, big, many, or not our JSON"""
        if text is None:
            raise FrameRefused(UNSUPPORTED)
        if len(text) > MAX_CHARACTERS:
            raise FrameRefused(TOO_BIG)
        self._count()
        try:
            said = json.loads(text)
        except (ValueError, RecursionError):
            raise FrameRefused(NOT_JSON) from None
        if not isinstance(said, dict):
            raise FrameRefused(NOT_JSON)
        return Frame(
            type=str(said.get("type", ""))[:40],
            conversation_id=_number(said.get("conversation")),
            is_on=said.get("on") is True,
        )

    def _count(self) -> None:
        now = time.monotonic()
        if len(self._times) == MAX_PER_WINDOW and now - self._times[0] < WINDOW_SECONDS:
            raise FrameRefused(TOO_MUCH)
        self._times.append(now)


def _number(value: Any) -> int | None:
    is_id = isinstance(value, int) and not isinstance(value, bool)
    return value if is_id and 0 < value < 2**63 else None
