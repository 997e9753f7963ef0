"""Queries put together once and asked again with other values.

Django builds and compiles a query anew each time it is asked, which takes several times
as long as PostgreSQL takes to answer a short one. The few queries that every page asks
are compiled once for each shape; afterwards only the values change. PostgreSQL plans
them once in each session.
"""

import copy
import uuid
from collections.abc import Callable, Hashable, Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet

from helpdesk.core.planned import PlannedStatement, Slot

T = TypeVar("T")
Value = int | str | datetime | uuid.UUID
MOST_SHAPES = 500
_FIRST_NUMBER = 2_014_220_000
_LAST_MOMENT = datetime.max.replace(tzinfo=UTC)


class Prepared(Generic[T]):
    """A query as a function: `Prepared(build)(*shape, **values)` returns its rows.

    :param build: called with `*shape` and `**values`, returns the queryset. What it
        asks must depend on `shape` alone, which is remembered by its equality. Each
        value is a number, a text, a moment or a UUID, and is compared with a column as
        it is: the SQL is made with stand-ins, and `build` must not look at them.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, T]]) -> None:
        self._build = build
        self._compiled = lru_cache(maxsize=MOST_SHAPES)(self._compile)

    def __call__(self, *shape: Hashable, **values: Value) -> list[T]:
        kinds = tuple((name, type(value)) for name, value in values.items())
        compiled = self._compiled(shape, kinds)
        return compiled.run(values) if compiled is not None else []

    def _compile(
        self, shape: tuple[Hashable, ...], kinds: tuple[tuple[str, type], ...]
    ) -> "_Compiled[T] | None":
        stand_ins = {
            name: _stand_in(kind, number) for number, (name, kind) in enumerate(kinds)
        }
        template = self._build(*shape, **stand_ins)
        try:
            return _Compiled(template, stand_ins)
        except EmptyResultSet:
            return None


class _Compiled(Generic[T]):
    """The SQL of a queryset, and what Django knows of the rows it gives."""

    def __init__(self, template: QuerySet[Any, T], stand_ins: dict[str, Value]) -> None:
        self._template = template
        self._compiler = template.query.get_compiler(using=DEFAULT_DB_ALIAS)
        self._converters: dict[int, Any] | None = None
        sql, parameters = self._compiler.as_sql()
        slots: dict[Hashable, Slot] = {
            it: Slot(name, type(it)) for name, it in stand_ins.items()
        }
        self._statement = PlannedStatement(
            sql,
            [
                slots.get(it, it) if isinstance(it, Hashable) else it
                for it in parameters
            ],
        )
        if missing := set(stand_ins) - self._statement.slot_names:
            raise TypeError(f"{', '.join(sorted(missing))} did not get into the query")

    def run(self, values: dict[str, Value]) -> list[T]:
        call = self._statement.call(values)
        compiler = copy.copy(self._compiler)
        # A connection belongs to one thread.
        compiler.connection = connections[DEFAULT_DB_ALIAS]
        query = copy.copy(self._template.query)
        vars(compiler)["as_sql"] = lambda *_, **__: call
        vars(compiler)["get_converters"] = self._converters_of
        vars(query)["get_compiler"] = lambda *_, **__: compiler
        # Copying a queryset as such would ask it first.
        rows = object.__new__(type(self._template))
        vars(rows).update(vars(self._template), _query=query, _result_cache=None)
        return list(rows)

    def _converters_of(self, columns: Iterable[Any]) -> dict[int, Any]:
        """Return what makes Python's values of columns: the same each time."""
        if self._converters is None:
            self._converters = self._compiler.get_converters(columns)
        return self._converters


def _stand_in(kind: type, number: int) -> Value:
    """Return a value of `kind` that no query of ours holds for a reason."""
    if kind is int:
        return _FIRST_NUMBER + number
    if kind is str:
        return f"stand-in {_FIRST_NUMBER + number}"
    if kind is uuid.UUID:
        return uuid.UUID(int=_FIRST_NUMBER + number)
    if kind is datetime:
        return _LAST_MOMENT - timedelta(microseconds=number)
    raise TypeError(f"{kind.__name__} cannot be a value of a prepared query")
