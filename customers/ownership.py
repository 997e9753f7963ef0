"""Which columns of which tables say whose something is.

An app above `customers` declares its columns here, so that merging and splitting
people can re-point them all without knowing the app.
"""

from dataclasses import dataclass

from django.apps import apps
from django.db import models


@dataclass(frozen=True, slots=True)
class OwnedColumn:
    """A column that holds a customer's id.

    `identity_path` leads from the row to the identity it hangs on; rows made after a
    merge go back by it when the merge is undone.
    """

    model_label: str
    column: str
    identity_path: str

    @property
    def key(self) -> str:
        return f"{self.model_label}.{self.column}"

    def rows(self) -> models.QuerySet[models.Model]:
        return models.QuerySet(apps.get_model(self.model_label))


_columns: dict[str, OwnedColumn] = {}


def declare_owned_column(*, model_label: str, column: str, identity_path: str) -> None:
    """Say that `column` of `model_label` follows its customer through merges."""
    owned = OwnedColumn(model_label, column, identity_path)
    _columns[owned.key] = owned


def owned_columns() -> tuple[OwnedColumn, ...]:
    return tuple(_columns.values())


def owned_column(key: str) -> OwnedColumn:
    """:raises KeyError: if no app declares the column any more"""
    return _columns[key]


declare_owned_column(
    model_label="customers.Identity", column="customer_id", identity_path="pk"
)
