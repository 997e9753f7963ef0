from django.urls import path

from helpdesk.demo import views

app_name = "demo"
urlpatterns = [
    path("", views.play, name="play"),
    path("write/", views.write, name="write"),
    path("visitors/", views.visitors, name="visitors"),
    path("mails/", views.mailbox, name="mailbox"),
    path("mails/<int:pk>/answer/", views.answer, name="answer"),
    path("mails/<int:pk>/html/", views.mail_html, name="mail-html"),
]
