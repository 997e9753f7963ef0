"""Who and what stands on the rows of a list, read by one statement for all rows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.db import connection

from helpdesk.accounts.models import User
from helpdesk.core.planned import PlannedStatement, Slot
from inbox.models import DeliveryState

TROUBLE = (DeliveryState.FAILED, DeliveryState.BOUNCED, DeliveryState.UNCONFIRMED)

_STATEMENT = PlannedStatement(
    """
    SELECT 'name', id, name, CASE WHEN is_visitor THEN 'visitor' ELSE '' END
        FROM customers_customer WHERE id = ANY(%s)
    UNION ALL SELECT 'kind', id, kind, CASE
        WHEN capabilities @> '{"is_fetched": true}' THEN unanswered_seconds::text
        ELSE '' END FROM inbox_channel WHERE id = ANY(%s)
    UNION ALL SELECT 'agent', id, name, email FROM accounts_user WHERE id = ANY(%s)
    UNION ALL SELECT 'tag', id, name, '' FROM inbox_tag WHERE id = ANY(%s)
    UNION ALL (
        SELECT DISTINCT ON (conversation_id) 'trouble', conversation_id, state, ''
        FROM inbox_delivery WHERE conversation_id = ANY(%s) AND state = ANY(%s)
        ORDER BY conversation_id, item_id DESC
    )
    """,
    [
        *(Slot(name, list) for name in ("customers", "channels", "agents", "tags")),
        Slot("conversations", list),
        [state.value for state in TROUBLE],
    ],
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """What belongs to the rows of a list."""

    names: dict[int, str]
    """Customer to name, empty if it is not known."""
    visitors: frozenset[int]
    """Customers of whom chats are all that is known."""
    kinds: dict[int, str]
    """Channel to kind."""
    patience: dict[int, int]
    """Chat channel to the seconds after which an unanswered chat is marked."""
    agents: dict[int, User]
    """Who is responsible or wrote last: name and address are known of them."""
    tags: dict[int, str]
    troubled: dict[int, str]
    """Conversation to the state of the last message of ours that did not arrive."""


def company_of(rows: Sequence[Any]) -> Company:
    """Return what belongs to `rows`, which have the columns a list shows."""
    found: defaultdict[str, dict[int, Any]] = defaultdict(dict)
    for what, pk, text, more in _read(rows) if rows else ():
        found[what][pk] = (
            User(pk=pk, name=text, email=more) if what == "agent" else text
        )
        if what == "name" and more:
            found["visitor"][pk] = text
        if what == "kind" and more:
            found["patience"][pk] = int(more)
    return Company(
        names=found["name"],
        visitors=frozenset(found["visitor"]),
        kinds=found["kind"],
        patience=found["patience"],
        agents=found["agent"],
        tags=found["tag"],
        troubled=found["trouble"],
    )


def _read(rows: Sequence[Any]) -> list[tuple[str, int, str, str]]:
    agents = {row.assignee_id for row in rows} | {row.preview_agent_id for row in rows}
    ids = {
        "customers": list({row.customer_id for row in rows}),
        "channels": list({row.channel_id for row in rows}),
        "agents": [pk for pk in agents if pk is not None],
        "tags": list({tag_id for row in rows for tag_id in row.tag_ids}),
        "conversations": [row.pk for row in rows],
    }
    with connection.cursor() as cursor:
        cursor.execute(*_STATEMENT.call(ids))
        return cast("list[tuple[str, int, str, str]]", cursor.fetchall())
