"""Reading: lists, counts, timelines and search."""

from inbox.queries.counts import DeskCounts, QueueCount, queue_counts
from inbox.queries.cursors import BadCursor, Cursor, cursor_from
from inbox.queries.lists import ListPage, list_page, tag_names

__all__ = [
    "BadCursor",
    "Cursor",
    "DeskCounts",
    "ListPage",
    "QueueCount",
    "cursor_from",
    "list_page",
    "queue_counts",
    "tag_names",
]
