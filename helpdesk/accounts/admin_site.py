"""Django admin as part of this desk: one sign-in, one look, sections of our own."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

SECTIONS = {
    "people": _("People"),
    "channels": _("Channels"),
    "words": _("Labels"),
    "traffic": _("What came and went"),
    "desk": _("The desk, to look at"),
}
"""What the index page groups by; a ModelAdmin names its own as `section`."""


class DeskAdminSite(AdminSite):
    site_title = _("Settings · Tributary")
    site_header = _("Settings")
    index_title = _("Settings")
    site_url = "/"
    enable_nav_sidebar = True

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Sign in where everybody does; those who may not come in are told."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        wanted = request.GET.get("next") or reverse("admin:index")
        return redirect_to_login(wanted, reverse("accounts:sign-in"))

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("accounts:profile")

    def password_change_done(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("accounts:profile")

    def logout(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("accounts:profile")

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[Any]:
        """Group by what things are for; one app's own page stays as it is."""
        apps: list[Any] = super().get_app_list(request, app_label)
        if app_label:
            return apps
        return list(self._sections([model for app in apps for model in app["models"]]))

    def _sections(self, models: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for key, title in SECTIONS.items():
            own = [model for model in models if self._section(model) == key]
            if own:
                yield {
                    "name": title,
                    "app_label": key,
                    "app_url": reverse("admin:index"),
                    "has_module_perms": True,
                    "models": sorted(own, key=self._place),
                }

    def _section(self, model: dict[str, Any]) -> str:
        admin = self._registry[model["model"]]
        return str(getattr(admin, "section", "desk"))

    def _place(self, model: dict[str, Any]) -> int:
        return int(getattr(self._registry[model["model"]], "place", 9))
