"""Remember of whom only chats are known."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0004_beginnings")]
    operations = [
        migrations.AddField(
            model_name="customer",
            name="is_visitor",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
    ]
