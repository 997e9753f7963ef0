from django.urls import path

from helpdesk.chat.views import widget

app_name = "chat"

urlpatterns = [
    path("<slug:key>/", widget.panel, name="panel"),
    path("<slug:key>/widget.js", widget.loader, name="widget"),
    path("<slug:key>/logo/<slug:version>/", widget.logo, name="logo"),
    path("<slug:key>/stage.js", widget.stage, name="stage"),
    path("<slug:key>/invitations.js", widget.invitations, name="invitations"),
    path("<slug:key>/words.json", widget.words, name="words"),
]
