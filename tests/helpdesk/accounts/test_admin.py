import pytest
from django.urls import reverse

from helpdesk.accounts.actions import invite_agent
from helpdesk.accounts.models import Invitation
from helpdesk.accounts.roles import Role
from tests.factories import TeamFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return UserFactory(admin=True, name="Ada")


@pytest.fixture
def settings_client(client, admin):
    client.force_login(admin)
    return client


def agent_form(agent, **changes):
    return {
        "name": agent.name,
        "email": agent.email,
        "role": agent.role,
        "sight": agent.sight,
        "is_active": "on",
        **changes,
    }


def change_url(row):
    return reverse(
        f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk]
    )


class TestDeskAdminSite:
    @pytest.mark.parametrize("role", [Role.VIEWER, Role.AGENT, Role.LEAD])
    def test_lets_nobody_in_but_admins(self, client, role):
        client.force_login(UserFactory(role=role))

        answer = client.get(reverse("admin:index"), follow=True)

        assert answer.status_code == 403

    def test_sends_strangers_to_the_one_sign_in_page(self, client):
        answer = client.get(reverse("admin:index"), follow=True)

        assert answer.redirect_chain[-1][0].startswith(reverse("accounts:sign-in"))

    def test_groups_by_what_things_are_for(self, settings_client):
        page = settings_client.get(reverse("admin:index"))

        sections = [app["app_label"] for app in page.context["app_list"]]
        assert sections == ["people", "channels", "words", "traffic", "desk"]

    def test_shows_every_list_and_no_script_or_style_inside_a_page(
        self, settings_client
    ):
        index = settings_client.get(reverse("admin:index"))
        lists = [
            model["admin_url"]
            for app in index.context["app_list"]
            for model in app["models"]
        ]

        assert len(lists) >= 14
        for url in lists:
            page = settings_client.get(url).content.decode()
            assert "<style" not in page
            assert ' style="' not in page
            assert "<script>" not in page
            assert "onclick=" not in page


class TestAgentAdmin:
    def test_shows_neither_password_nor_its_hash(self, settings_client):
        agent = UserFactory()

        page = settings_client.get(change_url(agent)).content.decode()

        assert agent.password not in page
        assert 'type="password"' not in page
        assert 'name="password"' not in page

    def test_changes_role_and_teams(self, settings_client):
        agent, team = UserFactory(), TeamFactory()

        settings_client.post(
            change_url(agent), agent_form(agent, role=Role.LEAD, teams=[team.pk])
        )

        agent.refresh_from_db()
        assert agent.role == Role.LEAD
        assert list(agent.teams.all()) == [team]

    @pytest.mark.parametrize("change", [{"role": Role.AGENT}, {"is_active": ""}])
    def test_says_why_the_last_admin_stays(self, settings_client, admin, change):
        page = settings_client.post(change_url(admin), agent_form(admin, **change))

        admin.refresh_from_db()
        assert admin.is_admin
        assert "This is the only admin" in page.content.decode()

    def test_deactivates_but_never_the_last_admin(self, settings_client, admin):
        agent = UserFactory()
        url = reverse("admin:accounts_user_changelist")

        for chosen in (agent, admin):
            settings_client.post(
                url,
                {"action": "deactivate_selected", "_selected_action": [chosen.pk]},
            )

        agent.refresh_from_db()
        admin.refresh_from_db()
        assert not agent.is_active
        assert admin.is_active

    def test_invites_instead_of_adding(self, settings_client):
        answer = settings_client.get(reverse("admin:accounts_user_add"))

        assert answer.url == reverse("accounts:invite")


class TestTeamAdmin:
    def test_sets_members(self, settings_client):
        agent = UserFactory()

        settings_client.post(
            reverse("admin:accounts_team_add"),
            {"name": "Returns", "members": [agent.pk]},
        )

        assert [team.name for team in agent.teams.all()] == ["Returns"]

    def test_keeps_a_private_team(self, settings_client):
        team = TeamFactory(is_private=True)

        answer = settings_client.post(
            reverse("admin:accounts_team_delete", args=[team.pk]), {"post": "yes"}
        )

        assert answer.status_code == 403


class TestInvitationAdmin:
    def test_withdraws_an_invitation(self, settings_client, admin):
        invited = invite_agent(email="new@people.example", actor=admin).invitation

        settings_client.post(
            reverse("admin:accounts_invitation_delete", args=[invited.pk]),
            {"post": "yes"},
        )

        assert not Invitation.objects.exists()
