"""How many sockets one address and one visitor may hold open in a process.

Offices and mobile networks share an address, so its bound is wide; a browser needs one
socket for each of its tabs.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest

from helpdesk.core.limits import client_address, network_of

MOST_OF_ADDRESS = 2000
MOST_UNKNOWN_OF_ADDRESS = 300
"""Of those that have not said yet who they are."""
MOST_OF_VISITOR = 20


@dataclass(slots=True)
class Entrance:
    """Counts who is in, by network and by visitor."""

    inside: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    known: Counter[int] = field(default_factory=Counter)

    def let_in(self, network: str) -> bool:
        """Count a socket that opens; return whether there is room for it."""
        if (
            self.inside[network] >= MOST_OF_ADDRESS
            or self.unknown[network] >= MOST_UNKNOWN_OF_ADDRESS
        ):
            return False
        self.inside[network] += 1
        self.unknown[network] += 1
        return True

    def welcome(self, network: str, visitor_id: int) -> bool:
        """Count whom a socket turned out to be; return whether they have room."""
        if self.known[visitor_id] >= MOST_OF_VISITOR:
            return False
        self.known[visitor_id] += 1
        _count_down(self.unknown, network)
        return True

    def leave(self, network: str, visitor_id: int | None) -> None:
        """Forget a socket that was let in.

        :param visitor_id: whom it was welcomed as, if it was
        """
        _count_down(self.inside, network)
        if visitor_id is None:
            _count_down(self.unknown, network)
        else:
            _count_down(self.known, visitor_id)


def _count_down(counter: Counter[Any], key: Any) -> None:
    counter[key] -= 1
    if counter[key] <= 0:
        del counter[key]


def network_behind(scope: Mapping[str, Any]) -> str:
    """Return whose sockets count together, as for requests of pages."""
    request = HttpRequest()
    client = scope.get("client") or ("", 0)
    forwarded = [
        value.decode("latin-1")
        for name, value in scope.get("headers", ())
        if name == b"x-forwarded-for"
    ]
    request.META = {
        "REMOTE_ADDR": str(client[0]),
        "HTTP_X_FORWARDED_FOR": ",".join(forwarded),
    }
    return network_of(client_address(request))


entrance = Entrance()
"""Of this process."""
