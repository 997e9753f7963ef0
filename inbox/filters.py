"""What a list may be asked for: names we know, values we can read, nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode

from django.db.models import Q

from helpdesk.accounts.models import User

LARGEST_ID = 2**63 - 1


class BadFilter(Exception):
    """A name we do not know, or a value we cannot read."""


class Sort(StrEnum):
    NEWEST = "newest"
    WAITING = "waiting"
    DUE = "due"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFilter:
    """How one queue is narrowed and sorted."""

    sort: Sort = Sort.NEWEST
    is_unread_only: bool = False
    tag_id: int | None = None
    team_id: int | None = None
    channel_id: int | None = None
    assignee: str = ""
    """`me`, `none`, or an agent's id."""

    def query(self, **changes: str | None) -> str:
        """Return it as a query string; `changes` replace or (None) remove parts."""
        parts = {**self.as_parameters(), **changes}
        return urlencode({name: value for name, value in parts.items() if value})

    def as_parameters(self) -> dict[str, str]:
        return {
            "sort": "" if self.sort == Sort.NEWEST else self.sort.value,
            "unread": "1" if self.is_unread_only else "",
            "tag": str(self.tag_id or ""),
            "team": str(self.team_id or ""),
            "channel": str(self.channel_id or ""),
            "assignee": self.assignee,
        }

    def condition(self, agent: User) -> Q:
        """Return what it keeps; the sort is not part of it."""
        kept = Q()
        if self.is_unread_only:
            kept &= Q(is_unread=True)
        if self.tag_id is not None:
            kept &= Q(tag_ids__contains=[self.tag_id])
        if self.team_id is not None:
            kept &= Q(team_id=self.team_id)
        if self.channel_id is not None:
            kept &= Q(channel_id=self.channel_id)
        return kept & self._of_assignee(agent)

    def _of_assignee(self, agent: User) -> Q:
        if not self.assignee:
            return Q()
        if self.assignee == "none":
            return Q(assignee=None)
        return Q(assignee_id=agent.pk if self.assignee == "me" else int(self.assignee))


NAMES = frozenset(ListFilter().as_parameters())


def filter_from(parameters: Mapping[str, str]) -> ListFilter:
    """Read a filter.

    :raises BadFilter: for any other name, and for a value that makes no sense
    """
    for name in parameters:
        if name not in NAMES:
            raise BadFilter(name)
    return ListFilter(
        sort=_sort(parameters.get("sort", "")),
        is_unread_only=_flag(parameters.get("unread", "")),
        tag_id=_id(parameters.get("tag", "")),
        team_id=_id(parameters.get("team", "")),
        channel_id=_id(parameters.get("channel", "")),
        assignee=_assignee(parameters.get("assignee", "")),
    )


def _sort(value: str) -> Sort:
    if not value:
        return Sort.NEWEST
    try:
        return Sort(value)
    except ValueError as error:
        raise BadFilter("sort") from error


def _flag(value: str) -> bool:
    if value not in ("", "0", "1"):
        raise BadFilter("unread")
    return value == "1"


def _id(value: str) -> int | None:
    if not value:
        return None
    if not (value.isascii() and value.isdecimal()) or int(value[:20]) > LARGEST_ID:
        raise BadFilter("id")
    return int(value)


def _assignee(value: str) -> str:
    if value not in ("", "me", "none"):
        _id(value)
    return value
