"""What agents open; apart from `urls.py`, where nobody is ever signed in."""

from django.urls import path

from helpdesk.chat.views import visitors

app_name = "visitors"

urlpatterns = [
    path("", visitors.visitors, name="list"),
    path("presence/<int:pk>/", visitors.presence, name="presence"),
]
