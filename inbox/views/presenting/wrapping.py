"""A row of the database together with what a page says about it."""

from typing import Any


class Shown:
    """Everything `row` is, and more; templates need not know which is which."""

    def __init__(self, row: Any) -> None:
        self.row = row

    def __getattr__(self, name: str) -> Any:
        if name == "row":
            raise AttributeError(name)
        return getattr(self.row, name)

    def __str__(self) -> str:
        return str(self.row)
