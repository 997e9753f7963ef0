from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("inbox", "0004_unfinished_deliveries")]

    operations = [
        AddIndexConcurrently(
            model_name="attachment",
            index=models.Index(fields=["stored_name"], name="attachment_stored_name"),
        ),
    ]
