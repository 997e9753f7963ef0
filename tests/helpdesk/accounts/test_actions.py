import pytest
from django.contrib.sessions.models import Session

from helpdesk.accounts.actions import (
    Access,
    InvitationInvalid,
    LastAdmin,
    access_of,
    change_access,
    change_members,
    deactivate_agent,
    invite_agent,
    open_invitation,
    reactivate_agent,
)
from helpdesk.accounts.events import AgentAccessChanged
from helpdesk.accounts.models import Sight
from helpdesk.accounts.roles import Role
from helpdesk.core import events
from tests.factories import TeamFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def announced(monkeypatch, django_capture_on_commit_callbacks):
    """Ids of agents whose access was announced, once the transaction is over."""
    heard = []
    monkeypatch.setitem(
        events._watchers, AgentAccessChanged, [lambda event: heard.append(event)]
    )

    def run(action, **arguments):
        with django_capture_on_commit_callbacks(execute=True):
            action(**arguments)
        return [event.agent_id for event in heard]

    return run


class TestChangeAccess:
    def test_changes_role_sight_and_teams_and_says_so(self, announced):
        agent, team = UserFactory(), TeamFactory()
        access = Access(role=Role.LEAD, sight=Sight.TEAMS, teams=frozenset({team.pk}))

        heard = announced(change_access, agent_id=agent.pk, access=access)

        agent.refresh_from_db()
        assert access_of(agent) == access
        assert heard == [agent.pk]

    def test_says_nothing_when_nothing_changes(self, announced):
        agent = UserFactory()

        assert not announced(change_access, agent_id=agent.pk, access=access_of(agent))

    def test_ends_sessions_when_the_role_changes(self, client):
        agent = UserFactory(lead=True)
        client.force_login(agent)

        change_access(
            agent_id=agent.pk,
            access=Access(role=Role.VIEWER, sight=Sight.ALL, teams=frozenset()),
        )

        assert not Session.objects.exists()

    def test_never_takes_the_last_admin_away(self):
        admin = UserFactory(admin=True)
        UserFactory(admin=True, is_active=False)
        access = Access(role=Role.AGENT, sight=Sight.ALL, teams=frozenset())

        with pytest.raises(LastAdmin):
            change_access(agent_id=admin.pk, access=access)

        admin.refresh_from_db()
        assert admin.role == Role.ADMIN

    def test_withdraws_what_a_former_admin_invited(self):
        admin, _ = UserFactory(admin=True), UserFactory(admin=True)
        invited = invite_agent(email="friend@people.example", actor=admin)

        change_access(
            agent_id=admin.pk,
            access=Access(role=Role.AGENT, sight=Sight.ALL, teams=frozenset()),
        )

        with pytest.raises(InvitationInvalid):
            open_invitation(token=invited.token)


class TestDeactivateAgent:
    def test_signs_out_everywhere_and_for_good(self, client, announced):
        agent = UserFactory()
        client.force_login(agent)

        heard = announced(deactivate_agent, agent_id=agent.pk)
        reactivate_agent(agent_id=agent.pk)

        assert heard == [agent.pk]
        assert client.get("/").status_code == 302

    def test_leaves_other_people_signed_in(self, client):
        colleague = UserFactory()
        client.force_login(colleague)

        deactivate_agent(agent_id=UserFactory().pk)

        assert client.get("/account/profile/").status_code == 200

    def test_refuses_the_last_admin(self):
        admin = UserFactory(admin=True)

        with pytest.raises(LastAdmin):
            deactivate_agent(agent_id=admin.pk)

        admin.refresh_from_db()
        assert admin.is_active


class TestChangeMembers:
    def test_tells_those_who_come_and_those_who_go(self, announced):
        goes, stays, comes = UserFactory(), UserFactory(), UserFactory()
        team = TeamFactory(members=[goes, stays])

        heard = announced(
            change_members,
            team_id=team.pk,
            member_ids=frozenset({stays.pk, comes.pk}),
        )

        assert set(heard) == {goes.pk, comes.pk}
        assert set(team.members.all()) == {stays, comes}
