from django.urls import path

from helpdesk.accounts.views import invitations, profile, resets, sessions

app_name = "accounts"

urlpatterns = [
    path("sign-in/", sessions.sign_in, name="sign-in"),
    path("sign-out/", sessions.sign_out, name="sign-out"),
    path("profile/", profile.profile, name="profile"),
    path("password/", profile.password, name="password"),
    path("availability/", profile.availability, name="availability"),
    path("invite/", invitations.invite, name="invite"),
    path("invitation/<str:token>/", invitations.accept, name="accept"),
    path("reset/", resets.ask, name="reset"),
    path("reset/<str:uid>/<str:token>/", resets.confirm, name="reset-confirm"),
]
