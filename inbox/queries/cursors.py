"""Where a page of a list ended, as text that goes round through the browser."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TOKEN = re.compile(r"(-|-?\d{1,17})_(\d{1,18})", re.ASCII)


class BadCursor(Exception):
    """Not a place any of our pages ended."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The sort value and the id of the last row that was shown."""

    at: datetime | None
    pk: int

    def __str__(self) -> str:
        if self.at is None:
            return f"-_{self.pk}"
        return f"{(self.at - EPOCH) // timedelta(microseconds=1)}_{self.pk}"


def cursor_from(token: str) -> Cursor | None:
    """Read a cursor; an empty token is the beginning.

    :raises BadCursor: for anything that is not one
    """
    if not token:
        return None
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise BadCursor(token)
    if match[1] == "-":
        return Cursor(None, int(match[2]))
    try:
        at = EPOCH + timedelta(microseconds=int(match[1]))
    except OverflowError as error:
        raise BadCursor(token) from error
    return Cursor(at, int(match[2]))
