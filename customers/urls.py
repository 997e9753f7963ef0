from django.urls import path

from customers import views

app_name = "customers"

urlpatterns = [
    path("", views.customer_list, name="list"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/panel/", views.panel, name="panel"),
    path("<int:pk>/notes/", views.notes, name="notes"),
    path("<int:pk>/merge/", views.merge_choice, name="merge-choice"),
    path("<int:pk>/merge/<int:other_pk>/", views.merge, name="merge"),
    path("<int:pk>/merges/<int:merge_pk>/undo/", views.unmerge, name="unmerge"),
]
