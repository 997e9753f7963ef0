"""Every address of the product, app by app."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

# Here and not in each process: workers and sockets have no use for the admin.
admin.autodiscover()

urlpatterns = [
    path("", include("helpdesk.core.urls")),
    path("", include("inbox.urls")),
    path("account/", include("helpdesk.accounts.urls")),
    path("customers/", include("customers.urls")),
    path("channels/", include("channels_ingest.urls")),
    path("hooks/", include("channels_ingest.hook_urls")),
    path("chat/", include("helpdesk.chat.urls")),
    path("visitors/", include("helpdesk.chat.desk_urls")),
    path("api/v1/", include("helpdesk.api.v1.urls")),
    path("admin/", admin.site.urls),
    *([path("demo/", include("helpdesk.demo.urls"))] if settings.DEMO else []),
]
