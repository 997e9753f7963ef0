"""The process that `manage.py run` turns into. It stays small: it loads no Django."""

import sys
from pathlib import Path

from helpdesk.core.embedded import EmbeddedPostgres, EmbeddedServer, EmbeddedValkey
from helpdesk.core.supervision.keeper import Keeper, say_line
from helpdesk.core.supervision.plan import Plan


def main() -> None:
    plan = Plan.read(Path(sys.argv[1]))
    known: list[EmbeddedServer] = [
        EmbeddedPostgres(plan.data_dir),
        EmbeddedValkey(plan.data_dir),
    ]
    keeper = Keeper(plan, [server for server in known if server.name in plan.servers])
    keeper.listen_for_signals()
    try:
        keeper.start()
        if not keeper.is_stopping:
            say_line(plan.farewell)
        keeper.watch()
    finally:
        say_line("\nStopping.")
        keeper.stop()
        say_line("Everything has stopped.")


main()
