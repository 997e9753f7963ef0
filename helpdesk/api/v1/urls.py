from django.urls import include, path

app_name = "api"

urlpatterns = [
    path("chat/", include("helpdesk.api.v1.chat.urls")),
]
