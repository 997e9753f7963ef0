"""Every address of the product, app by app."""

from importlib.util import find_spec

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

APPS = {
    "": "inbox.urls",
    "account/": "helpdesk.accounts.urls",
    "customers/": "customers.urls",
    "channels/": "channels_ingest.urls",
    "hooks/": "channels_ingest.hook_urls",
}

urlpatterns = [
    path("", include("helpdesk.core.urls")),
    path("admin/", admin.site.urls),
    *(path(at, include(urls)) for at, urls in APPS.items() if find_spec(urls)),
    *([path("demo/", include("helpdesk.demo.urls"))] if settings.DEMO else []),
]
