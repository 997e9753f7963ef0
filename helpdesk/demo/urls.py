from django.urls import path

from helpdesk.demo import shop, views

app_name = "demo"
urlpatterns = [
    path("", views.play, name="play"),
    path("write/", views.write, name="write"),
    path("visitors/", views.visitors, name="visitors"),
    path("mails/", views.mailbox, name="mailbox"),
    path("mails/<int:pk>/answer/", views.answer, name="answer"),
    path("mails/<int:pk>/html/", views.mail_html, name="mail-html"),
    path("shop/", shop.home, name="shop"),
    path("shop/product/<slug:key>/", shop.product, name="shop-product"),
    path("shop/product/<slug:key>/buy/", shop.put_in_basket, name="shop-buy"),
    path("shop/product/<slug:key>/remove/", shop.take_out, name="shop-remove"),
    path("shop/check-out/", shop.check_out, name="shop-check-out"),
    path("shop/sign-in/", shop.sign_in, name="shop-sign-in"),
    path("shop/sign-out/", shop.sign_out, name="shop-sign-out"),
]
