from django.contrib.postgres.operations import (
    AddIndexConcurrently,
    RemoveIndexConcurrently,
)
from django.db import migrations, models


class Migration(migrations.Migration):
    # Built while mail goes out: no transaction, so that no table is locked.
    atomic = False

    dependencies = [("inbox", "0006_deliveries_seen")]

    operations = [
        RemoveIndexConcurrently(model_name="delivery", name="delivery_finished"),
        AddIndexConcurrently(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(
                    (
                        "state__in",
                        ("sent", "delivered", "seen", "bounced", "failed", "canceled"),
                    )
                ),
                fields=["updated_at"],
                include=["state"],
                name="delivery_finished",
            ),
        ),
    ]
