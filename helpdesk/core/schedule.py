"""How background work reaches its queue, and what runs by the clock."""

from typing import Any

from celery.schedules import crontab

QUEUES = ("ingest", "deliver", "sweep")


def broker_url(redis_url: str) -> str:
    """The same server in the words of Celery, which names Unix sockets its own way."""
    if not redis_url.startswith("unix://"):
        return redis_url
    path, _, query = redis_url.removeprefix("unix://").partition("?")
    database = dict(it.split("=", 1) for it in query.split("&") if it).get("db", "0")
    return f"redis+socket://{path}?virtual_host={database}"


def every(seconds: float, task: str, *, queue: str) -> dict[str, Any]:
    """An entry of the schedule: run `task` again and again.

    A turn that nobody took before the next is due is not worth keeping.
    """
    options = {"queue": queue, "expires": max(seconds, 2)}
    return {"task": task, "schedule": seconds, "options": options}


def nightly(task: str, *, hour: int, queue: str) -> dict[str, Any]:
    """An entry of the schedule: run `task` once a day, at that hour UTC."""
    return {
        "task": task,
        "schedule": crontab(hour=hour, minute=17),
        "options": {"queue": queue},
    }
