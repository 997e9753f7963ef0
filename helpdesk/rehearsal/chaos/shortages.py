"""Rehearsals of want: no connection to the database, no room on the disk. R10."""

import time
from collections.abc import Callable
from contextlib import suppress

import psycopg2
from django.conf import settings

from helpdesk.rehearsal.chaos.agents import forget_connection
from helpdesk.rehearsal.chaos.faults import Faults
from helpdesk.rehearsal.chaos.ledger import Ledger
from helpdesk.rehearsal.chaos.load import under_load
from helpdesk.rehearsal.chaos.rehearsals import RECOVER_SECONDS
from helpdesk.rehearsal.chaos.room import full_disk
from helpdesk.rehearsal.chaos.stage import Stage, seconds_to_heal, settle

CUSTOMERS = 8
LARGE_MAIL = 60_000
CALM_SECONDS = 2
WANT_SECONDS = 6
NEXT_WAL_FILES = 12


def connections_exhausted(stage: Stage) -> Ledger:
    """R10: PostgreSQL has no connection left; then it has again."""
    ledger = Ledger(
        test="R10 no connections",
        size=f"{CUSTOMERS} customers, no connection for {WANT_SECONDS} s",
    )
    faults = Faults(stage.installation, stage.chance)
    with under_load(stage, customers=CUSTOMERS) as load:
        time.sleep(CALM_SECONDS)
        with faults.no_connections_left() as taken:
            time.sleep(WANT_SECONDS)
        last = time.monotonic()
    ledger.note_healing(seconds_to_heal(stage, since=last), within=RECOVER_SECONDS)
    settle()
    load.enter_into(ledger, door_stays_open=True)
    ledger.faults = dict(faults.done)
    ledger.notes.append(f"{taken} connections taken")
    _expect_refusals(ledger)
    return ledger


def disk_full(stage: Stage) -> Ledger:
    """R10: no room for tables and files."""
    ledger = Ledger(
        test="R10 disk full",
        size=f"{CUSTOMERS} customers, mails of {LARGE_MAIL // 1000} kB, "
        f"no room at all for {WANT_SECONDS} s",
    )
    return _without_room(stage, ledger, lambda: None)


def no_room_for_wal(stage: Stage) -> Ledger:
    """R10: no room for the next file of PostgreSQL's log either, so that it falls."""
    ledger = Ledger(
        test="R10 disk full, WAL too",
        size=f"{CUSTOMERS} customers, mails of {LARGE_MAIL // 1000} kB, "
        f"no room and no next WAL file for {WANT_SECONDS} s",
    )
    return _without_room(stage, ledger, _ask_for_wal_files)


def _without_room(stage: Stage, ledger: Ledger, harm: Callable[[], None]) -> Ledger:
    if stage.small_disk is None:
        ledger.not_run = stage.no_small_disk
        return ledger
    with under_load(stage, customers=CUSTOMERS, padding=LARGE_MAIL) as load:
        time.sleep(CALM_SECONDS)
        with full_disk(stage.small_disk):
            harm()
            time.sleep(WANT_SECONDS)
        last = time.monotonic()
    ledger.note_healing(seconds_to_heal(stage, since=last), within=RECOVER_SECONDS)
    settle()
    load.enter_into(ledger, door_stays_open=True)
    ledger.faults = {"fill the disk": 1}
    _expect_refusals(ledger)
    return ledger


def _ask_for_wal_files() -> None:
    """Use up the log files that lie ready, until PostgreSQL has to make one."""
    with suppress(psycopg2.Error):
        connection = psycopg2.connect(settings.DATABASE_URL)
        connection.autocommit = True
        with connection.cursor() as cursor:
            for _ in range(NEXT_WAL_FILES):
                cursor.execute("SELECT pg_switch_wal()")
                cursor.execute("SELECT pg_logical_emit_message(false, 'chaos', 'x')")
    forget_connection()


def _expect_refusals(ledger: Ledger) -> None:
    if not ledger.refused:
        ledger.problems.append("every mail was taken: there was no want")
