"""Who may see which customer.

An app above `customers` knows who may see what; it declares the condition here. A
customer is seen by whoever sees any of their conversations, and by everybody while
they have none.
"""

from collections.abc import Callable

from django.db.models import Q, QuerySet

from customers.models import Customer
from helpdesk.accounts.models import User

Condition = Callable[[User], Q]
_conditions: list[Condition] = []


def declare_sight(condition: Condition) -> None:
    """Say under which condition an agent sees a customer."""
    if condition not in _conditions:
        _conditions.append(condition)


def visible_customers(agent: User) -> QuerySet[Customer]:
    """Keep what `agent` may see; merged customers live on in the one they became."""
    customers = Customer.objects.all()
    if not agent.is_active:
        return customers.none()
    if agent.is_admin:
        return customers
    for condition in _conditions:
        customers = customers.filter(condition(agent))
    return customers
