"""Many rows of one table or of several, written with one short statement.

Django compiles an INSERT anew for each batch, with a parameter for each value of each
row, which takes several times as long as PostgreSQL takes to store them. Here the
statement of a table is made once, and its one parameter is a JSON document of all rows.
Types that a document holds otherwise than Django writes them are refused.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import DEFAULT_DB_ALIAS, connection, models
from django.utils import timezone

from helpdesk.core.planned import PlannedStatement, Slot

Row = Mapping[str, Any]
"""Values by the names of their attributes: `channel_id`, not `channel`."""

_WRITTEN_AS_TEXT = (models.DateTimeField, models.UUIDField)
_KNOWN = (
    *_WRITTEN_AS_TEXT,
    models.BigAutoField,
    models.BigIntegerField,
    models.PositiveBigIntegerField,
    models.PositiveIntegerField,
    models.PositiveSmallIntegerField,
    models.BooleanField,
    models.CharField,
    models.TextField,
    models.JSONField,
    models.ForeignKey,
    models.OneToOneField,
    ArrayField,
)
_NUL = "\\u0000"
_NEXT_IDS = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Rows of one table, as a part of what `write_together` writes."""

    statement: str
    """With one parameter: the document."""
    document: str | None
    """The rows; None if only Django can write or refuse them."""
    otherwise: Callable[[], object]
    """Has Django do it."""


def next_ids(model: type[models.Model], *, count: int) -> list[int]:
    """Take numbers for rows that are inserted later."""
    with connection.cursor() as cursor:
        _next_ids(model).run(cursor, count=count)
        return [number for (number,) in cursor.fetchall()]


@cache
def _next_ids(model: type[models.Model]) -> PlannedStatement:
    table, column = model._meta.db_table, model._meta.pk.column
    return PlannedStatement(_NEXT_IDS, [table, column, Slot("count", int)])


def insert_rows(model: type[models.Model], rows: Sequence[Row]) -> None:
    """Insert rows in their order; what one does not say gets the field's default.

    Either each says its id, or none does. Values are of the types that their fields
    hold. Raises what `bulk_create` would for a row that cannot be stored.
    """
    write_together([*inserting_rows(model, rows)])


def insert_instances(instances: Sequence[models.Model]) -> None:
    """Insert new instances, which have their ids already; of any models, at once.

    One statement stores them all, so that each may refer to any other.
    """
    write_together([*inserting(instances)])


def update_instances(instances: Sequence[models.Model]) -> None:
    """Write all columns of stored instances; no signal is sent."""
    write_together([*updating(instances)])


def write_together(parts: Sequence[Part]) -> None:
    """Write all parts with one statement, which each session plans once.

    None of them sees what another writes, so that no row may be in two of them.
    """
    documents = {
        f"part_{number}": part.document
        for number, part in enumerate(parts)
        if part.document is not None
    }
    if documents:
        statements = tuple(it.statement for it in parts if it.document is not None)
        with connection.cursor() as cursor:
            _together(statements, tuple(documents)).run(cursor, **documents)
    for part in parts:
        if part.document is None:
            part.otherwise()


@lru_cache(maxsize=500)
def _together(statements: tuple[str, ...], names: tuple[str, ...]) -> PlannedStatement:
    *others, last = statements
    parts = ", ".join(
        f"{name} AS ({it})" for name, it in zip(names, others, strict=False)
    )
    return PlannedStatement(
        f"WITH {parts} {last}" if parts else last, [Slot(name, str) for name in names]
    )


def inserting_rows(
    model: type[models.Model], rows: Sequence[Row], *, unless_there: bool = False
) -> Iterator[Part]:
    """Give what inserts rows as `insert_rows` does; nothing for no rows.

    :param unless_there: leave out what a constraint says is there already
    """
    if not rows:
        return
    table = _table(model)
    names = table.names if table.key in rows[0] else table.names_but_key
    full = [table.completed(row, names=names) for row in rows]
    yield Part(
        statement=table.insert(names, unless_there=unless_there),
        document=table.document(full),
        otherwise=lambda: models.QuerySet[Any](model).bulk_create(
            (model(**row) for row in full), ignore_conflicts=unless_there
        ),
    )


def inserting(instances: Sequence[models.Model]) -> Iterator[Part]:
    """Give what inserts new instances as `insert_instances` does.

    They count as stored from then on: what cannot be stored undoes the transaction.
    """
    by_model: dict[type[models.Model], list[models.Model]] = {}
    for instance in instances:
        by_model.setdefault(type(instance), []).append(instance)
    for model, group in by_model.items():
        yield from inserting_rows(model, [vars(instance) for instance in group])
    for instance in instances:
        state = instance._state  # noqa: SLF001 - Django documents what is in it
        state.adding, state.db = False, DEFAULT_DB_ALIAS


def updating(instances: Sequence[models.Model]) -> Iterator[Part]:
    """Give what writes stored instances of one model as `update_instances` does."""
    if not instances:
        return
    table = _table(type(instances[0]))

    def save_each() -> None:
        for instance in instances:
            instance.save(force_update=True)

    yield Part(
        statement=table.update,
        document=table.document([table.chosen(vars(it)) for it in instances]),
        otherwise=save_each,
    )


class _Table:
    """What is known of a model, as far as it decides how rows are written."""

    def __init__(self, model: type[models.Model]) -> None:
        fields = model._meta.concrete_fields
        for field in fields:
            _check(field)
        self._name = _quoted(model._meta.db_table)
        self._fields = {field.attname: field for field in fields}
        self.key = model._meta.pk.attname
        self.names = tuple(self._fields)
        self.names_but_key = tuple(name for name in self.names if name != self.key)
        self._texts = [
            field.attname for field in fields if isinstance(field, _WRITTEN_AS_TEXT)
        ]
        self._dated = [
            field.attname for field in fields if getattr(field, "auto_now", False)
        ]
        self._inserts: dict[tuple[str, ...], str] = {}
        self.update = self._make_update()

    def completed(self, row: Row, *, names: Iterable[str]) -> dict[str, Any]:
        fields = self._fields
        full = {
            name: row[name] if name in row else fields[name].get_default()
            for name in names
        }
        return self._date(full)

    def chosen(self, row: Row) -> dict[str, Any]:
        return self._date({name: row[name] for name in self.names})

    def _date(self, row: dict[str, Any]) -> dict[str, Any]:
        if self._dated:
            row.update(dict.fromkeys(self._dated, timezone.now()))
        return row

    def document(self, rows: Sequence[dict[str, Any]]) -> str | None:
        """Return the rows as JSON, or None if only Django can write or refuse them."""
        try:
            document = json.dumps(
                [self._as_texts(row) for row in rows],
                ensure_ascii=False,
                separators=(",", ":"),
            )
            document.encode()
        except (TypeError, ValueError):
            # An expression; half of a pair of surrogates.
            return None
        return None if _NUL in document else document

    def _as_texts(self, row: dict[str, Any]) -> dict[str, Any]:
        written = dict(row)
        for name in self._texts:
            value = written.get(name)
            if value is not None:
                written[name] = _as_text(value)
        return written

    def insert(self, names: tuple[str, ...], *, unless_there: bool) -> str:
        if names not in self._inserts:
            columns = ", ".join(self._column(name) for name in names)
            self._inserts[names] = (
                f"INSERT INTO {self._name} ({columns})"  # noqa: S608 - names of ours
                f" SELECT row.* FROM {self._recordset(names)}"
            )
        return self._inserts[names] + " ON CONFLICT DO NOTHING" * unless_there

    def _make_update(self) -> str:
        changes = ", ".join(
            f"{self._column(name)} = row.{_quoted(name)}" for name in self.names_but_key
        )
        return (
            f"UPDATE {self._name} AS stored SET {changes}"  # noqa: S608 - names of ours
            f" FROM {self._recordset(self.names)}"
            f" WHERE stored.{self._column(self.key)} = row.{_quoted(self.key)}"
        )

    def _column(self, name: str) -> str:
        return _quoted(str(self._fields[name].column))

    def _recordset(self, names: Iterable[str]) -> str:
        types = ", ".join(
            f"{_quoted(name)} {self._fields[name].db_type(connection)}"
            for name in names
        )
        return f"json_to_recordset(%s) AS row ({types})"


def _check(field: "models.Field[Any, Any]") -> None:
    if type(field) not in _KNOWN or getattr(field, "encoder", None):
        raise TypeError(f"{field} cannot be written in a document")


def _as_text(value: object) -> str:
    is_moment = isinstance(value, datetime) and value.tzinfo is not None
    if is_moment or isinstance(value, UUID):
        return str(value)
    raise TypeError("only Django knows what it stands for")


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


@cache
def _table(model: type[models.Model]) -> _Table:
    return _Table(model)
