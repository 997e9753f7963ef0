"""Finding a part of a text by its trigram index."""

from typing import Any

from django.db.models import CharField, Lookup
from django.db.models.sql.compiler import SQLCompiler


@CharField.register_lookup
class PartOf(Lookup):
    """`name__part_of="mai"`: like `icontains`, but in words the index understands."""

    lookup_name = "part_of"

    def get_prep_lookup(self) -> str:
        text = str(self.rhs)
        for special in ("\\", "%", "_"):
            text = text.replace(special, f"\\{special}")
        return f"%{text}%"

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, Any]:
        column, of_column = self.process_lhs(compiler, connection)
        value, of_value = self.process_rhs(compiler, connection)
        return f"{column} ILIKE {value}", [*of_column, *of_value]
