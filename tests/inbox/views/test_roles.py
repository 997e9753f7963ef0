"""Every address, for every role, for what they may see and what they may not."""

import pytest

from helpdesk.accounts.models import Sight, User
from helpdesk.accounts.roles import Role, capabilities_of
from inbox.models import Conversation
from tests.factories import TeamFactory, UserFactory
from tests.inbox.views.conftest import FRAGMENT
from tests.inbox.views.urls import ADDRESSES, Scene

pytestmark = pytest.mark.django_db
ROLES = [Role.VIEWER, Role.AGENT, Role.LEAD, Role.ADMIN]
NOT_ADMIN = ROLES[:-1]


def ask(client, scene, address, *, headers=FRAGMENT):
    return getattr(client, address.method)(
        scene.url(address), address.data, headers=headers
    )


def hide(conversation):
    team = TeamFactory(is_private=True)
    Conversation.objects.filter(pk=conversation.pk).update(team=team, assignee=None)


@pytest.mark.parametrize("address", ADDRESSES, ids=str)
class TestEveryAddress:
    @pytest.mark.parametrize("role", ROLES)
    def test_asks_the_role_what_it_may_do(self, client, address, role):
        agent = UserFactory(role=role)
        scene = Scene(agent=agent)
        client.force_login(agent)

        status = ask(client, scene, address).status_code

        if address.needs in capabilities_of(role):
            assert status in address.answers
        else:
            assert status == 403

    @pytest.mark.parametrize("role", NOT_ADMIN)
    def test_knows_nothing_of_what_is_out_of_sight(self, client, address, role):
        agent = UserFactory(role=role)
        scene = Scene(agent=agent)
        hide(scene.conversation)
        client.force_login(agent)
        before = _state(scene)

        for sight in Sight:
            User.objects.filter(pk=agent.pk).update(sight=sight)
            assert ask(client, scene, address).status_code in (403, 404), sight
            assert _state(scene) == before, sight

    def test_is_closed_to_whoever_is_not_signed_in(self, client, address):
        scene = Scene(agent=UserFactory())
        before = _state(scene)

        response = ask(client, scene, address, headers={})

        assert response.status_code == 302
        assert response["Location"].startswith("/account/sign-in/")
        assert _state(scene) == before

    def test_is_closed_to_whoever_left(self, client, address):
        agent = UserFactory(admin=True)
        scene = Scene(agent=agent)
        client.force_login(agent)
        agent.is_active = False
        agent.save()

        assert ask(client, scene, address).status_code == 302


def _state(scene):
    """Everything that any of the addresses could change."""
    conversation = Conversation.objects.values().get(pk=scene.conversation.pk)
    scene.customer.refresh_from_db()
    return (
        conversation,
        scene.conversation.items.count(),
        scene.conversation.drafts.values_list("text").get(),
        scene.conversation.uploads.count(),
        scene.customer.notes,
        scene.customer.name,
        scene.customer.identities.count(),
    )
