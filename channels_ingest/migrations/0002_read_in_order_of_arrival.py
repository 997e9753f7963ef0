from django.contrib.postgres.operations import (
    AddIndexConcurrently,
    RemoveIndexConcurrently,
)
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("channels_ingest", "0001_initial"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="inboundevent",
            index=models.Index(
                condition=models.Q(("state", "new")),
                fields=["channel", "id"],
                name="inbound_waiting",
            ),
        ),
        AddIndexConcurrently(
            model_name="inboundevent",
            index=models.Index(
                condition=models.Q(
                    ("state", "new"), models.Q(("reason", ""), _negated=True)
                ),
                fields=["channel", "run_at", "id"],
                name="inbound_retry",
            ),
        ),
        RemoveIndexConcurrently(model_name="inboundevent", name="inbound_new"),
    ]
