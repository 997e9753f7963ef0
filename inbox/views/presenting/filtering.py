"""By what a list can be narrowed, as the menu above it offers it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from helpdesk.accounts import roles
from helpdesk.accounts.models import User
from inbox.models import Channel, Tag
from inbox.queues import TEAM_PREFIX
from inbox.views.presenting.lists import ListView
from inbox.views.presenting.navigation import current_view

MOST_CHOICES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    value: str
    title: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """One thing a list can be narrowed by."""

    name: str
    title: str
    choices: tuple[Choice, ...]


def filter_menu_context(view: ListView, *, agent: User) -> dict[str, Any]:
    """Return what `_filter_menu.html` shows."""
    saved = current_view(agent=agent, queue=view.key, narrowed=view.narrowed)
    return {
        "view": view,
        "saved": saved,
        "is_own": saved is not None and saved.owner_id == agent.pk,
        "may_share": agent.can(roles.SHARE_VIEWS),
        "facets": [it for it in _facets(view, agent=agent) if len(it.choices) > 1],
    }


def _facets(view: ListView, *, agent: User) -> list[Facet]:
    agents = User.objects.able_to_reply().order_by("name", "id")[:MOST_CHOICES]
    teams = [] if view.key.startswith(TEAM_PREFIX) else _teams_open_to(agent)
    whose = [("me", _("Mine")), ("none", _("Nobody’s"))]  # noqa: RUF001
    whose += [(str(it.pk), it.name) for it in agents]
    if view.key in ("mine", "unassigned"):
        whose = []
    return [
        _facet("tag", _("Tag"), view, _named(Tag.objects.order_by("name", "id"))),
        _facet("team", _("Team"), view, teams),
        _facet("assignee", _("Assignee"), view, whose),
        _facet("channel", _("Channel"), view, _named(Channel.objects.order_by("name"))),
    ]


def _teams_open_to(agent: User) -> list[tuple[str, str]]:
    closed = () if agent.is_admin else agent.closed_team_ids
    return [(str(it.pk), it.name) for it in agent.team_access if it.pk not in closed]


def _named(rows: Any) -> list[tuple[str, str]]:
    found = rows.values_list("pk", "name")[:MOST_CHOICES]
    return [(str(pk), str(name)) for pk, name in found]


def _facet(
    name: str, title: str, view: ListView, values: Iterable[tuple[str, str]]
) -> Facet:
    chosen = view.narrowed.as_parameters()[name]
    offered = [("", _("Any")), *values]
    return Facet(
        name=name,
        title=title,
        choices=tuple(
            Choice(value=value, title=words, is_chosen=value == chosen)
            for value, words in offered
        ),
    )
