"""Write down what the API looks like, so that a change of it is seen in review."""

from typing import Any

from django.core.management.base import BaseCommand

from helpdesk.api.v1.schema import SCHEMA_FILE, described


class Command(BaseCommand):
    help = "Writes helpdesk/api/schema.yml from the views of the API."

    def handle(self, *args: Any, **options: Any) -> None:
        SCHEMA_FILE.write_text(described(), encoding="utf-8")
        self.stdout.write(f"Written to {SCHEMA_FILE}.")
