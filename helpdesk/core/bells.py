"""Every doorbell of the product, by what it starts."""

from helpdesk.core.doorbell import Bell

INGEST = Bell(name="ingest", task="channels_ingest.tasks.drain_inbound", queue="ingest")
DELIVER = Bell(
    name="deliver", task="channels_ingest.tasks.deliver_queued", queue="deliver"
)
OUTBOX = Bell(name="outbox", task="helpdesk.core.tasks.relay_outbox", queue="sweep")
RELEASE = Bell(name="release", task="inbox.tasks.release_orphaned", queue="sweep")
WEBHOOKS = Bell(
    name="webhooks", task="helpdesk.api.tasks.send_webhooks", queue="deliver"
)
SEARCH = Bell(name="search", task="inbox.tasks.index_search", queue="sweep")
