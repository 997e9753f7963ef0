"""Named steps at which a rehearsal may end the process, as a power cut would.

Outside `make chaos` a step is a comparison with None and nothing else.
"""

import os
from pathlib import Path
from random import SystemRandom
from typing import Final

STEPS: Final = (
    "journal.before_commit",
    "journal.after_commit",
    "drain.claimed",
    "drain.read",
    "drain.taken_in",
    "deliver.claimed",
    "deliver.before_send",
    "deliver.after_send",
    "deliver.recorded",
)
_chance = os.environ.get("TRIBUTARY_CRASH_CHANCE")
_log = os.environ.get("TRIBUTARY_CRASH_LOG", "")
_random = SystemRandom()


def crash_point(step: str) -> None:
    """Perhaps end this process right here, without any clean-up."""
    if _chance is None:
        return
    assert step in STEPS
    if _random.random() < float(_chance):
        with Path(_log).open("a") as log:
            log.write(f"{step}\n")
        os._exit(137)
