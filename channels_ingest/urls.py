from django.urls import path

from channels_ingest.views import books, mail_lab, source, unreadable

app_name = "channels"

urlpatterns = [
    path("unreadable/", unreadable.tray, name="tray"),
    path("unreadable/count/", unreadable.tray_count, name="tray-count"),
    path("unreadable/<int:pk>/replay/", unreadable.replay, name="replay"),
    path("unreadable/<int:pk>/discard/", unreadable.discard, name="discard"),
    path("unreadable/<int:pk>/source/", source.event_source, name="event-source"),
    path("items/<int:pk>/source/", source.item_source, name="item-source"),
    path("items/<int:pk>/headers/", source.item_headers, name="item-headers"),
    path("lab/", mail_lab.mail_lab, name="mail-lab"),
    path("books/", books.books, name="books"),
    path("books/banner/", books.banner, name="books-banner"),
]
