import re

import pytest
from django.core import mail
from django.urls import reverse

from helpdesk.accounts.models import User
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
NEW = {"email": "new@desk.example", "name": "New", "role": "agent", "sight": "all"}


@pytest.fixture
def admin_desk(client):
    client.force_login(UserFactory(admin=True))
    return client


def link_of(sent):
    return re.search(r"https?://\S+", sent.body)[0]


class TestInvite:
    def test_mails_a_link_of_this_desk_whatever_the_request_says(
        self, admin_desk, settings, client
    ):
        admin_desk.post(reverse("accounts:invite"), NEW, headers={"Host": "localhost"})

        link = link_of(mail.outbox[0])
        assert link.startswith(f"{settings.PUBLIC_URL}/account/invitation/")
        assert mail.outbox[0].to == ["new@desk.example"]

    def test_shows_the_link_to_hand_over(self, admin_desk):
        page = admin_desk.post(reverse("accounts:invite"), NEW)

        assert link_of(mail.outbox[0]) in page.text
        assert "on its way" in page.text

    @pytest.mark.parametrize(
        "way",
        [
            "django.core.mail.backends.console.EmailBackend",
            "django.core.mail.backends.smtp.EmailBackend",
        ],
    )
    def test_says_so_if_no_mail_could_be_sent(self, admin_desk, settings, way):
        settings.EMAIL_BACKEND = way
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

        page = admin_desk.post(reverse("accounts:invite"), NEW)

        assert page.status_code == 200
        assert "No mail could be sent" in page.text
        assert "/account/invitation/" in page.text

    @pytest.mark.parametrize("role", ["viewer", "agent", "lead"])
    def test_is_for_admins(self, client, role):
        client.force_login(UserFactory(role=role))

        assert client.post(reverse("accounts:invite"), NEW).status_code == 403
        assert not mail.outbox


class TestAccept:
    def link(self, admin_desk, **changes):
        admin_desk.post(reverse("accounts:invite"), {**NEW, **changes})
        admin_desk.logout()
        return "/" + link_of(mail.outbox[0]).split("/", 3)[3]

    def test_makes_an_agent_who_is_signed_in(self, admin_desk):
        link = self.link(admin_desk)

        admin_desk.post(link, {"name": "New Person", "password": "correct-horse-1"})

        assert User.objects.get(email="new@desk.example").name == "New Person"
        assert admin_desk.get("/queues/mine/").status_code == 200

    def test_grants_what_the_admin_chose_and_no_more(self, admin_desk):
        link = self.link(admin_desk, role="viewer", sight="assigned")

        admin_desk.post(
            link,
            {
                "name": "New",
                "password": "correct-horse-1",
                "role": "admin",
                "sight": "all",
                "email": "root@desk.example",
            },
        )

        agent = User.objects.get(email="new@desk.example")
        assert (agent.role, agent.sight) == ("viewer", "assigned")

    def test_is_gone_after_use(self, admin_desk, client):
        link = self.link(admin_desk)
        facts = {"name": "New", "password": "correct-horse-1"}
        client.post(link, facts)

        assert client.get(link).status_code == 404
        assert client.post(link, facts).status_code == 404

    @pytest.mark.parametrize("token", ["%20", "null", "0", "%00", "a" * 43])
    def test_knows_no_other_link(self, client, token):
        UserFactory()

        assert client.get(f"/account/invitation/{token}/").status_code == 404
