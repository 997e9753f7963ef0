from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "helpdesk.chat"
    label = "chat"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from helpdesk.chat import subscribers  # noqa: F401
        from helpdesk.chat.whereabouts import last_seen
        from inbox.whereabouts import declare_last_seen

        declare_last_seen(last_seen)
