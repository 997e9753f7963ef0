from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from helpdesk.accounts.actions import (
    INVITATION_LASTS,
    AlreadyWorksHere,
    InvitationInvalid,
    accept_invitation,
    invite_agent,
    open_invitation,
)
from helpdesk.accounts.models import Invitation, User
from tests.factories import TeamFactory, UserFactory

pytestmark = pytest.mark.django_db


def invite(**fields):
    return invite_agent(email="new@desk.example", actor=None, **fields)


class TestInviteAgent:
    def test_keeps_nothing_by_which_the_link_could_be_made(self):
        invited = invite()

        stored = Invitation.objects.values().get()
        assert invited.token not in str(stored)
        assert len(invited.token) >= 40

    def test_ends_earlier_links_to_the_same_person(self):
        first, second = invite(), invite()

        with pytest.raises(InvitationInvalid):
            open_invitation(token=first.token)
        assert open_invitation(token=second.token)

    def test_refuses_who_works_here(self):
        UserFactory(email="new@desk.example")

        with pytest.raises(AlreadyWorksHere):
            invite()


class TestAcceptInvitation:
    def test_makes_the_agent_that_was_meant(self):
        team = TeamFactory()
        invited = invite(role="lead", sight="teams", teams=[team])

        agent = accept_invitation(
            token=invited.token, name="New Person", password="correct-horse"
        )

        assert (agent.email, agent.role, agent.sight) == (
            "new@desk.example",
            "lead",
            "teams",
        )
        assert list(agent.teams.all()) == [team]

    def test_works_once(self):
        token = invite().token
        accept_invitation(token=token, name="New", password="correct-horse")

        with pytest.raises(InvitationInvalid):
            accept_invitation(token=token, name="Again", password="correct-horse")

    def test_ends_after_a_week(self):
        token = invite().token
        later = timezone.now() + INVITATION_LASTS + timedelta(seconds=1)

        with pytest.raises(InvitationInvalid):
            accept_invitation(
                token=token, name="Late", password="correct-horse", now=later
            )
        assert not User.objects.exists()

    @pytest.mark.parametrize(
        "token", ["", " ", "\0", "null", "0", "None", "a" * 64, "' OR ''='"]
    )
    def test_knows_no_token_that_was_not_made(self, token):
        invite()

        with pytest.raises(InvitationInvalid):
            accept_invitation(token=token, name="x", password="correct-horse")


class TestInvitation:
    @pytest.mark.parametrize("digest", ["", " ", "0", "x" * 64])
    def test_cannot_be_stored_with_a_blank_token(self, digest):
        with pytest.raises(IntegrityError):
            Invitation.objects.create(
                email="x@desk.example",
                token_digest=digest,
                expires_at=timezone.now(),
            )


@pytest.mark.django_db(transaction=True)
class TestAcceptingAtOnce:
    def test_makes_one_agent(self):
        token = invite().token

        def accept(n):
            try:
                accept_invitation(token=token, name=f"{n}", password="correct-horse")
            except InvitationInvalid:
                return False
            finally:
                connection.close()
            return True

        with ThreadPoolExecutor(4) as pool:
            accepted = list(pool.map(accept, range(4)))

        assert sorted(accepted) == [False, False, False, True]
        assert User.objects.count() == 1
