import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import TimelineItemFactory, UserFactory
from tests.factories.accounts import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent():
    return UserFactory(name="Noor Okafor", sight="assigned")


@pytest.fixture
def desk(client, agent):
    client.force_login(agent)
    return client


def save(desk, **changes):
    data = {"name": "Noor O.", "signature": "", "theme": "", "locale": "", **changes}
    return desk.post(reverse("accounts:profile"), data)


class TestProfile:
    def test_is_kept(self, desk, agent):
        save(desk, signature="Noor\nSupport", theme="dark", locale="de")

        agent.refresh_from_db()
        assert (agent.name, agent.theme, agent.locale) == ("Noor O.", "dark", "de")
        assert agent.signature == "Noor\nSupport"

    def test_grants_nothing(self, desk, agent):
        save(
            desk,
            role="admin",
            sight="all",
            is_active="0",
            is_staff="1",
            email="root@desk.example",
            teams="1",
            password="x",
        )

        agent.refresh_from_db()
        assert (agent.role, agent.sight) == ("agent", "assigned")
        assert agent.email != "root@desk.example"
        assert agent.check_password(PASSWORD)

    def test_cleans_the_signature(self, desk, agent):
        save(desk, signature='<b>N</b><img src=x onerror="x()"><script>x()</script>')

        agent.refresh_from_db()
        assert agent.signature == "<b>N</b>"

    @pytest.mark.parametrize(
        "changes",
        [{"name": ""}, {"theme": "pink"}, {"locale": "xx"}, {"time_zone": "Mars/X"}],
    )
    def test_refuses_nonsense(self, desk, changes):
        assert save(desk, **changes).status_code == 422


class TestPreferences:
    def test_are_the_language_and_the_clock_of_every_page(self, desk, agent):
        item = TimelineItemFactory(
            conversation__assignee=agent, occurred_at="2026-06-01T12:00:00Z"
        )
        agent.locale, agent.time_zone = "ar", "Asia/Tokyo"
        agent.save()

        response = desk.get(f"/conversations/{item.conversation_id}/")

        page = response.content.decode()
        assert response["Content-Language"] == "ar"
        assert 'dir="rtl"' in page
        assert "21:00" in page

    def test_of_one_agent_are_gone_with_the_request(self, desk, agent):
        agent.locale = "de"
        agent.save()
        desk.get("/queues/mine/")

        other = Client()
        other.force_login(UserFactory())

        assert other.get("/queues/mine/")["Content-Language"] == "en"


class TestPassword:
    def change(self, desk, current=PASSWORD, password="another-good-one"):
        data = {"current": current, "password": password}
        return desk.post(reverse("accounts:password"), data)

    def test_change_ends_every_other_session(self, desk, agent):
        elsewhere = Client()
        elsewhere.force_login(agent)

        self.change(desk)

        assert desk.get("/queues/mine/").status_code == 200
        assert elsewhere.get("/queues/mine/").status_code == 302

    @pytest.mark.parametrize(
        ("current", "password"),
        [("wrong", "another-good-one"), (PASSWORD, "short"), (PASSWORD, "0123456789")],
    )
    def test_is_not_changed_without_the_old_one_or_to_a_bad_one(
        self, desk, agent, current, password
    ):
        response = self.change(desk, current, password)

        agent.refresh_from_db()
        assert response.status_code == 422
        assert agent.check_password(PASSWORD)


class TestAvailability:
    def test_is_switched(self, desk, agent):
        desk.post(reverse("accounts:availability"), {"is_available": "0"})

        agent.refresh_from_db()
        assert not agent.is_available


class TestLosingAccess:
    @pytest.mark.parametrize("change", [{"role": "viewer"}, {"is_active": False}])
    def test_ends_the_session(self, desk, agent, change):
        type(agent).objects.filter(pk=agent.pk).update(**change)

        assert desk.get("/queues/mine/").status_code == 302
