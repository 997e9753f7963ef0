import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0001_visitors"),
    ]

    operations = [
        migrations.AddField(
            model_name="usedproof",
            name="visitor",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="chat.visitor",
            ),
        ),
        migrations.AddField(
            model_name="usedproof",
            name="earlier_token_hash",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
    ]
