"""Write down the mailbox of the addresses known so far."""

from django.db import migrations

BATCH = 5_000
FAMILIES = {
    **dict.fromkeys(("gmail.com", "googlemail.com"), ("gmail.com", ".")),
    **dict.fromkeys(("proton.me", "protonmail.com", "pm.me"), ("proton.me", ".-_")),
}


def _mailbox_of(address):
    """As `mailboxes.mailbox_of` was when the column came."""
    local, at, domain = address.strip().lower().rpartition("@")
    domain, ignored = FAMILIES.get(domain, (domain, ""))
    local = "".join(c for c in local.partition("+")[0] if c not in ignored)
    return f"{local}@{domain}" if at and local else ""


def fill(apps, schema_editor):
    Identity = apps.get_model("customers", "Identity")
    rows = Identity.objects.filter(kind="email", mailbox="").order_by("pk")
    last = 0
    while batch := list(rows.filter(pk__gt=last).only("pk", "value")[:BATCH]):
        for identity in batch:
            identity.mailbox = _mailbox_of(identity.value)
        Identity.objects.bulk_update(batch, ["mailbox"])
        last = batch[-1].pk


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("customers", "0002_identity_mailbox")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
