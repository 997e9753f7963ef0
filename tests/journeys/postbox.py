"""What customers of the sample desk received from the real outgoing server."""

import threading
import time
from email import message_from_bytes
from email.policy import default

RECEIVED = "SELECT raw FROM demo_receivedmail WHERE address = %s ORDER BY id"
LOOK_EVERY = 0.2


class Postbox:
    """The mailboxes of all customers."""

    def __init__(self, desk):
        self.desk = desk

    def of(self, address):
        """Return what `address` received so far, oldest first."""
        return [
            message_from_bytes(bytes(raw), policy=default)
            for (raw,) in self.desk.rows(RECEIVED, address)
        ]

    def wait_for(self, address, *, count=1, seconds=90):
        """Return the `count`th mail to `address`, as soon as it is there."""
        give_up_at = time.monotonic() + seconds
        while len(mails := self.of(address)) < count:
            assert time.monotonic() < give_up_at, f"{address} received {len(mails)}"
            threading.Event().wait(LOOK_EVERY)
        return mails[count - 1]
