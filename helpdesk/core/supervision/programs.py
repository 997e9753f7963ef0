"""Which processes there are, and how each is started."""

import sys
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.management import get_commands

from helpdesk.core.schedule import QUEUES
from helpdesk.core.supervision.plan import Program
from helpdesk.core.supervision.ports import Places

WEB_WORKERS = 2
WEB_SENDERS = 64
"""Who may be sending to one of them at the same time; pages have threads of their own.

See `helpdesk.core.page_threads`.
"""


def programs() -> tuple[Program, ...]:
    """Every process that this installation needs, in the order they start."""
    return (web(), realtime(), worker(), beat(), *_optional())


def public_places() -> Places:
    """Where the world reaches us."""
    return {
        "TRIBUTARY_PORT": (settings.BIND, settings.WEB_PORT),
        "TRIBUTARY_REALTIME_PORT": (settings.BIND, settings.REALTIME_PORT),
        "TRIBUTARY_SMTP_PORT": (settings.SMTP_BIND, settings.SMTP_PORT),
    }


def web() -> Program:
    return Program(
        name="web",
        port=settings.WEB_PORT,
        shows=settings.PUBLIC_URL,
        command=(
            *_module("granian"),
            *("--interface", "wsgi", "--http", "1", "--no-ws"),
            *("--host", settings.BIND, "--port", str(settings.WEB_PORT)),
            *("--workers", str(WEB_WORKERS), "--blocking-threads", str(WEB_SENDERS)),
            *("--respawn-failed-workers", "--workers-kill-timeout", "10"),
            "helpdesk.wsgi:application",
        ),
    )


def realtime() -> Program:
    return Program(
        name="realtime",
        port=settings.REALTIME_PORT,
        shows=f"WebSockets on port {settings.REALTIME_PORT}",
        command=(
            *_module("uvicorn"),
            *("--host", settings.BIND, "--port", str(settings.REALTIME_PORT)),
            *("--loop", "uvloop", "--http", "httptools", "--ws", "websockets-sansio"),
            # Messages are too short to gain from it, and it costs each socket memory.
            *("--ws-per-message-deflate", "false"),
            *("--no-access-log", "--no-server-header", "--ws-max-size", "65536"),
            *("--timeout-graceful-shutdown", "10", "helpdesk.asgi:application"),
        ),
    )


def worker() -> Program:
    return Program(
        name="worker",
        command=(
            *_module("celery"),
            *("--app", "helpdesk", "worker", "--hostname", "worker@%h"),
            *("--pool", "prefork", "--concurrency", "2", "--queues", ",".join(QUEUES)),
            *("--without-gossip", "--without-mingle", "--loglevel", "INFO"),
        ),
    )


def beat() -> Program:
    Path(settings.CELERY_BEAT_SCHEDULE_FILENAME).parent.mkdir(exist_ok=True)
    return Program(
        name="beat",
        command=(
            *_module("celery"),
            *("--app", "helpdesk", "beat", "--pidfile", "", "--loglevel", "WARNING"),
        ),
        environment={"DJANGO_SETTINGS_MODULE": ""},
    )


def _optional() -> Iterator[Program]:
    known = get_commands()
    if "mail" in known:
        yield Program(
            name="mail",
            port=settings.SMTP_PORT,
            host=settings.SMTP_BIND,
            shows=f"SMTP on port {settings.SMTP_PORT}",
            command=_manage("mail"),
        )
    if settings.DEMO and "play_demo" in known:
        yield Program(name="visitors", command=_manage("play_demo"))


def _module(name: str) -> tuple[str, ...]:
    return (sys.executable, "-m", name)


def _manage(command: str) -> tuple[str, ...]:
    return (sys.executable, str(settings.BASE_DIR / "manage.py"), command)
