"""The addresses of a sample desk: settings are read before a test can change them."""

from django.urls import include, path

from helpdesk.urls import urlpatterns as usual

urlpatterns = [*usual, path("demo/", include("helpdesk.demo.urls"))]
