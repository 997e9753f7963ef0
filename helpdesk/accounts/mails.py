"""What the desk itself writes to the people who work here."""

import logging

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from helpdesk.accounts.actions import Invited
from helpdesk.accounts.models import User

logger = logging.getLogger(__name__)

CONSOLE = "django.core.mail.backends.console.EmailBackend"
"""Where mail goes as long as nobody has said how to send it."""


def public_address(path: str) -> str:
    """Return a whole address; the host never comes from a request."""
    return f"{settings.PUBLIC_URL}{path}"


def invitation_link(invited: Invited) -> str:
    return public_address(reverse("accounts:accept", args=[invited.token]))


def send_invitation(invited: Invited, *, inviter: User) -> bool:
    """Send the link by which somebody becomes an agent; return whether it left."""
    text = _(
        "%(name)s invites you to answer customers together in Tributary.\n\n"
        "Choose a password here:\n%(link)s\n\n"
        "The link works once, and for seven days."
    ) % {"name": inviter.name, "link": invitation_link(invited)}
    try:
        send_mail(_("Your invitation"), text, None, [invited.invitation.email])
    except Exception as error:  # noqa: BLE001
        # Whatever the server or the provider says, the link can still be handed over.
        # What it says may name the address, so it is not for the log.
        kind = type(error).__name__
        logger.warning("invitation %s not mailed: %s", invited.invitation.pk, kind)
        return False
    return settings.EMAIL_BACKEND != CONSOLE


def send_reset(agent: User) -> None:
    """Send the link by which an agent sets a new password."""
    path = reverse(
        "accounts:reset-confirm",
        args=[
            urlsafe_base64_encode(force_bytes(agent.pk)),
            default_token_generator.make_token(agent),
        ],
    )
    text = _(
        "Somebody asked for a new password for your account at Tributary.\n\n"
        "If it was you, choose one here:\n%(link)s\n\n"
        "If not, ignore this mail: nothing has changed."
    ) % {"link": public_address(path)}
    send_mail(_("A new password"), text, None, [agent.email])
