from django.apps import AppConfig


class InboxConfig(AppConfig):
    name = "inbox"
    label = "inbox"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from inbox import claims, ownership, sight, subscribers  # noqa: F401

        ownership.declare()
        sight.declare()
        claims.declare()
