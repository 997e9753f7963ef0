"""Every address of the chat API, relative to `/api/v1/chat/`."""

from django.urls import path, re_path

from helpdesk.api.v1.chat import me
from helpdesk.api.v1.chat.views import NothingHere

urlpatterns = [
    path("me/", me.MeView.as_view(), name="chat-me"),
    # The last: whatever is not there answers in the shape that clients can read.
    re_path("", NothingHere.as_view(), name="chat-nothing"),
]
