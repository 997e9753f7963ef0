"""Named steps at which a rehearsal may end the process, as a power cut would.

`make chaos` lays a trap for a step: a file of its name in a folder. Whichever process
comes to that step first removes the file and dies on the spot. Outside rehearsals a
step is a comparison with None and nothing else.
"""

import os
from pathlib import Path
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
    "continue.written",
    "continue.committed",
    "webhooks.claimed",
    "webhooks.sent",
)
_traps = os.environ.get("TRIBUTARY_CRASH_TRAPS")


def crash_point(step: str) -> None:
    """End this process right here, without any clean-up, if there is a trap."""
    if _traps is None:
        return
    assert step in STEPS
    try:
        Path(_traps, step).unlink()
    except FileNotFoundError:
        return
    os._exit(137)
