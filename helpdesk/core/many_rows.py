"""Many rows of one table, written with one short statement.

Django compiles an INSERT anew for each batch, with a parameter for each value of each
row, which takes several times as long as PostgreSQL takes to store them. Here the
statement of a table is made once, and its one parameter is a JSON document of all rows.
Types that a document holds otherwise than Django writes them are refused.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import DEFAULT_DB_ALIAS, connection, models
from django.utils import timezone

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


def next_ids(model: type[models.Model], *, count: int) -> list[int]:
    """Take numbers for rows that are inserted later."""
    table, column = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_IDS, [table, column, count])
        return [number for (number,) in cursor.fetchall()]


def insert_rows(model: type[models.Model], rows: Sequence[Row]) -> None:
    """Insert rows in their order; what one does not say gets the field's default.

    Either each says its id, or none does. Values are of the types that their fields
    hold. Raises what `bulk_create` would for a row that cannot be stored.
    """
    if not rows:
        return
    table = _table(model)
    names = table.names if table.key in rows[0] else table.names_but_key
    full = [table.completed(row, names=names) for row in rows]
    document = table.document(full)
    if document is None:
        models.QuerySet[Any](model).bulk_create(model(**row) for row in full)
        return
    with connection.cursor() as cursor:
        cursor.execute(table.insert(names), [document])


def insert_instances(instances: Sequence[models.Model]) -> None:
    """Insert new instances of one model, which have their ids already."""
    if not instances:
        return
    insert_rows(type(instances[0]), [vars(instance) for instance in instances])
    _note_stored(instances)


def insert_together(instances: Sequence[models.Model]) -> None:
    """Insert new instances of several models, which have their ids already, at once.

    One statement stores them all, so that each may refer to any other.
    """
    by_model: dict[type[models.Model], list[models.Model]] = {}
    for instance in instances:
        by_model.setdefault(type(instance), []).append(instance)
    documents = [_document(group) for group in by_model.values()]
    if None in documents:
        for group in by_model.values():
            insert_instances(group)
        return
    *others, last = (_insert(model) for model in by_model)
    parts = ", ".join(f"part_{n} AS ({part})" for n, part in enumerate(others))
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {parts} {last}" if parts else last, documents)
    _note_stored(instances)


def _document(instances: Sequence[models.Model]) -> str | None:
    table = _table(type(instances[0]))
    return table.document(
        [table.completed(vars(instance), names=table.names) for instance in instances]
    )


def _insert(model: type[models.Model]) -> str:
    table = _table(model)
    return table.insert(table.names)


def _note_stored(instances: Iterable[models.Model]) -> None:
    for instance in instances:
        state = instance._state  # noqa: SLF001 - Django documents what is in it
        state.adding, state.db = False, DEFAULT_DB_ALIAS


def update_instances(instances: Sequence[models.Model]) -> None:
    """Write all columns of stored instances of one model; no signal is sent."""
    if not instances:
        return
    table = _table(type(instances[0]))
    rows = [table.chosen(vars(instance)) for instance in instances]
    document = table.document(rows)
    if document is None:
        for instance in instances:
            instance.save(force_update=True)
        return
    with connection.cursor() as cursor:
        cursor.execute(table.update, [document])


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

    def insert(self, names: tuple[str, ...]) -> str:
        if names not in self._inserts:
            columns = ", ".join(self._column(name) for name in names)
            self._inserts[names] = (
                f"INSERT INTO {self._name} ({columns})"  # noqa: S608 - names of ours
                f" SELECT row.* FROM {self._recordset(names)}"
            )
        return self._inserts[names]

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
