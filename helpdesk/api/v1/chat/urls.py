"""Every address of the chat API, relative to `/api/v1/chat/`."""

from django.urls import path, re_path

from helpdesk.api.v1.chat import (
    channels,
    conversations,
    files,
    me,
    messages,
    sessions,
    visits,
)
from helpdesk.api.v1.chat.views import NothingHere

_CONVERSATION = "conversations/<uuid:public_id>/"

urlpatterns = [
    path(
        "channels/<str:key>/",
        channels.ChannelView.as_view(),
        name="chat-channel",
    ),
    path(
        "channels/<str:key>/sessions/",
        sessions.SessionsView.as_view(),
        name="chat-sessions",
    ),
    path(
        "channels/<str:key>/visits/",
        visits.VisitsView.as_view(),
        name="chat-visits",
    ),
    path(
        "channels/<str:key>/visits/<str:visit>/end/",
        visits.VisitEndView.as_view(),
        name="chat-visit-end",
    ),
    path("me/", me.MeView.as_view(), name="chat-me"),
    path("messages/", messages.MessagesView.as_view(), name="chat-messages"),
    path(
        "conversations/",
        conversations.ConversationsView.as_view(),
        name="chat-conversations",
    ),
    path(
        _CONVERSATION,
        conversations.ConversationView.as_view(),
        name="chat-conversation",
    ),
    *(
        path(
            f"{_CONVERSATION}{word}/", view.as_view(), name=f"chat-conversation-{word}"
        )
        for word, view in conversations.BELOW.items()
    ),
    path("news/", conversations.NewsView.as_view(), name="chat-news"),
    path("files/<uuid:public_id>/", files.FileView.as_view(), name="chat-file"),
    # The last: whatever is not there answers in the shape that clients can read.
    re_path("", NothingHere.as_view(), name="chat-nothing"),
]
