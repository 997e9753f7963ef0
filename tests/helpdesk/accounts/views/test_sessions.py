import pytest
from django.test import Client
from django.urls import reverse

from helpdesk.core.doorbell import valkey
from tests.factories import UserFactory
from tests.factories.accounts import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _forget_tries():
    valkey().flushdb()


def sign_in(client, email="noor@desk.example", password=PASSWORD, **more):
    data = {"username": email, "password": password, **more.pop("data", {})}
    return client.post(reverse("accounts:sign-in"), data, **more)


class TestSignIn:
    def test_leads_to_the_desk(self, client):
        UserFactory(email="noor@desk.example")

        response = sign_in(client, email=" Noor@Desk.example ")

        assert response["Location"] == "/"
        assert client.get("/queues/mine/").status_code == 200

    def test_leads_back_to_where_somebody_wanted_to_go(self, client):
        UserFactory(email="noor@desk.example")

        response = sign_in(client, data={"next": "/conversations/7/?queue=all"})

        assert response["Location"] == "/conversations/7/?queue=all"

    @pytest.mark.parametrize(
        "wanted",
        [
            "https://evil.example/",
            "//evil.example/",
            "/\\evil.example",
            "///evil.example",
            "javascript:alert(1)",
            "http:evil.example",
            "\x00//evil.example",
            "evil",
        ],
    )
    def test_leads_nowhere_else(self, client, wanted):
        UserFactory(email="noor@desk.example")

        assert sign_in(client, data={"next": wanted})["Location"] == "/"

    def test_says_the_same_whether_or_not_there_is_such_an_account(self, client):
        UserFactory(email="noor@desk.example")

        answers = {
            _words(sign_in(client, password="wrong")),
            _words(sign_in(client, email="nobody@desk.example")),
        }

        assert len(answers) == 1
        assert "do not fit together" in answers.pop()

    def test_looks_at_a_password_even_if_there_is_no_such_account(
        self, client, monkeypatch
    ):
        looked = []
        monkeypatch.setattr(
            "django.contrib.auth.hashers.MD5PasswordHasher.encode",
            lambda *_: looked.append(1) or "md5$x$y",
        )

        sign_in(client, email="nobody@desk.example")

        assert looked

    def test_refuses_somebody_who_left(self, client):
        UserFactory(email="noor@desk.example", is_active=False)

        assert sign_in(client).status_code == 422

    @pytest.mark.parametrize("email", ["noor@desk.example", "nobody@desk.example"])
    def test_grows_impatient_with_guessing_one_account(self, client, email):
        UserFactory(email="noor@desk.example")

        statuses = [
            sign_in(client, email=email, password=f"guess {n}").status_code
            for n in range(9)
        ]

        assert statuses == [422] * 8 + [429]

    def test_does_not_let_in_even_the_right_password_then(self, client):
        UserFactory(email="noor@desk.example")
        for n in range(8):
            sign_in(client, password=f"guess {n}")

        assert sign_in(client).status_code == 429

    def test_is_not_fooled_by_addresses_that_a_client_names(self, client):
        UserFactory(email="noor@desk.example")

        statuses = [
            sign_in(
                client,
                password="wrong",
                headers={"X-Forwarded-For": f"203.0.113.{n}"},
            ).status_code
            for n in range(9)
        ]

        assert statuses[-1] == 429

    def test_grows_impatient_in_django_admin_too(self, client):
        UserFactory(email="noor@desk.example", admin=True)
        for n in range(8):
            sign_in(client, password=f"guess {n}")

        client.post(
            "/admin/login/", {"username": "noor@desk.example", "password": PASSWORD}
        )

        assert "_auth_user_id" not in client.session

    def test_forgets_the_mistakes_of_somebody_who_got_it_right(self, client):
        UserFactory(email="noor@desk.example")
        for n in range(7):
            sign_in(client, password=f"guess {n}")

        assert sign_in(client).status_code == 302
        assert sign_in(Client(), password="wrong").status_code == 422

    def test_survives_nonsense(self, client):
        assert sign_in(client, email="\0", password="\0").status_code == 422
        assert sign_in(client, email="x" * 5000).status_code == 422


def _words(response):
    page = response.content.decode()
    return page[page.index('class="form-errors"') :].split("</div>")[0]


class TestSignOut:
    def test_ends_the_session(self, client):
        client.force_login(UserFactory())

        client.post(reverse("accounts:sign-out"))

        assert client.get("/queues/mine/").status_code == 302

    def test_takes_more_than_a_link(self, client):
        client.force_login(UserFactory())

        assert client.get(reverse("accounts:sign-out")).status_code == 405
        assert client.get("/queues/mine/").status_code == 200
