from django.db import migrations, models
from django.db.models import Value


class Migration(migrations.Migration):
    # The database itself knows each default: what runs while this is deployed does not
    # know the columns, and must be able to write all the same.

    dependencies = [("inbox", "0007_finished_deliveries_seen")]

    operations = [
        migrations.AddField(
            model_name="channel",
            name="unanswered_seconds",
            field=models.PositiveIntegerField(
                db_default=60,
                default=60,
                help_text="Of a chat: after so long agents see that nobody has answered.",
                verbose_name="mark as unanswered after, seconds",
            ),
        ),
        migrations.AddField(
            model_name="conversation",
            name="claims",
            field=models.JSONField(
                blank=True, db_default=Value({}, models.JSONField()), default=dict
            ),
        ),
        migrations.AddField(
            model_name="conversation",
            name="is_chat",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="draft",
            name="way",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=40
            ),
        ),
        migrations.AlterField(
            model_name="draft",
            name="mode",
            field=models.CharField(
                choices=[
                    ("reply", "Reply"),
                    ("reply_all", "Reply to all"),
                    ("forward", "Forward"),
                    ("note", "Note"),
                    ("chat", "Chat"),
                ],
                default="reply",
                max_length=10,
            ),
        ),
    ]
