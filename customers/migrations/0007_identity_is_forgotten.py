"""Remember whose owner deleted what we knew of them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0006_fill_is_visitor")]
    operations = [
        migrations.AddField(
            model_name="identity",
            name="is_forgotten",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
    ]
