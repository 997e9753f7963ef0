from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Built while mail goes out: no transaction, so that no table is locked.
    atomic = False

    dependencies = [("inbox", "0003_lists_of_what_is_aside")]

    operations = [
        AddIndexConcurrently(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(
                    (
                        "state__in",
                        ("held", "queued", "sending", "deferred", "unconfirmed"),
                    )
                ),
                fields=["state"],
                name="delivery_unfinished",
            ),
        ),
        AddIndexConcurrently(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(
                    (
                        "state__in",
                        ("sent", "delivered", "bounced", "failed", "canceled"),
                    )
                ),
                fields=["updated_at"],
                include=["state"],
                name="delivery_finished",
            ),
        ),
    ]
