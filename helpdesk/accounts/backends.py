"""How somebody signs in: by address and password, with bounded patience."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from helpdesk.accounts.models import User, known_user
from helpdesk.core.limits import (
    LimitReached,
    client_address,
    guard_sign_in,
    sign_in_succeeded,
)

WAIT = "sign_in_wait"
"""Attribute of the request that says for how long there is no use in trying."""


class ThrottledBackend(ModelBackend):
    """Counts tries for each account and each address, wherever the form stands.

    An unknown account is counted and answered like a known one, in the same time.
    """

    def get_user(self, user_id: int) -> User | None:
        """Return who is signed in and what they may see, in one statement."""
        user = known_user(user_id)
        return user if user is not None and self.user_can_authenticate(user) else None

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        account = username or kwargs.get("email") or ""
        if request is None or not account or password is None:
            return None
        address = client_address(request)
        try:
            guard_sign_in(account=account, address=address)
        except LimitReached as reached:
            setattr(request, WAIT, reached.seconds)
            raise PermissionDenied from reached
        user = super().authenticate(request, username=account, password=password)
        if user is not None:
            sign_in_succeeded(account=account, address=address)
        return user
