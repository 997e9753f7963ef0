"""Let every queue be read in the order of any sort, and late ones be found at once."""

from django.contrib.postgres.operations import (
    AddIndexConcurrently,
    RemoveIndexConcurrently,
)
from django.db import migrations, models
from django.db.models import Q

ACTIVE = Q(status__lt=4)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("inbox", "0001_initial")]
    operations = [
        RemoveIndexConcurrently(model_name="conversation", name="conv_due"),
        RemoveIndexConcurrently(model_name="conversation", name="conv_waiting"),
        AddIndexConcurrently(
            model_name="conversation",
            index=models.Index(
                fields=["due_at", "id"], name="conv_due", condition=ACTIVE
            ),
        ),
        AddIndexConcurrently(
            model_name="conversation",
            index=models.Index(
                fields=["waiting_since", "id"], name="conv_waiting", condition=ACTIVE
            ),
        ),
        AddIndexConcurrently(
            model_name="conversation",
            index=models.Index(
                fields=["status", "due_at"],
                include=["assignee", "team"],
                name="conv_late",
                condition=ACTIVE & Q(due_at__isnull=False),
            ),
        ),
    ]
