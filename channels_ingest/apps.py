from django.apps import AppConfig


class ChannelsIngestConfig(AppConfig):
    name = "channels_ingest"
    label = "channels_ingest"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from channels_ingest import acknowledging  # noqa: F401
