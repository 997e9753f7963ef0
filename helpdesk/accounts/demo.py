"""Who a visitor of the sample desk can be. Empty anywhere else."""

from dataclasses import dataclass

from django.conf import settings

from helpdesk.accounts.models import User

DEMO_PASSWORD = "tributary-demo"  # noqa: S105 - printed on the page of the sample desk


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAccount:
    name: str
    email: str
    password: str
    role: str
    initials: str
    color_index: int


def demo_accounts() -> list[DemoAccount]:
    """Return the sign-in details of the sample desk."""
    if not settings.DEMO or settings.PRODUCTION:
        return []
    return [
        DemoAccount(
            name=agent.name,
            email=agent.email,
            password=DEMO_PASSWORD,
            role=agent.get_role_display(),
            initials=agent.initials,
            color_index=agent.color_index,
        )
        for agent in User.objects.active().order_by("id")[:8]
    ]
