from django.urls import path

from channels_ingest.views import webhooks

app_name = "hooks"

urlpatterns = [
    path(
        "<int:channel_id>/inbound/",
        webhooks.receive,
        {"direction": "inbound"},
        name="inbound",
    ),
    path(
        "<int:channel_id>/tracking/",
        webhooks.receive,
        {"direction": "tracking"},
        name="tracking",
    ),
]
