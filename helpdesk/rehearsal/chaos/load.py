"""Mail coming in from several servers while an agent answers."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings

from helpdesk.rehearsal.chaos.agents import BrowsingAgent, BusyAgent
from helpdesk.rehearsal.chaos.ledger import (
    Ledger,
    count_inbound,
    count_outbound,
    newest_event_id,
)
from helpdesk.rehearsal.chaos.mailers import Correspondence, MailServer
from helpdesk.rehearsal.chaos.stage import Stage

SERVERS = 4
CUSTOMERS = 16
ROUNDS = 2000
PACE_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Who writes to the desk and who answers, and what was there before."""

    stage: Stage
    correspondences: Sequence[Correspondence]
    agent: BusyAgent
    since: int

    def enter_into(self, ledger: Ledger, *, door_stays_open: bool = False) -> None:
        """Write into the books what became of all of it."""
        count_inbound(
            ledger,
            self.correspondences,
            since=self.since,
            door_stays_open=door_stays_open,
        )
        count_outbound(
            ledger,
            self.agent.promised,
            copies=self.stage.sink.copies,
            arrived=self.stage.sink.arrived,
        )


@contextmanager
def under_load(
    stage: Stage,
    *,
    customers: int = CUSTOMERS,
    padding: int = 0,
    answers_in_browser: bool = False,
) -> Iterator[Load]:
    """Have mail come in and answers go out for as long as the block lasts."""
    stop = threading.Event()
    correspondences = stage.correspondences(customers, padding=padding)
    servers = [
        MailServer(
            correspondences[number::SERVERS],
            port=settings.SMTP_PORT,
            rounds=ROUNDS,
            pace_seconds=PACE_SECONDS,
            stop=stop,
        )
        for number in range(SERVERS)
    ]
    agent = _agent(stage, stop=stop, in_browser=answers_in_browser)
    load = Load(
        stage=stage,
        correspondences=correspondences,
        agent=agent,
        since=newest_event_id(),
    )
    for thread in (*servers, agent):
        thread.start()
    try:
        yield load
    finally:
        stop.set()
        for thread in (*servers, agent):
            thread.join()


def _agent(stage: Stage, *, stop: threading.Event, in_browser: bool) -> BusyAgent:
    if not in_browser:
        return BusyAgent(channel=stage.channel, agent=stage.agent, stop=stop)
    return BrowsingAgent(
        channel=stage.channel,
        agent=stage.agent,
        stop=stop,
        url=stage.installation.url,
    )
