"""What may be wrong with an installation, and how to mend it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from helpdesk.core.readiness import database_problem, migrations_problem


class Verdict(StrEnum):
    WELL = "ok"
    NOTE = "note"
    """Not as it should be, but nobody suffers."""
    ILL = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    verdict: Verdict
    what: str
    mend: str = ""
    """What to do about it, in words that can be followed."""


Examination = Callable[[], Iterable[Finding]]
_examinations: list[tuple[bool, Examination]] = []


def examination(look: Examination) -> Examination:
    """Have the decorated function asked by `manage.py doctor`."""
    _examinations.append((False, look))
    return look


def examination_of_records(look: Examination) -> Examination:
    """The same, but only when the database answers and its tables are current."""
    _examinations.append((True, look))
    return look


def findings() -> Iterator[Finding]:
    """Look at everything. What needs the database is left out once it is ill."""
    for needs_records, look in sorted(_examinations, key=lambda it: it[0]):
        if needs_records and (database_problem() or migrations_problem()):
            return
        yield from look()


def well(what: str) -> Finding:
    return Finding(verdict=Verdict.WELL, what=what)


def note(what: str, mend: str) -> Finding:
    return Finding(verdict=Verdict.NOTE, what=what, mend=mend)


def ill(what: str, mend: str) -> Finding:
    return Finding(verdict=Verdict.ILL, what=what, mend=mend)
