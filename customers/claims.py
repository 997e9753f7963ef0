"""What customers say of themselves without proof: mail addresses they typed.

An app above `customers` keeps what visitors typed; it declares here how to find it.
"""

from collections.abc import Callable, Sequence

from customers.models import Customer

Claimed = Callable[[Customer], Sequence[str]]
_ways_to_ask: list[Claimed] = []


def declare_claims(ask: Claimed) -> None:
    """Say how to find the mail addresses that a customer says are theirs."""
    if ask not in _ways_to_ask:
        _ways_to_ask.append(ask)


def claims_of(customer: Customer) -> list[str]:
    """Return the addresses that somebody typed as theirs, each once."""
    return list(dict.fromkeys(it for ask in _ways_to_ask for it in ask(customer)))
