"""Make timeline items findable, away from the transaction that received them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction

from inbox.models import Attachment, SearchPending, TimelineItem
from inbox.search_terms import bigrams_of, words_of

BATCH = 200

_UPSERT = """
INSERT INTO inbox_searchdocument
    (item_id, conversation_id, customer_id, occurred_at, words, bigrams)
SELECT item_id, conversation_id, customer_id, occurred_at,
       array_to_tsvector(string_to_array(words, ' ')),
       array_to_tsvector(string_to_array(bigrams, ' '))
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[],
            %s::text[], %s::text[])
    AS row (item_id, conversation_id, customer_id, occurred_at, words, bigrams)
ON CONFLICT (item_id) DO UPDATE SET words = EXCLUDED.words,
    bigrams = EXCLUDED.bigrams, customer_id = EXCLUDED.customer_id
"""
# Terms hold no spaces: words end at one, and CJK runs have none.
_COLUMNS = (
    *("pk", "conversation_id", "customer_id", "occurred_at", "subject", "text"),
    *("conversation__subject", "customer__name", "identity__value"),
    *("detail__to", "detail__cc"),
)


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
    items = list(
        TimelineItem.objects.filter(pk__in=taken).values_list(*_COLUMNS, named=True)
    )
    names = _file_names(taken)
    rows = [_row(item, file_names=names[item.pk]) for item in items]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(
                _UPSERT, [list(column) for column in zip(*rows, strict=True)]
            )
    SearchPending.objects.filter(pk__in=taken).delete()
    return len(taken)


def _file_names(item_ids: Sequence[int]) -> defaultdict[int, list[str]]:
    names: defaultdict[int, list[str]] = defaultdict(list)
    files = Attachment.objects.filter(item_id__in=item_ids)
    for item_id, name in files.values_list("item_id", "name"):
        names[item_id].append(name)
    return names


def _row(item: Any, *, file_names: Sequence[str]) -> tuple[Any, ...]:
    text = "\n".join([*_searchable(item), *file_names])
    return (
        item.pk,
        item.conversation_id,
        item.customer_id,
        item.occurred_at,
        " ".join(sorted(set(words_of(text)))),
        " ".join(sorted(set(bigrams_of(text)))) or None,
    )


def _searchable(item: Any) -> Iterable[str]:
    yield item.conversation__subject
    yield item.subject
    yield item.text
    yield item.customer__name
    yield item.identity__value or ""
    for person in (*(item.detail__to or ()), *(item.detail__cc or ())):
        yield f"{person.get('name', '')} {person.get('handle', '')}"
