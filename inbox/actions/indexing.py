"""Make timeline items findable, away from the transaction that received them."""

from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction

from inbox.models import SearchPending, TimelineItem
from inbox.search_terms import bigrams_of, words_of

BATCH = 200

_UPSERT = """
INSERT INTO inbox_searchdocument
    (item_id, conversation_id, customer_id, occurred_at, words, bigrams)
VALUES (%s, %s, %s, %s, array_to_tsvector(%s), array_to_tsvector(%s))
ON CONFLICT (item_id) DO UPDATE SET words = EXCLUDED.words,
    bigrams = EXCLUDED.bigrams, customer_id = EXCLUDED.customer_id
"""


@transaction.atomic
def index_pending(*, limit: int = BATCH) -> int:
    """Index up to `limit` waiting items; return how many were taken."""
    taken = list(
        SearchPending.objects.select_for_update(skip_locked=True)
        .order_by("item_id")
        .values_list("item_id", flat=True)[:limit]
    )
    if not taken:
        return 0
    items = (
        TimelineItem.objects.filter(pk__in=taken)
        .select_related("customer", "conversation", "identity", "detail")
        .prefetch_related("attachments")
    )
    rows = [_row(item) for item in items]
    with connection.cursor() as cursor:
        cursor.executemany(_UPSERT, rows)
    SearchPending.objects.filter(pk__in=taken).delete()
    return len(taken)


def _row(item: TimelineItem) -> tuple[Any, ...]:
    text = "\n".join(_searchable(item))
    return (
        item.pk,
        item.conversation_id,
        item.customer_id,
        item.occurred_at,
        sorted(set(words_of(text))),
        sorted(set(bigrams_of(text))) or None,
    )


def _searchable(item: TimelineItem) -> Iterable[str]:
    yield item.conversation.subject
    yield item.subject
    yield item.text
    yield item.customer.name
    if item.identity is not None:
        yield item.identity.value
    detail = getattr(item, "detail", None)
    if detail is not None:
        for person in (*detail.to, *detail.cc):
            yield f"{person.get('name', '')} {person.get('handle', '')}"
    for attachment in item.attachments.all():
        yield attachment.name
