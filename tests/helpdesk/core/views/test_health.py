import os
import signal

import pytest
from django.db import OperationalError, connection

from helpdesk.core import readiness
from helpdesk.core.embedded import EmbeddedValkey


class TestHealthz:
    def test_answers_without_signing_in_and_without_servers(self, client):
        response = client.get("/healthz")

        assert response.status_code == 200
        assert response.content == b"ok\n"


@pytest.mark.django_db
class TestReadyz:
    def test_is_ready_when_servers_answer_and_tables_are_current(self, client):
        response = client.get("/readyz")

        assert response.json() == {"ready": True, "problems": {}}
        assert response.status_code == 200

    def test_is_not_ready_while_valkey_is_away(self, client, settings, tmp_path):
        valkey = EmbeddedValkey(tmp_path)
        valkey.start(death_signal=signal.SIGTERM)
        settings.REDIS_URL = valkey.url
        assert client.get("/readyz").status_code == 200

        os.kill(valkey.pid, signal.SIGKILL)
        response = client.get("/readyz")

        assert response.status_code == 503
        assert response.json()["problems"] == {"valkey": "Valkey does not answer."}

    def test_is_not_ready_before_the_tables_are_current(self, client):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")

        response = client.get("/readyz")

        assert response.status_code == 503
        assert list(response.json()["problems"]) == ["migrations"]

    def test_is_not_ready_while_the_database_is_away(self, client, monkeypatch):
        def refuse():
            raise OperationalError

        monkeypatch.setattr(readiness.connection, "cursor", refuse)

        response = client.get("/readyz")

        assert response.status_code == 503
        assert response.json()["problems"]["database"] == "PostgreSQL does not answer."


@pytest.mark.django_db
class TestMetrics:
    def test_counts_requests_by_route_and_what_waits(self, client):
        client.get("/healthz")

        text = client.get("/metrics").content.decode()

        assert 'tributary_request_seconds_count{method="GET",status="200"' in text
        assert "tributary_journal_oldest_seconds 0.0" in text
        assert 'tributary_journal_depth{state="new"} 0.0' in text

    def test_is_for_this_machine_only(self, client):
        response = client.get("/metrics", REMOTE_ADDR="203.0.113.7")

        assert response.status_code == 403

    def test_does_not_take_a_proxy_for_this_machine(self, client):
        response = client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"})

        assert response.status_code == 403

    def test_is_for_whoever_knows_the_token(self, client, settings):
        settings.METRICS_TOKEN = "let-me-read"

        known = client.get("/metrics", headers={"Authorization": "Bearer let-me-read"})
        guessed = client.get("/metrics", headers={"Authorization": "Bearer guess"})

        assert known.status_code == 200
        assert guessed.status_code == 403
        assert client.get("/metrics").status_code == 403


class TestEveryAnswer:
    def test_allows_scripts_and_styles_from_nowhere_else(self, client):
        policy = client.get("/healthz")["Content-Security-Policy"]

        assert "default-src 'none'" in policy
        assert "script-src 'self';" in f"{policy};"
        assert "style-src 'self';" in f"{policy};"
        assert "unsafe-eval" not in policy

    def test_tells_browsers_to_be_careful(self, client):
        response = client.get("/healthz")

        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["X-Frame-Options"] == "DENY"
        assert response["Referrer-Policy"] == "same-origin"
        assert response["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "camera=()" in response["Permissions-Policy"]
