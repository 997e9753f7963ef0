"""One process of the desk in the foreground: `manage.py serve web`."""

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from helpdesk.core.supervision import preparation
from helpdesk.core.supervision.programs import programs


class Command(BaseCommand):
    help = (
        "Become one process of the desk, for containers and systemd. "
        "It needs servers of its own: DATABASE_URL and REDIS_URL."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", choices=[it.name for it in programs()])

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.EMBEDDED_SERVERS:
            names = " and ".join(it.name for it in settings.EMBEDDED_SERVERS)
            raise CommandError(
                f"{names} would have to be started for this process alone. Set "
                "DATABASE_URL and REDIS_URL, or start everything with: make run"
            )
        program = next(it for it in programs() if it.name == options["name"])
        preparation.empty_metrics()
        if program.name == "web":
            preparation.collect_static()
        os.environ.update(program.environment)
        os.environ["TRIBUTARY_PROCESS"] = f"tributary-{program.name}"
        os.chdir(settings.BASE_DIR)
        os.execv(program.command[0], program.command)  # noqa: S606
