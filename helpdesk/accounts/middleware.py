"""Each agent's own language and clock, for the length of a request."""

from collections.abc import Callable
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

KNOWN_LANGUAGES = frozenset(code for code, _ in settings.LANGUAGES)


class AgentPreferences:
    """Stands after authentication; whoever chose nothing gets what the browser asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        agent = request.user
        if not agent.is_authenticated:
            return self.get_response(request)
        if agent.locale in KNOWN_LANGUAGES:
            translation.activate(agent.locale)
            request.LANGUAGE_CODE = agent.locale
        with timezone.override(_zone(agent.time_zone)):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", translation.get_language())
        return response


@lru_cache
def _zone(name: str) -> ZoneInfo | None:
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return None
