"""What every page of the desk has around it, read only where it is shown."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from helpdesk.accounts.models import User

PARTS = (
    "queues",
    "team_queues",
    "saved_views",
    "workspace_links",
    "palette_commands",
    "open_count",
)


def desk(request: HttpRequest) -> dict[str, Any]:
    """Offer the navigation to pages that do not bring it themselves."""
    agent = getattr(request, "user", None)
    if not isinstance(agent, User):
        return {}
    around = _Around(agent, path=request.path)
    parts = {part: around.part(part) for part in PARTS}
    return {**parts, "realtime_port": settings.REALTIME_PUBLIC_PORT}


class _Around:
    """The navigation, read once, and only if a template asks for a part of it."""

    def __init__(self, agent: User, *, path: str) -> None:
        self._agent = agent
        self._path = path
        self._found: dict[str, Any] | None = None

    def part(self, name: str) -> "SimpleLazyObject[Any]":
        return SimpleLazyObject(lambda: self._all()[name])

    def _all(self) -> dict[str, Any]:
        if self._found is None:
            from inbox.views.presenting.navigation import navigation

            self._found = navigation(agent=self._agent)
            for link in self._found["workspace_links"]:
                link.is_current = self._path.startswith(link.url)
        return self._found
