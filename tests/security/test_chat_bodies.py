"""Whatever a visitor's browser sends: read as our JSON, or refused in so many words.

Never an error of ours: one visitor must not fill the log, the memory or a worker.
"""

import base64
import json
import uuid

import pytest

from helpdesk.api.v1.chat.parsers import MOST_JSON
from tests.factories import WebchatChannelFactory
from tests.factories.chat import bearer_of
from tests.helpdesk.chat.signing import signed_fields
from tests.helpdesk.chat.visiting import Browser, message_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]

HUGE = "1" + "0" * 400
HALF = "\\ud800"
CHARSETS = ["zlib", "bz2", "hex", "base64", "rot13", "uu", "punycode", "undefined"]


@pytest.fixture
def browser():
    return Browser(channel=WebchatChannelFactory(chat={"tracks_visits": True}))


def nested(depth, opening="[", closing="]"):
    return opening * depth + closing * depth


def without_signature(header):
    head = base64.urlsafe_b64encode(header).decode().rstrip("=")
    return f"{head}.e30.AAAA"


def shape_of(answer):
    assert answer.status_code < 500
    assert answer["Content-Type"] == "application/json"
    if answer.status_code >= 400:
        assert set(answer.json()) == {"error"}
    return answer.status_code


BEGINNINGS = {
    "half a character as token": f'{{"token": "VISITOR.{HALF}"}}',
    "NUL as token": '{"token": "VISITOR.\\u0000"}',
    "half a character as stamp": f'{{"stamp": "{HALF}:1:a"}}',
    "half a character as proof": f'{{"identity": "{HALF}.a.b"}}',
    "half a character as signature": (
        f'{{"identity": {{"user_id": "1", "expires_at": 1, "signature": "{HALF}"}}}}'
    ),
    "a proof nested without end": json.dumps(
        {"identity": without_signature(b"[" * 2000)}
    ),
    "a proof that is too long": json.dumps({"identity": "a" * 50_000}),
    "an end of time": (
        f'{{"identity": {{"user_id": "1", "expires_at": {HUGE}, "signature": "a"}}}}'
    ),
    "a number of hundreds of digits": f'{{"attributes": {{"a": {HUGE}}}}}',
    "a number of thousands of digits": '{"attributes": {"a": %s}}' % ("1" * 5000),
    "what is no number": '{"attributes": {"a": NaN}}',
    "infinity": '{"attributes": {"a": 1e999}}',
    "attributes nested without end": f'{{"attributes": {{"a": {nested(600)}}}}}',
    "objects nested without end": nested(5000, '{"a":', "}"),
    "lists nested without end": nested(30_000),
    "a list": "[]",
    "a word": '"token"',
    "nothing": "",
    "bytes": "\xff\xfe",
    "half of it": '{"token": ',
}
MESSAGES = {
    **{
        f"an answer nested {depth} deep": (
            f'"form": [{{"name": "a", "value": {nested(depth)}}}]'
        )
        for depth in (9, 300, 450, 700)
    },
    "half a character everywhere": (
        f'"text": "{HALF}", "page": {{"title": "{HALF}\\u0000", "url": "{HALF}"}}'
    ),
    "an address that is none": '"page": {"url": "https://[::1", "title": "a"}',
    "the beginning of time": '"sent_at": "0001-01-01T00:00:00+14:00"',
    "the end of time": '"sent_at": "9999-12-31T23:59:59-14:00"',
    "a number as time": f'"sent_at": {HUGE}',
    "a number as text": f'"text": {HUGE}',
    "many answers": '"form": {}'.format(json.dumps([{"name": "a", "value": 1}] * 5000)),
}
QUERIES = [
    "conversations/?before=%00",
    "conversations/?before=%ED%A0%80",
    "conversations/?before=99999999999999999_" + "f" * 32,
    "news/?since=%00",
    "news/?since=0001-01-01T00:00:00%2B14:00",
    "news/?since=9999-12-31T23:59:59-14:00",
    "me/?format=%00",
    "channels/%00/",
    "channels/a%00b/",
    "channels/%FF/",
    "files/00000000-0000-0000-0000-000000000000/?token=%00",
    "%00/",
]


class TestBody:
    @pytest.mark.parametrize("body", BEGINNINGS.values(), ids=BEGINNINGS)
    @pytest.mark.parametrize("path", ["channels/{key}/sessions/", "me/"])
    def test_is_ours_or_refused(self, browser, client, path, body):
        answer = client.generic(
            "PATCH" if path == "me/" else "POST",
            "/api/v1/chat/" + path.format(key=browser.visitor.channel.address),
            body.replace("VISITOR", str(browser.visitor.public_id)).encode("latin-1"),
            content_type="application/json",
            headers=bearer_of(browser.visitor) if path == "me/" else {},
        )

        assert shape_of(answer) in (200, 400, 401)

    @pytest.mark.parametrize("part", MESSAGES.values(), ids=MESSAGES)
    def test_of_a_message_is_ours_or_refused(self, browser, part):
        ids = json.dumps(message_of())[1:-1]
        body = f'{{{ids}, "text": "Hello", {part}}}'

        assert shape_of(browser.post_raw("messages/", body)) in (202, 400)

    @pytest.mark.parametrize("depth", [9, 450, 700])
    def test_beside_files_is_read_no_less_carefully(self, browser, depth):
        message = json.dumps(message_of(text="Hello"))[:-1]
        form = f', "form": [{{"name": "a", "value": {nested(depth)}}}]}}'
        part = (
            '--x\r\nContent-Disposition: form-data; name="message"\r\n\r\n'
            f"{message}{form}\r\n--x--\r\n"
        )

        answer = browser.post_raw("messages/", part, "multipart/form-data; boundary=x")

        assert shape_of(answer) == 400

    def test_that_would_fill_the_memory_is_not_read(self, browser):
        body = "[" + "[]," * (MOST_JSON // 3) + "[]]"
        part = (
            '--x\r\nContent-Disposition: form-data; name="message"\r\n\r\n'
            f"{body}\r\n--x--\r\n"
        )

        plain = browser.post_raw("messages/", body)
        beside_files = browser.post_raw(
            "messages/", part, "multipart/form-data; boundary=x"
        )

        assert (shape_of(plain), shape_of(beside_files)) == (413, 413)

    @pytest.mark.parametrize("charset", CHARSETS)
    def test_is_utf8_whatever_it_says(self, browser, charset):
        body = json.dumps(message_of(text="Grüße"), ensure_ascii=False)

        answer = browser.post_raw(
            "messages/", body, f"application/json; charset={charset}"
        )
        asked = browser._client.generic(
            "GET",
            "/api/v1/chat/conversations/?before=a",
            content_type=f"application/json; charset={charset}",
            headers=bearer_of(browser.visitor),
        )

        assert (shape_of(answer), shape_of(asked)) == (202, 400)
        assert [it["text"] for it in browser.messages_everywhere()] == ["Grüße"]

    def test_of_a_proof_with_an_endless_number_proves_nothing(self, browser, client):
        key = browser.visitor.channel.address
        proof = {**signed_fields(key=key), "expires_at": int(HUGE)}

        answer = client.post(
            f"/api/v1/chat/channels/{key}/sessions/",
            {"identity": proof},
            content_type="application/json",
        )

        assert shape_of(answer) == 401

    def test_of_a_visit_is_ours_or_nothing(self, browser, client):
        key = browser.visitor.channel.address
        for url in ("https://[::1", f"https://shop.example/{chr(0xD800)}\0", 5, None):
            sent = {"visit": str(uuid.uuid4()), "title": "\ud800\0", "url": url}

            answer = client.post(
                f"/api/v1/chat/channels/{key}/visits/",
                json.dumps(sent),
                content_type="application/json",
            )

            assert answer.status_code == 204


class TestAddress:
    @pytest.mark.parametrize("path", QUERIES)
    def test_is_ours_or_refused(self, browser, path):
        answer = browser._client.get(
            f"/api/v1/chat/{path}", headers=bearer_of(browser.visitor)
        )

        assert shape_of(answer) in (200, 400, 403, 404)
