"""An agent's browser, as far as requests go."""

from collections.abc import Iterable
from importlib import import_module

import httpx
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from helpdesk.accounts.models import User

WARM_UP = 5


class PageFailed(Exception):
    """A page did not answer with 200."""


def session_cookie(agent: User) -> dict[str, str]:
    """Return the cookie of a signed-in session of `agent`."""
    engine = import_module(settings.SESSION_ENGINE)
    session = engine.SessionStore()
    session[SESSION_KEY] = str(agent.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = agent.get_session_auth_hash()
    session.create()
    return {settings.SESSION_COOKIE_NAME: session.session_key}


def timed_pages(
    *, base_url: str, agent: User, paths: Iterable[str], fragment: bool = True
) -> list[float]:
    """Fetch each path one after another; return the seconds each took at the server.

    :raises PageFailed: if a page answers anything but 200
    """
    headers = {"HX-Request": "true"} if fragment else {}
    seconds: list[float] = []
    with httpx.Client(
        base_url=base_url, cookies=session_cookie(agent), headers=headers, timeout=60
    ) as client:
        for number, path in enumerate(paths):
            answer = client.get(path)
            if answer.status_code != httpx.codes.OK:
                raise PageFailed(f"{path} answered {answer.status_code}")
            if number >= WARM_UP:
                seconds.append(_at_the_server(answer))
    return seconds


def _at_the_server(answer: httpx.Response) -> float:
    """Return what the page says of itself: the time of a browser is not in it."""
    return float(answer.headers["Server-Timing"].rpartition("=")[2]) / 1000
