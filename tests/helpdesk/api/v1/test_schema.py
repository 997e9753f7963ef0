import re

import yaml
from django.urls import get_resolver

from helpdesk.api.v1.schema import SCHEMA_FILE, described


def addresses():
    """Return the addresses of the API as its description writes them."""
    found = get_resolver("helpdesk.api.v1.chat.urls").url_patterns
    return {
        "/api/v1/chat/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(it.pattern))
        for it in found
        if it.name != "chat-nothing"
    }


class TestSchema:
    def test_is_what_the_views_are(self):
        """If not: `python manage.py write_api_schema`, and look at the difference."""
        assert SCHEMA_FILE.read_text(encoding="utf-8") == described()

    def test_has_every_address(self):
        assert set(yaml.safe_load(described())["paths"]) == addresses()

    def test_says_how_each_answer_looks_and_who_may_ask(self):
        schema = yaml.safe_load(described())

        for path, methods in schema["paths"].items():
            for operation in methods.values():
                assert not operation["operationId"].startswith("chat_"), path
                assert operation["responses"].keys() > {"default"}
        write = schema["paths"]["/api/v1/chat/messages/"]["post"]
        assert write["security"] == [{"visitor": []}]
        assert "multipart/form-data" in write["requestBody"]["content"]

    def test_is_served_to_everybody(self, client):
        answer = client.get("/api/v1/schema/")

        assert answer.content == SCHEMA_FILE.read_bytes()
        assert answer["Access-Control-Allow-Origin"] == "*"
