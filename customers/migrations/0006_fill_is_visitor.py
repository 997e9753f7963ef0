"""Write down of whom only chats are known so far."""

from django.db import migrations
from django.db.models import Exists, OuterRef


def fill(apps, schema_editor):
    Customer = apps.get_model("customers", "Customer")
    Identity = apps.get_model("customers", "Identity")
    others = Identity.objects.filter(customer=OuterRef("pk")).exclude(kind="chat")
    chatting = Identity.objects.filter(kind="chat").values("customer_id")
    Customer.objects.filter(~Exists(others), pk__in=chatting).update(is_visitor=True)


class Migration(migrations.Migration):
    dependencies = [("customers", "0005_customer_is_visitor")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
