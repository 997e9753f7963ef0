"""Feed mail from files through the real pipeline: journal, drain, timeline."""

import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count
from django.utils import timezone
from tqdm import tqdm

from channels_ingest.actions.claiming import channels_with_new
from channels_ingest.actions.journal import Handed, record_batch
from channels_ingest.drain import drain_channel
from channels_ingest.fingerprint import mail_key
from channels_ingest.mail_sources import (
    NoMailThere,
    StoredMail,
    mails_in,
    names_in,
)
from channels_ingest.management.commands.read_mail import channel_named
from channels_ingest.models import EventState, InboundEvent
from channels_ingest.reading_pool import ReadingPool

TOGETHER = 200
BYTES_TOGETHER = 16_000_000
LONGEST_WAIT = 600


class Command(BaseCommand):
    help = "Reads a folder of mails, an mbox or a maildir as if it had just come in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--channel", help="address of the channel it comes in by")
        parser.add_argument(
            "--state",
            type=Path,
            help="file with the names of what is journalled; a second run goes on",
        )
        parser.add_argument("--quiet", action="store_true", help="no progress bar")

    def handle(self, *_args: Any, **options: Any) -> None:
        channel = channel_named(options["channel"])
        done = _Done(options["state"])
        try:
            names = [name for name in names_in(options["path"]) if name not in done]
        except NoMailThere as error:
            raise CommandError(str(error)) from error
        started, before = time.perf_counter(), _states(channel.pk)
        mails = mails_in(options["path"], names)
        with (
            ReadingPool() as pool,
            tqdm(total=len(names), unit="mail", disable=options["quiet"]) as bar,
        ):
            for part in _parts(mails):
                _journal(part, channel_id=channel.pk)
                done.add(part)
                drain_channel(channel_id=channel.pk, pool=pool)
                bar.update(len(part))
            _wait_for_others(channel.pk, pool=pool)
        self._report(
            len(names), _states(channel.pk) - before, time.perf_counter() - started
        )

    def _report(self, number: int, states: Counter[str], seconds: float) -> None:
        for state, count in sorted(states.items()):
            self.stdout.write(f"{EventState(state).label}: {count}")
        again = number - states.total()
        if again > 0:
            self.stdout.write(f"{EventState.DUPLICATE.label}: {again}")
        self.stdout.write(
            f"{number} mails in {seconds:.1f} s: {number / max(seconds, 1e-9):.0f}"
            " mails/s"
        )


class _Done:
    """Names of what is on the journal already, kept in a file from run to run."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._names: set[str] = set()
        if path is not None and path.exists():
            self._names = set(path.read_text().splitlines())

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def add(self, mails: Sequence[StoredMail]) -> None:
        if self._path is not None:
            with self._path.open("a") as file:
                file.writelines(f"{mail.name}\n" for mail in mails)


def _parts(mails: Iterator[StoredMail]) -> Iterator[list[StoredMail]]:
    part: list[StoredMail] = []
    size = 0
    for mail in mails:
        part.append(mail)
        size += len(mail.raw)
        if len(part) >= TOGETHER or size >= BYTES_TOGETHER:
            yield part
            part, size = [], 0
    if part:
        yield part


def _journal(mails: Sequence[StoredMail], *, channel_id: int) -> None:
    record_batch(
        handed=[
            Handed(
                channel_id=channel_id,
                source="import",
                raw=mail.raw,
                dedupe_key=mail_key(mail.raw),
                headers={"file": mail.name},
            )
            for mail in mails
        ]
    )


def _wait_for_others(channel_id: int, *, pool: ReadingPool) -> None:
    """Stay until what workers may be reading at the moment is done, too."""
    until = time.monotonic() + LONGEST_WAIT
    while channel_id in channels_with_new(now=timezone.now()):
        if not drain_channel(channel_id=channel_id, pool=pool):
            time.sleep(0.1)
        if time.monotonic() > until:
            return


def _states(channel_id: int) -> Counter[str]:
    rows = InboundEvent.objects.filter(channel_id=channel_id).values_list("state")
    return Counter(dict(rows.annotate(number=Count("pk"))))
