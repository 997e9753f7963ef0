from django.urls import include, path

from helpdesk.api.v1.schema import schema

app_name = "api"

urlpatterns = [
    path("schema/", schema, name="schema"),
    path("chat/", include("helpdesk.api.v1.chat.urls")),
]
