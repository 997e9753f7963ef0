"""Start, find and stop the PostgreSQL and Valkey that come as wheels.

Both speak over Unix sockets in a directory that only we may enter, so that any number
of clones run side by side and no other account on the machine gets in.
"""

from helpdesk.core.embedded.places import ServerDidNotStart
from helpdesk.core.embedded.postgres import EmbeddedPostgres
from helpdesk.core.embedded.valkey import EmbeddedValkey

__all__ = ["EmbeddedPostgres", "EmbeddedValkey", "ServerDidNotStart"]
