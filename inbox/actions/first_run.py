"""Setting up an empty desk, once."""

from django.db import connection, transaction

from helpdesk.accounts.actions import create_first_admin
from helpdesk.accounts.models import User
from inbox.models import Brand, Channel

LOCK = 0x7472_6962
"""Number of the advisory lock that makes two first runs wait for each other."""


class AlreadySetUp(Exception):
    """Somebody works here already."""


@transaction.atomic
def set_up_desk(
    *, brand_name: str, address: str, admin_name: str, email: str, password: str
) -> User:
    """Make the brand, the first admin and the first mail channel, all or nothing.

    :raises AlreadySetUp: if there is any agent; of two calls at once one gets this
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    if User.objects.exists():
        raise AlreadySetUp
    admin = create_first_admin(name=admin_name, email=email, password=password)
    brand = Brand.objects.create(name=brand_name)
    Channel.objects.create(kind="email", name=brand_name, address=address, brand=brand)
    return admin
