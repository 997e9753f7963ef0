"""Write every stored credential again under the first of FIELD_ENCRYPTION_KEYS."""

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import connection, transaction

from helpdesk.core.fields import EncryptedJSONField, rotated


class Command(BaseCommand):
    help = (
        "Write every stored credential again under the first field key. Put the new "
        "key first in TRIBUTARY_FIELD_KEYS, run this, then remove the old one."
    )

    def handle(self, *_: Any, **__: Any) -> None:
        for model in apps.get_models():
            options = model._meta
            for field in options.local_fields:
                if isinstance(field, EncryptedJSONField):
                    count = _rotate(
                        table=options.db_table,
                        key=str(options.pk.column),
                        column=str(field.column),
                    )
                    self.stdout.write(f"{options.label}.{field.name}: {count}")


@transaction.atomic
def _rotate(*, table: str, key: str, column: str) -> int:
    quote = connection.ops.quote_name
    table, key, column = quote(table), quote(key), quote(column)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {key}, {column} FROM {table}"  # noqa: S608
            f" WHERE {column} <> '' FOR UPDATE"
        )
        rows = [(rotated(value), pk) for pk, value in cursor.fetchall()]
        cursor.executemany(
            f"UPDATE {table} SET {column} = %s WHERE {key} = %s",  # noqa: S608
            rows,
        )
    return len(rows)
