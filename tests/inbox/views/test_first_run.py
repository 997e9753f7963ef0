from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from helpdesk.accounts.models import User
from inbox.models import Brand, Channel
from tests.factories import UserFactory

FACTS = {
    "brand_name": "Fjord Shop",
    "address": "Support@Fjord.example",
    "admin_name": "Noor Okafor",
    "email": "noor@fjord.example",
    "password": "correct-horse-battery",
}


def url():
    return reverse("inbox:first-run")


@pytest.mark.django_db
class TestFirstRun:
    def test_makes_brand_admin_and_channel_and_signs_in(self, client):
        assert client.get(url()).status_code == 200

        response = client.post(url(), FACTS)

        admin = User.objects.get()
        assert response["Location"] == reverse("inbox:queue", args=["all"])
        assert client.get(response["Location"]).status_code == 200
        assert (admin.email, admin.is_admin) == ("noor@fjord.example", True)
        assert admin.check_password("correct-horse-battery")
        assert Channel.objects.get().address == "support@fjord.example"
        assert Channel.objects.get().brand == Brand.objects.get()

    def test_is_gone_once_anybody_works_here(self, client):
        UserFactory()

        assert client.get(url()).status_code == 404
        assert client.post(url(), FACTS).status_code == 404
        assert User.objects.count() == 1

    @pytest.mark.parametrize(
        "changes",
        [
            {"password": "short"},
            {"password": "noor@fjord.example"},
            {"email": "nobody"},
            {"address": "nobody"},
            {"address": "noor@fjord.example"},
            {"brand_name": ""},
        ],
    )
    def test_says_what_is_missing_and_makes_nothing(self, client, changes):
        response = client.post(url(), {**FACTS, **changes})

        assert response.status_code == 422
        assert not User.objects.exists()
        assert not Brand.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestFirstRunAtOnce:
    def test_makes_one_admin(self):
        def post(n):
            facts = {**FACTS, "email": f"admin{n}@fjord.example"}
            status = Client().post(url(), facts).status_code
            connection.close()
            return status

        with ThreadPoolExecutor(6) as pool:
            statuses = sorted(pool.map(post, range(6)))

        assert statuses == [302, 404, 404, 404, 404, 404]
        assert User.objects.count() == 1
        assert Channel.objects.count() == 1
