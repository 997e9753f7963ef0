"""Break a running installation and count what was lost: `make chaos`."""

import logging
import os
import random
import shutil
import signal
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from helpdesk.accounts.models import User
from helpdesk.rehearsal.chaos.clock import Clock, forget_shared, own_clock
from helpdesk.rehearsal.chaos.ledger import Ledger, report, write
from helpdesk.rehearsal.chaos.room import reason_against, with_small_disk
from helpdesk.rehearsal.chaos.running import (
    OWN_CLOCK_PARTS,
    PARTS,
    START_SECONDS,
    Part,
    chosen,
    is_out_of_time,
    not_run,
    out_of_time,
    run_all,
)
from helpdesk.rehearsal.chaos.sink import Sink
from helpdesk.rehearsal.chaos.stage import Stage
from helpdesk.rehearsal.installation import (
    BASE_DIR,
    Installation,
    running,
    use_own_data,
)
from inbox.models import Brand, Channel

LEASE_SECONDS = "6"
LONGEST_PAUSE = "1"
CONNECTIONS_PER_PEER = "200"
NO_SMALL_DISK = "TRIBUTARY_NO_SMALL_DISK"


class Command(BaseCommand):
    help = "Kill real processes under load and print what was lost; at most 7 minutes."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--only",
            default=os.environ.get("ONLY", ""),
            help="run the tests with these letters in their names, such as disk_full",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        # Since the first life of this process, which loaded everything once before.
        age = time.time() - psutil.Process().create_time()
        started = time.monotonic() - age
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler)
        folder = BASE_DIR / "var" / "chaos"
        traps = folder / "traps"
        _become_its_own(folder / "data", traps)
        shutil.rmtree(traps, ignore_errors=True)
        traps.mkdir(parents=True)
        # What it says of each fault that we make would hide what we say.
        logging.disable(logging.WARNING)
        self._say("Starting a desk to break …")
        try:
            ledgers = self._rehearse(traps, started=started, only=options["only"])
        except KeyboardInterrupt:
            raise CommandError("Stopped before the end; nothing was counted.") from None
        write(ledgers, folder / "latest.json")
        self._say(report(ledgers))
        self._say(f"\n{time.monotonic() - started:.0f} s in all")
        self._judge(ledgers)

    def _rehearse(self, traps: Path, *, started: float, only: str) -> list[Ledger]:
        ledgers: list[Ledger] = []
        with Sink() as sink:
            if parts := chosen(PARTS, only=only):
                with _desk() as installation:
                    stage = _stage(installation, sink, traps)
                    ledgers += run_all(parts, stage, say=self._say, started=started)
            for part in chosen(OWN_CLOCK_PARTS, only=only):
                ledgers += self._rehearse_with_clock(part, sink, traps, started=started)
        return ledgers

    def _rehearse_with_clock(
        self, part: Part, sink: Sink, traps: Path, *, started: float
    ) -> list[Ledger]:
        clock, reason = own_clock(Path(settings.DATA_DIR))
        if clock is None:
            return [not_run(part, reason)]
        if is_out_of_time(part, started=started, before=START_SECONDS):
            return [out_of_time(part)]
        with _desk_with(clock) as installation:
            stage = replace(_stage(installation, sink, traps), clock=clock)
            return run_all([part], stage, say=self._say, started=started)

    def _judge(self, ledgers: list[Ledger]) -> None:
        left_out = [ledger.test for ledger in ledgers if ledger.holds is None]
        if left_out:
            self._say(f"Not run, so nothing is said about: {', '.join(left_out)}")
        broken = [ledger.test for ledger in ledgers if ledger.holds is False]
        if broken:
            raise CommandError(f"Does not hold: {', '.join(broken)}")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        sys.stdout.flush()


@contextmanager
def _desk(environment: dict[str, str] | None = None) -> Iterator[Installation]:
    """Keep a desk running; its logs are kept when it is gone."""
    with running(
        data_dir=Path(settings.DATA_DIR),
        web_port=settings.WEB_PORT,
        environment=environment,
    ) as installation:
        try:
            yield installation
        finally:
            connection.close()
            _keep_logs(BASE_DIR / "var" / "chaos" / "log")


@contextmanager
def _desk_with(clock: Clock) -> Iterator[Installation]:
    """Keep a desk running whose every process goes by `clock`."""
    environment = {**os.environ, **clock.environment}
    process_ids: list[int] = []
    try:
        with clock.servers(Path(settings.DATA_DIR)), _desk(environment) as desk:
            process_ids += [process.pid for process in desk.processes()]
            yield desk
    finally:
        forget_shared(process_ids)


def _keep_logs(folder: Path) -> None:
    """The small disk goes with us, and its logs would go with it."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(settings.LOG_DIR, folder)
    shutil.copy(settings.DATA_DIR / "run.out", folder)


def _become_its_own(data: Path, traps: Path) -> None:
    """Start again with ports, data and, if it can be had, a small disk of our own."""
    reason = os.environ.get(NO_SMALL_DISK)
    if reason is None:
        reason = os.environ[NO_SMALL_DISK] = reason_against(data)
    os.environ.update(
        TRIBUTARY_CRASH_TRAPS=str(traps),
        TRIBUTARY_DELIVERY_LEASE=LEASE_SECONDS,
        TRIBUTARY_LONGEST_PAUSE=LONGEST_PAUSE,
        TRIBUTARY_SMTP_CONNECTIONS_PER_PEER=CONNECTIONS_PER_PEER,
    )
    use_own_data(data, through=None if reason else lambda it: with_small_disk(data, it))


def _stage(installation: Installation, sink: Sink, traps: Path) -> Stage:
    reason = os.environ[NO_SMALL_DISK]
    return Stage(
        installation=installation,
        channel=_channel(sink),
        agent=_agent(),
        sink=sink,
        chance=random.Random(),  # noqa: S311 - accidents are not secrets
        traps=traps,
        small_disk=None if reason else Path(settings.DATA_DIR),
        no_small_disk=reason,
    )


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
