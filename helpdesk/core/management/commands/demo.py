"""A lively sample desk with data of its own: `manage.py demo`."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Start everything with a sample desk. Its data is apart from yours."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        # Settings are read once, so the demo is a fresh start with its own.
        os.environ["TRIBUTARY_DEMO"] = "1"
        os.environ["TRIBUTARY_ENV"] = "local"
        os.environ.setdefault("TRIBUTARY_DATA_DIR", str(settings.DATA_DIR / "demo"))
        manage = str(settings.BASE_DIR / "manage.py")
        os.execv(sys.executable, [sys.executable, manage, "run"])  # noqa: S606
