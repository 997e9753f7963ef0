"""Mail put into the journal, as the doors do it."""

from channels_ingest.actions.journal import record_inbound
from channels_ingest.fingerprint import mail_key
from channels_ingest.models import InboundEvent
from tests.factories.channels_ingest import mail_source


def journal(channel, raw=None, **mail):
    raw = raw or mail_source(**mail)
    return record_inbound(
        channel_id=channel.pk, source="smtp", raw=raw, dedupe_key=mail_key(raw)
    ).event_id


def state_of(event_id):
    return InboundEvent.objects.get(pk=event_id).state
