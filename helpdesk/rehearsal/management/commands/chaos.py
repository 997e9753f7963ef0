"""Break a running installation and count what was lost: `make chaos`."""

import os
import random
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from helpdesk.accounts.models import User
from helpdesk.rehearsal.chaos.ledger import report, write
from helpdesk.rehearsal.chaos.rehearsals import Stage, run_all
from helpdesk.rehearsal.chaos.sink import Sink
from helpdesk.rehearsal.installation import BASE_DIR, running, use_own_data
from inbox.models import Brand, Channel

CRASH_CHANCE = "0.01"
LEASE_SECONDS = "6"
LONGEST_PAUSE = "1"


class Command(BaseCommand):
    help = "Kill real processes under load and print what was lost; at most 5 minutes."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        folder = BASE_DIR / "var" / "chaos"
        crash_log = folder / "died_at"
        os.environ.update(
            TRIBUTARY_CRASH_CHANCE=CRASH_CHANCE,
            TRIBUTARY_CRASH_LOG=str(crash_log),
            TRIBUTARY_DELIVERY_LEASE=LEASE_SECONDS,
            TRIBUTARY_LONGEST_PAUSE=LONGEST_PAUSE,
        )
        use_own_data(folder / "data")
        crash_log.unlink(missing_ok=True)
        started = time.monotonic()
        with (
            Sink() as sink,
            running(
                data_dir=Path(settings.DATA_DIR), web_port=settings.WEB_PORT
            ) as installation,
        ):
            stage = Stage(
                installation=installation,
                channel=_channel(sink),
                agent=_agent(),
                sink=sink,
                chance=random.Random(),  # noqa: S311 - accidents are not secrets
                crash_log=crash_log,
            )
            self._say("Breaking things …")
            ledgers = run_all(stage, say=self._say)
        connection.close()
        write(ledgers, folder / "latest.json")
        self._say(report(ledgers))
        self._say(f"\n{time.monotonic() - started:.0f} s in all")
        if not all(ledger.holds for ledger in ledgers):
            raise CommandError("Something was lost, doubled or out of order.")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        sys.stdout.flush()


def _channel(sink: Sink) -> Channel:
    """A mailbox that answers through `sink`, without undo time."""
    mark = f"{time.time_ns():x}"
    outgoing = {
        "transport": "smtp",
        "host": "127.0.0.1",
        "port": sink.port,
        "security": "none",
    }
    return Channel.objects.create(
        name=f"Chaos {mark}",
        address=f"support-{mark}@chaos.example",
        brand=Brand.objects.get_or_create(name="Chaos")[0],
        undo_seconds=0,
        config={"outgoing": outgoing},
    )


def _agent() -> User:
    agent, _ = User.objects.get_or_create(
        email="agent@chaos.example", defaults={"name": "Chaos Agent", "password": "!"}
    )
    return agent
