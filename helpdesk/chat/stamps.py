"""A trap for programs: whoever writes by a widget has looked at it for a moment."""

from datetime import datetime, timedelta
from typing import Final

from django.core.signing import BadSignature, Signer

YOUNGEST: Final = timedelta(seconds=1)
OLDEST: Final = timedelta(hours=24)
_signer = Signer(salt="helpdesk.chat.stamps")


class StampInvalid(Exception):
    """There is none, or it is none of ours."""


class StampTooFresh(Exception):
    """Nobody is that fast; a moment later it holds."""


class StampTooOld(Exception):
    """The page has been open for more than a day: a new stamp is needed."""


def new_stamp(*, channel_key: str, now: datetime) -> str:
    """Return what the widget has to show when its visitor begins."""
    milliseconds = int(now.timestamp() * 1000)
    return _signer.sign(f"{channel_key}:{milliseconds}")


def check_stamp(stamp: str, *, channel_key: str, now: datetime) -> None:
    """Check that this channel gave a stamp out, between a second and a day ago.

    :raises StampInvalid: whatever is wrong with it
    :raises StampTooFresh: before a second has gone by
    :raises StampTooOld: after a day
    """
    if not stamp.isascii():
        raise StampInvalid
    try:
        key, _, milliseconds = _signer.unsign(stamp[:300]).rpartition(":")
    except BadSignature:
        raise StampInvalid from None
    if key != channel_key:
        raise StampInvalid
    age = now.timestamp() - int(milliseconds) / 1000
    if age < YOUNGEST.total_seconds():
        raise StampTooFresh
    if age > OLDEST.total_seconds():
        raise StampTooOld
