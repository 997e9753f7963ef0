import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from helpdesk.accounts.tasks import send_reset_mail
from helpdesk.core.doorbell import valkey
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
NEW = {"password": "another-good-one"}


@pytest.fixture(autouse=True)
def _forget_tries():
    valkey().flushdb()


@pytest.fixture
def agent():
    return UserFactory(email="noor@desk.example")


@pytest.fixture
def asked(monkeypatch):
    """Whom the worker is told to write to."""
    told = []
    monkeypatch.setattr(
        "helpdesk.accounts.tasks.send_reset_mail.delay",
        lambda *, email: told.append(email),
    )
    return told


def ask(client, email="noor@desk.example", **more):
    return client.post(reverse("accounts:reset"), {"email": email}, **more)


def _words(response):
    """The page without the token that is new on every one."""
    token = response.context["csrf_token"]
    return response.status_code, response.content.decode().replace(str(token), "")


def link_for(email="noor@desk.example"):
    send_reset_mail(email=email)
    return "/" + re.search(r"https?://\S+", mail.outbox[-1].body)[0].split("/", 3)[3]


class TestAsk:
    def test_says_the_same_whether_or_not_there_is_such_an_account(
        self, client, agent, asked
    ):
        known = ask(client)
        unknown = ask(client, "nobody@desk.example")

        assert known.status_code == unknown.status_code == 200
        assert _words(known) == _words(unknown)
        assert asked == ["noor@desk.example", "nobody@desk.example"]

    def test_does_not_look_the_account_up_while_somebody_waits(
        self, client, agent, asked, django_assert_num_queries
    ):
        with django_assert_num_queries(0):
            ask(client)

    def test_stops_writing_after_a_few_whatever_address_is_named(
        self, client, agent, asked
    ):
        answers = {
            _words(ask(client, headers={"X-Forwarded-For": f"203.0.113.{n}"}))
            for n in range(6)
        }

        assert len(answers) == 1
        assert len(asked) == 3


class TestSendResetMail:
    def test_writes_to_agents_alone(self, agent):
        send_reset_mail(email="nobody@desk.example")
        UserFactory(email="left@desk.example", is_active=False)
        send_reset_mail(email="left@desk.example")

        assert not mail.outbox


class TestConfirm:
    def test_sets_the_password_and_ends_every_session(self, client, agent):
        elsewhere = Client()
        elsewhere.force_login(agent)

        client.post(link_for(), NEW)

        agent.refresh_from_db()
        assert agent.check_password("another-good-one")
        assert elsewhere.get("/queues/mine/").status_code == 302

    def test_works_once(self, client, agent):
        link = link_for()
        client.post(link, NEW)

        assert client.post(link, {"password": "yet-another-one"}).status_code == 404

    def test_ends_in_time(self, client, agent, settings):
        link = link_for()
        later = timezone.now() + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT + 1)

        with time_machine.travel(later):
            assert client.post(link, NEW).status_code == 404

    @pytest.mark.parametrize("token", ["%20", "0", "null", "x-y", "set-password"])
    def test_knows_no_other_link(self, client, agent, token):
        uid = link_for().split("/")[3]

        assert client.post(f"/account/reset/{uid}/{token}/", NEW).status_code == 404

    @pytest.mark.parametrize("uid", ["MA", "x", "%00", "OTk5", "LTE", "_" * 40])
    def test_knows_no_other_person(self, client, agent, uid):
        token = link_for().split("/")[4]

        assert client.post(f"/account/reset/{uid}/{token}/", NEW).status_code == 404
