"""Let names and handles be found by their first two letters."""

from django.contrib.postgres.indexes import OpClass
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("customers", "0003_fill_identity_mailbox")]
    operations = [
        AddIndexConcurrently(
            model_name="customer",
            index=models.Index(
                OpClass(Upper("name"), name="text_pattern_ops"),
                name="customer_name_begins",
            ),
        ),
        AddIndexConcurrently(
            model_name="identity",
            index=models.Index(
                fields=["value"],
                opclasses=["varchar_pattern_ops"],
                name="identity_begins",
            ),
        ),
    ]
