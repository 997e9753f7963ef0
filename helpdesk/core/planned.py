"""SQL that each session of the database plans once and runs again with other values.

Planning a statement with a dozen parts takes PostgreSQL ten times as long as running
it. So it is prepared in the session where it is first asked, and only executed there
from then on. A session pooler is fine in front of that, a transaction pooler is not.
"""

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any, Self
from uuid import UUID
from weakref import WeakKeyDictionary

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg2.extensions import AsIs

MOST_STATEMENTS = 100
"""Kept in one session; the one unused for longest makes room."""
_BIGINT = range(-(2**63), 2**63)
_TYPES: dict[type, str] = {
    int: "bigint",
    bool: "boolean",
    bytes: "bytea",
    datetime: "timestamptz",
    list: "bigint[]",
    str: "unknown",
    UUID: "uuid",
}
"""How values are declared; of a text the statement tells what it stands for."""
_NAMED = re.compile(r"%\((\w+)\)s")
_numbers = count(1)
_prepared: WeakKeyDictionary[Any, OrderedDict[str, None]] = WeakKeyDictionary()
"""For each session, the names of what it has planned."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a statement that each run fills with a value of one kind."""

    name: str
    kind: type


class PlannedStatement:
    """A statement with `%s` for each parameter: constants, and slots for values."""

    def __init__(self, sql: str, parameters: Sequence[Any]) -> None:
        self._sql, self._parameters = sql, tuple(parameters)
        self._slots = [it for it in self._parameters if isinstance(it, Slot)]
        self._name = f"planned_{next(_numbers)}"
        places = ", ".join(["%s"] * len(self._slots))
        self._run = f"EXECUTE {self._name}" + (f"({places})" if places else "")

    @classmethod
    def named(cls, sql: str, **kinds: type) -> Self:
        """Return a statement of ours that has `%(name)s` for each of its values.

        :param kinds: what each value is; any of them may be None when it is asked
        """
        names = _NAMED.findall(sql)
        return cls(_NAMED.sub("%s", sql), [Slot(it, kinds[it]) for it in names])

    @property
    def slot_names(self) -> frozenset[str]:
        return frozenset(slot.name for slot in self._slots)

    def run(self, cursor: CursorWrapper, **values: object) -> None:
        """Ask the statement; what it gives is then fetched from `cursor`."""
        cursor.execute(*self.call(values))

    def call(self, values: Mapping[str, object]) -> tuple[str, tuple[Any, ...]]:
        """Return what to execute in this thread's session, planned there if need be.

        :param values: one for the name of each slot
        """
        filled = tuple(values[slot.name] for slot in self._slots)
        if any(_is_too_large(value) for value in filled):
            return self._sql, self._unplanned(values)
        self._plan()
        return self._run, filled

    def _unplanned(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(
            values[it.name] if isinstance(it, Slot) else it for it in self._parameters
        )

    def _plan(self) -> None:
        connection.close_if_health_check_failed()
        connection.ensure_connection()
        session = connection.connection
        names = _prepared.setdefault(session, OrderedDict())
        if self._name in names:
            names.move_to_end(self._name)
            return
        connection.validate_no_broken_transaction()
        with connection.wrap_database_errors, session.cursor() as cursor:
            cursor.execute(self._preparation(cursor))
            names[self._name] = None
            if len(names) > MOST_STATEMENTS:
                oldest, _ = names.popitem(last=False)
                cursor.execute(f"DEALLOCATE {oldest}")

    def _preparation(self, cursor: Any) -> bytes:
        numbers = count(1)
        parameters = [
            AsIs(f"${next(numbers)}") if isinstance(it, Slot) else it
            for it in self._parameters
        ]
        types = ", ".join(_TYPES[slot.kind] for slot in self._slots)
        declared = f"({types}) " if types else ""
        body: bytes = cursor.mogrify(self._sql, parameters)
        return f"PREPARE {self._name} {declared}AS ".encode() + body


def _is_too_large(value: object) -> bool:
    """Whether it is a number that fits no column: such a one is found nowhere."""
    return isinstance(value, int) and value not in _BIGINT
