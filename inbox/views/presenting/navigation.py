"""The navigation: every queue with its count, teams, views, and other pages."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from helpdesk.accounts import roles
from helpdesk.accounts.models import TeamAccess, User
from helpdesk.core.prepared import Prepared
from inbox.filters import BadFilter, ListFilter
from inbox.models import SavedView
from inbox.queries import DeskCounts, queue_counts
from inbox.queues import QUEUES, TEAM_PREFIX
from inbox.views.presenting.lists import saved_view_filter

NO_FILTER = ListFilter()


COUNTED_ELSEWHERE = {"unreadable": "channels:tray-count"}


@dataclass(slots=True, kw_only=True)
class NavigationEntry:
    """One line of the navigation."""

    key: str
    title: str
    url: str
    icon: str
    hotkey: str = ""
    is_current: bool = False
    counted: tuple[str, ListFilter] | None = None
    count: str = ""
    count_url: str = ""
    """Where the count comes from, if another app knows it."""
    number: int = 0
    is_late: bool = False


def navigation(
    *, agent: User, current: str = "", narrowed: ListFilter = NO_FILTER
) -> dict[str, Any]:
    """Return what the navigation shows to `agent`; `current` is the open queue."""
    queues = [_queue(slug) for slug in QUEUES]
    teams = [_team(team) for team in agent.own_teams]
    saved = [entry for view in _views_of(agent) if (entry := _saved(view))]
    entries = [*queues, *teams, *saved]
    counts = _count(entries, agent=agent)
    _mark(queues + teams, saved, current=current, narrowed=narrowed)
    return {
        "queues": queues,
        "team_queues": teams,
        "saved_views": saved,
        "workspace_links": workspace_links(agent, has_widget=counts.has_widget),
        "palette_commands": [*queues, *teams, *saved],
        "open_count": next(it.number for it in queues if it.key == "mine"),
    }


def _mark(
    queues: Sequence[NavigationEntry],
    saved: Sequence[NavigationEntry],
    *,
    current: str,
    narrowed: ListFilter,
) -> None:
    """Mark the view that is open as it was saved, else its queue."""
    exact = [it for it in saved if it.counted == (current, narrowed)]
    for entry in exact[:1] or [it for it in queues if it.key == current]:
        entry.is_current = True


def current_view(*, agent: User, queue: str, narrowed: ListFilter) -> SavedView | None:
    """Return the view that is open as it was saved, if it is one."""
    for view in _views_of(agent):
        with contextlib.suppress(BadFilter):
            if saved_view_filter(view) == (queue, narrowed):
                return view
    return None


def _queue(slug: str) -> NavigationEntry:
    queue = QUEUES[slug]
    return NavigationEntry(
        key=slug,
        title=str(queue.label),
        url=_queue_url(slug),
        icon=queue.icon,
        hotkey=queue.key,
        counted=(slug, NO_FILTER) if queue.shows_count else None,
    )


@lru_cache(maxsize=1000)
def _queue_url(slug: str) -> str:
    return reverse("inbox:queue", args=[slug])


def _team(team: TeamAccess) -> NavigationEntry:
    slug = f"{TEAM_PREFIX}{team.pk}"
    return NavigationEntry(
        key=slug,
        title=team.name,
        url=_queue_url(slug),
        icon="users",
        counted=(slug, NO_FILTER),
    )


def _views_of(agent: User) -> list[SavedView]:
    return _owned_or_shared(owner_id=agent.pk)


@Prepared
def _owned_or_shared(*, owner_id: int) -> QuerySet[SavedView]:
    theirs = SavedView.objects.filter(Q(owner_id=owner_id) | Q(is_shared=True))
    return theirs.order_by("position", "id")[:20]


def _saved(view: SavedView) -> NavigationEntry | None:
    try:
        queue, narrowed = saved_view_filter(view)
    except BadFilter:
        return None
    query = narrowed.query()
    return NavigationEntry(
        key=f"view-{view.pk}",
        title=view.name,
        url=_queue_url(queue) + (f"?{query}" if query else ""),
        icon="funnel",
        counted=(queue, narrowed),
    )


def _count(entries: Sequence[NavigationEntry], *, agent: User) -> DeskCounts:
    counted = [entry for entry in entries if entry.counted is not None]
    counts = queue_counts(
        queues=[entry.counted for entry in counted if entry.counted],
        agent=agent,
        now=timezone.now(),
    )
    for entry, count in zip(counted, counts.queues, strict=True):
        entry.count = str(count)
        entry.number = count.number
        entry.is_late = count.is_late
    return counts


def workspace_links(agent: User, *, has_widget: bool) -> list[NavigationEntry]:
    """Return the pages beside the inbox that exist and that `agent` may open."""
    wanted = [("customers", _("Customers"), "customers:list", "users", "g c", True)]
    wanted += [
        ("visitors", _("On the site now"), "visitors:list", "eye", "", has_widget),
        (
            "unreadable",
            _("Could not read"),
            "channels:tray",
            "mail-warning",
            "",
            agent.can(roles.HANDLE_UNREADABLE),
        ),
        (
            "settings",
            _("Settings"),
            "admin:index",
            "settings",
            "",
            agent.can(roles.CONFIGURE),
        ),
    ]
    # Its address exists on a sample desk only.
    wanted.append(("demo", _("Play the customer"), "demo:play", "smile", "", True))
    return [
        NavigationEntry(
            key=key,
            title=title,
            url=url,
            icon=icon,
            hotkey=hotkey,
            count_url=_url(COUNTED_ELSEWHERE.get(key, "")),
        )
        for key, title, name, icon, hotkey, is_allowed in wanted
        if is_allowed and (url := _url(name))
    ]


@lru_cache
def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
