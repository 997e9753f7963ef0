"""Search over everything ever written, newest first, only what the agent may see.

No single plan is fast for every word. A common word is found at once among the newest
documents, a rare one by its index; the planner knows how common a word is. Where it is
common but has not been written lately, older and wider windows are read, for as long
as that is cheaper than the index. An agent who sees little is searched from their
conversations outwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from helpdesk.accounts.models import Sight, User
from inbox.models import Conversation, TimelineItem
from inbox.queries.cursors import Cursor
from inbox.search_terms import CJK, bigrams_of, words_of

PAGE = 30
SMALLEST_WINDOW = 2_000
GROWTH = 4
"""How many times wider each window is than the one before it."""
WORTH_OF_A_HIT = 8
"""Documents of a window that are read in the time the index takes for one hit."""
GUESS = 0.005
"""The share that the planner supposes where it knows nothing of a word's beginning."""
FEW = 3_000
"""An agent who sees at most so many conversations is searched from these."""
MOST_TERMS = 12
LONGEST_QUERY = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A query as the index reads it."""

    words: str
    """A tsquery of lexemes; the last word also finds what it begins."""
    bigrams: str
    runs: tuple[str, ...]
    """CJK runs of three and more as they stand, to check what the bigrams found."""

    @property
    def is_empty(self) -> bool:
        return not (self.words or self.bigrams)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """Hits, the newest first, one for each conversation on the page."""

    items: Sequence[TimelineItem]
    next: Cursor | None


NOTHING = SearchPage(items=(), next=None)


def terms_of(query: str) -> Terms:
    """Read what somebody typed."""
    query = query.replace("\0", " ")[:LONGEST_QUERY]
    words = list(dict.fromkeys(words_of(query)))[:MOST_TERMS]
    lexemes = [_lexeme(word) for word in words]
    if lexemes and len(words[-1]) > 1 and not query.endswith(" "):
        lexemes[-1] += ":*"
    runs = dict.fromkeys(run for run in CJK.findall(query) if len(run) > 2)
    grams = list(dict.fromkeys(bigrams_of(query)))[: 4 * MOST_TERMS]
    return Terms(
        words=" & ".join(lexemes),
        bigrams=" & ".join(
            _lexeme(gram) + (":*" if len(gram) == 1 else "") for gram in grams
        ),
        runs=tuple(runs)[:MOST_TERMS],
    )


def _lexeme(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"


def search(*, query: str, agent: User, after: Cursor | None = None) -> SearchPage:
    """Return hits older than `after`, as far as `agent` may see them."""
    terms = terms_of(query)
    if terms.is_empty:
        return NOTHING
    found = _find(terms, agent=agent, after=after)
    last = found[PAGE - 1] if len(found) > PAGE else None
    items = _newest_of_each_conversation([pk for pk, _ in found[:PAGE]])
    return SearchPage(items=items, next=Cursor(last[1], last[0]) if last else None)


Found = list[tuple[int, datetime]]


def _find(terms: Terms, *, agent: User, after: Cursor | None) -> Found:
    few = _few_conversations(agent)
    if few is not None:
        return _run(_among(few), terms=terms, agent=agent, after=after)
    found: Found = []
    everything, hits = _expected(terms)
    for size in windows(everything=everything, hits=hits):
        found += _run(_window(size), terms=terms, agent=agent, after=after)
        if len(found) > PAGE:
            return found
        after = _end_of_window(size, after=after)
        if after is None:
            return found
    return [*found, *_run(_INDEX, terms=terms, agent=agent, after=after)]


def windows(*, everything: int, hits: int) -> list[int]:
    """Return how many of the newest documents to read, then of those before, and so on.

    None at all if so few fit that the index finds them sooner.
    """
    if abs(hits - everything * GUESS) <= 1:
        return [SMALLEST_WINDOW]
    size = max(SMALLEST_WINDOW, 2 * PAGE * everything // max(1, hits))
    left = hits * WORTH_OF_A_HIT
    sizes = []
    while size <= left:
        sizes.append(size)
        left -= size
        size *= GROWTH
    return sizes


def _end_of_window(size: int, *, after: Cursor | None) -> Cursor | None:
    """Return the place of the last document of a window, None if nothing is older."""
    older, values = _older_than(after)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.occurred_at, d.item_id FROM inbox_searchdocument d "  # noqa: S608
            f"WHERE {older} ORDER BY d.occurred_at DESC, d.item_id DESC "
            f"OFFSET {int(size) - 1} LIMIT 1",
            values,
        )
        row = cursor.fetchone()
    return Cursor(*row) if row else None


def _expected(terms: Terms) -> tuple[int, int]:
    """Return how many documents there are and how many fit, as the planner thinks."""
    tests, values = _in_index(terms)
    with connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN (FORMAT JSON) SELECT 1 FROM inbox_searchdocument UNION ALL "  # noqa: S608
            f"SELECT 1 FROM inbox_searchdocument w WHERE {' AND '.join(tests)}",
            values,
        )
        plans = cursor.fetchone()[0][0]["Plan"]["Plans"]
    everything, hits = (int(plan["Plan Rows"]) for plan in plans)
    return everything, hits


def _few_conversations(agent: User) -> list[int] | None:
    if agent.is_admin or agent.sight == Sight.ALL:
        return None
    visible = Conversation.objects.visible_to(agent).order_by()
    ids = list(visible.values_list("pk", flat=True)[: FEW + 1])
    return ids if len(ids) <= FEW else None


_COLUMNS = "d.item_id, d.conversation_id, d.occurred_at, d.words, d.bigrams"
_INDEX = f"(SELECT {_COLUMNS} FROM inbox_searchdocument d WHERE {{older}})"  # noqa: S608


def _window(newest: int) -> str:
    return (
        f"(SELECT {_COLUMNS} FROM inbox_searchdocument d WHERE {{older}} "  # noqa: S608
        f"ORDER BY d.occurred_at DESC, d.item_id DESC LIMIT {int(newest)})"
    )


def _among(conversation_ids: Sequence[int]) -> str:
    ids = ",".join(str(int(pk)) for pk in conversation_ids) or "0"
    return (
        f"(SELECT {_COLUMNS} FROM inbox_searchdocument d "  # noqa: S608 - integers
        f"WHERE d.conversation_id = ANY('{{{{{ids}}}}}'::bigint[]) AND {{older}} "
        "OFFSET 0)"
    )


def _run(source: str, *, terms: Terms, agent: User, after: Cursor | None) -> Found:
    older, values = _older_than(after)
    matches, of_matches = _matches(terms)
    visible, of_visible = _visible(agent)
    # Adding nothing to the time keeps the planner from walking the time index for a
    # word that is hardly ever there.
    sql = f"""
        SELECT w.item_id, w.occurred_at FROM {source.format(older=older)} w
        {_JOIN_ITEMS if terms.runs else ""}
        WHERE {matches} AND {visible}
        ORDER BY w.occurred_at + interval '0' DESC, w.item_id DESC LIMIT {PAGE + 1}
    """  # noqa: S608 - every value is a parameter
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, *of_matches, *of_visible])
        return [(pk, at) for pk, at in cursor.fetchall()]


_JOIN_ITEMS = """
    JOIN inbox_timelineitem i ON i.id = w.item_id
    JOIN inbox_conversation c ON c.id = w.conversation_id
    JOIN customers_customer p ON p.id = i.customer_id
"""


def _older_than(after: Cursor | None) -> tuple[str, list[Any]]:
    if after is None:
        return "true", []
    return "(d.occurred_at, d.item_id) < (%s, %s)", [after.at, after.pk]


def _in_index(terms: Terms) -> tuple[list[str], list[Any]]:
    conditions: list[str] = []
    values: list[Any] = []
    if terms.words:
        conditions.append("w.words @@ %s::tsquery")
        values.append(terms.words)
    if terms.bigrams:
        conditions.append("w.bigrams @@ %s::tsquery")
        values.append(terms.bigrams)
    return conditions, values


def _matches(terms: Terms) -> tuple[str, list[Any]]:
    conditions, values = _in_index(terms)
    for run in terms.runs:
        # Bigrams of three characters also match where they do not stand in a row.
        conditions.append(
            "(i.text LIKE %s OR i.subject LIKE %s OR c.subject LIKE %s"
            " OR p.name LIKE %s OR EXISTS (SELECT 1 FROM inbox_attachment a"
            "   WHERE a.item_id = w.item_id AND a.name LIKE %s)"
            " OR EXISTS (SELECT 1 FROM inbox_messagedetail m"
            '  WHERE m.item_id = w.item_id AND (m."to" || m.cc)::text LIKE %s))'
        )
        values.extend([f"%{run}%"] * 6)
    return " AND ".join(conditions), values


def _visible(agent: User) -> tuple[str, list[Any]]:
    visible = Conversation.objects.visible_to(agent).order_by()
    if visible.query.is_empty():
        return "false", []
    if not visible.query.where:
        return "true", []
    inner, values = visible.values("pk").query.sql_with_params()
    sql = f"w.conversation_id IN ({inner})"
    return sql, list(values)


def _newest_of_each_conversation(ids: Sequence[int]) -> list[TimelineItem]:
    rows = (
        TimelineItem.objects.select_related("conversation", "customer")
        .only(
            *("text", "occurred_at", "conversation_id", "customer_id"),
            *("conversation__subject", "conversation__channel_id"),
            *("customer__name", "customer__is_visitor"),
        )
        .in_bulk(list(ids))
    )
    seen: set[int] = set()
    kept = []
    for pk in ids:
        item = rows.get(pk)
        if item is not None and item.conversation_id not in seen:
            seen.add(item.conversation_id)
            kept.append(item)
    return kept
