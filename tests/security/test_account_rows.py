"""Signing in, invitations and the first set-up; rows of SECURITY.md by number."""

from datetime import timedelta

import pytest
from django.conf import settings as real_settings
from django.urls import reverse
from django.utils import timezone

from helpdesk.accounts.actions import InvitationInvalid, invite_agent, open_invitation
from helpdesk.accounts.models import Invitation, User
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]


BLANKS = ["", " ", "%20", "%00", "null", "0", "undefined", "None", "[]"]


class TestRow15EmptyToken:
    @pytest.mark.parametrize("token", BLANKS)
    def test_opens_nothing(self, client, token):
        UserFactory()
        invite_agent(email="new@desk.example", actor=None)

        assert client.get(f"/account/invitation/{token}/").status_code == 404
        assert client.get(f"/account/reset/{token}/{token}/").status_code == 404

    def test_is_nowhere_in_the_database(self):
        invite_agent(email="new@desk.example", actor=None)

        assert not Invitation.objects.filter(token_digest="").exists()


class TestRow16LinkThatNeverEnds:
    def test_every_link_has_an_end(self):
        token = invite_agent(email="new@desk.example", actor=None).token

        with pytest.raises(InvitationInvalid):
            open_invitation(token=token, now=timezone.now() + timedelta(days=8))
        assert real_settings.PASSWORD_RESET_TIMEOUT <= 3 * 24 * 3600


class TestRow17PredictableToken:
    def test_tokens_are_random_and_not_kept(self):
        tokens = {
            invite_agent(email="same@desk.example", actor=None).token for _ in range(5)
        }

        assert len(tokens) == 5
        assert Invitation.objects.get().token_digest not in tokens


class TestRow43SessionsAfterPasswordChange:
    @pytest.mark.parametrize("change", [{"role": "lead"}, {"is_active": False}])
    def test_losing_or_changing_a_role_ends_them_too(self, desk, agent, change):
        User.objects.filter(pk=agent.pk).update(**change)

        assert desk.get(reverse("inbox:queue", args=["mine"])).status_code == 302


class TestRow65SetUpTakeover:
    @pytest.mark.parametrize("is_active", [True, False])
    def test_is_impossible_once_anybody_was_here(self, client, is_active):
        UserFactory(is_active=is_active)

        assert client.get(reverse("inbox:first-run")).status_code == 404
        assert client.post(reverse("inbox:first-run"), {}).status_code == 404


class TestRow66GuessingPasswords:
    def test_is_bounded_for_one_account_from_one_address(self, client):
        from helpdesk.core.doorbell import valkey

        valkey().flushdb()
        UserFactory(email="noor@desk.example")
        data = {"username": "noor@desk.example", "password": "guess"}

        statuses = [
            client.post(reverse("accounts:sign-in"), data).status_code
            for _ in range(10)
        ]

        assert statuses[-1] == 429
        valkey().flushdb()
