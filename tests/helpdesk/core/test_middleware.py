import logging
import re

from django.db import OperationalError
from django.http import HttpResponse
from django.utils.functional import SimpleLazyObject

from helpdesk.core.middleware import RequestLog
from tests.factories import UserFactory


class TestRequestLog:
    def test_gives_each_answer_an_id(self, client):
        first = client.get("/healthz")["X-Request-ID"]
        second = client.get("/healthz")["X-Request-ID"]

        assert first != second

    def test_keeps_the_id_that_a_proxy_gave(self, client):
        response = client.get("/healthz", headers={"X-Request-ID": "from-proxy-1"})

        assert response["X-Request-ID"] == "from-proxy-1"

    def test_makes_its_own_when_the_given_one_could_forge_a_line(self, client):
        response = client.get("/healthz", headers={"X-Request-ID": "x\nERROR forged"})

        assert "forged" not in response["X-Request-ID"]

    def test_writes_the_route_and_never_what_was_asked(self, client, caplog):
        with caplog.at_level(logging.INFO):
            client.get("/healthz?email=maya@example.com")

        assert "GET healthz 200" in caplog.text
        assert "maya" not in caplog.text

    def test_tells_only_whoever_is_signed_in_how_long_it_took(self, client, db):
        before = client.get("/account/sign-in/")
        client.force_login(UserFactory())
        after = client.get("/queues/")

        assert "Server-Timing" not in before
        assert re.fullmatch(r"app;dur=\d+\.\d", after["Server-Timing"])

    def test_lets_an_answer_out_when_nobody_can_be_recognized(self, rf):
        def database_is_away():
            raise OperationalError

        request = rf.get("/healthz")
        request.resolver_match = None
        request.user = SimpleLazyObject(database_is_away)

        response = RequestLog(lambda _: HttpResponse(status=503))(request)

        assert response.status_code == 503


class TestAnyHostForProbes:
    def test_lets_a_load_balancer_ask_by_address(self, client):
        assert client.get("/healthz", headers={"Host": "10.0.0.7"}).status_code == 200

    def test_lets_nobody_else_do_so(self, client):
        response = client.get("/admin/login/", headers={"Host": "10.0.0.7"})

        assert response.status_code == 400
