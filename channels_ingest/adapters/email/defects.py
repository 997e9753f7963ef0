"""Collects, in plain words, what had to be repaired or cut in a mail."""

from channels_ingest.adapters.email.limits import MAX_DEFECTS


class Defects:
    """An ordered set of short sentences with a bound."""

    def __init__(self) -> None:
        self._found: dict[str, None] = {}

    def note(self, defect: str) -> None:
        if len(self._found) < MAX_DEFECTS:
            self._found[defect] = None

    def as_tuple(self) -> tuple[str, ...]:
        return tuple(self._found)
