"""Up to where the folders of a mailbox have been read."""

from typing import Any

from django.db import transaction

from channels_ingest.models import ChannelHealth


def reading_state(*, channel_id: int) -> dict[str, dict[str, Any]]:
    """Return what is remembered of each folder, by its name."""
    health = ChannelHealth.objects.filter(pk=channel_id).only("state").first()
    return dict(health.state.get("folders", {})) if health else {}


@transaction.atomic
def save_reading_state(*, channel_id: int, folder: str, state: dict[str, Any]) -> None:
    """Remember up to where `folder` has been read; call it after the journal."""
    ChannelHealth.objects.get_or_create(pk=channel_id)
    health = ChannelHealth.objects.select_for_update().get(pk=channel_id)
    folders = {**health.state.get("folders", {}), folder: state}
    health.state = {**health.state, "folders": folders}
    health.save(update_fields=["state"])
