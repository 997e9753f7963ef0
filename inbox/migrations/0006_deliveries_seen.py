from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inbox", "0005_attachments_by_stored_name")]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="seen_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="state",
            field=models.CharField(
                choices=[
                    ("held", "Can still be taken back"),
                    ("queued", "Waiting to be sent"),
                    ("sending", "Being sent"),
                    ("sent", "Sent"),
                    ("delivered", "Delivered"),
                    ("seen", "Seen"),
                    ("deferred", "Delayed"),
                    ("bounced", "Came back"),
                    ("failed", "Not sent"),
                    ("unconfirmed", "Perhaps sent"),
                    ("canceled", "Taken back"),
                ],
                default="held",
                max_length=12,
            ),
        ),
    ]
