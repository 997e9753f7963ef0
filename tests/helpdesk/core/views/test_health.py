import pytest


class TestHealthz:
    def test_answers_without_signing_in(self, client):
        response = client.get("/healthz")

        assert response.status_code == 200
        assert response.content == b"ok\n"


@pytest.mark.django_db
class TestReadyz:
    def test_is_ready_when_servers_answer_and_tables_are_current(self, client):
        response = client.get("/readyz")

        assert response.json() == {"ready": True, "problems": {}}
        assert response.status_code == 200
