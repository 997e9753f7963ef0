from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Built while mail comes in: no transaction, so that no table is locked.
    atomic = False

    dependencies = [("inbox", "0008_chats")]

    operations = [
        AddIndexConcurrently(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("is_chat", True), ("status", 1)),
                fields=["-last_activity_at", "-id"],
                name="conv_live",
            ),
        ),
        AddIndexConcurrently(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("is_chat", True), ("status", 1)),
                fields=["waiting_since", "id"],
                name="conv_live_waiting",
            ),
        ),
    ]
