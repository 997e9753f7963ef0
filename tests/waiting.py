"""Waiting for what other processes and threads do, for no longer than it takes."""

import time


def eventually(condition, within=15):
    """Whether `condition()` became true within so many seconds, asked often."""
    give_up_at = time.monotonic() + within
    while time.monotonic() < give_up_at:
        if condition():
            return True
        time.sleep(0.05)
    return False
