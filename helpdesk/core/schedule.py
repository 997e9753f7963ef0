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


SCHEDULE = {
    "drain": every(2, "channels_ingest.tasks.drain_inbound", queue="ingest"),
    "deliver": every(2, "channels_ingest.tasks.deliver_queued", queue="deliver"),
    "webhooks": every(5, "helpdesk.api.tasks.send_webhooks", queue="deliver"),
    "relay": every(2, "helpdesk.core.tasks.relay_outbox", queue="sweep"),
    "index": every(2, "inbox.tasks.index_search", queue="sweep"),
    "wake": every(15, "inbox.tasks.wake_snoozed", queue="sweep"),
    "continue": every(20, "helpdesk.chat.tasks.continue_by_mail", queue="sweep"),
    "release": every(60, "inbox.tasks.release_orphaned", queue="sweep"),
    "ledger": nightly("channels_ingest.tasks.run_ledger", hour=2, queue="sweep"),
    "prune": nightly("helpdesk.core.tasks.prune_outbox", hour=3, queue="sweep"),
    "webhooks_told": nightly(
        "helpdesk.api.tasks.forget_webhooks", hour=4, queue="sweep"
    ),
    "files": nightly("inbox.tasks.delete_stray_files", hour=4, queue="sweep"),
}
