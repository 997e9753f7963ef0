import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as fuzz
from hypothesis import strategies as st

from channels_ingest.models import EventState, InboundEvent
from helpdesk.api.v1.chat import messages as messages_view
from helpdesk.core.limits import Limit
from tests.helpdesk.chat.visiting import error_of, message_of, settle

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None), max_size=30)
    | st.uuids().map(str),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)
FIELDS = [*("client_id", "conversation", "topic", "text", "form"), "page"]
FIELDS += ["invitation", "sent_at", "message", "files"]
OFTEN = fuzz(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
UNDERSTOOD = {202, 400, 403, 404, 413, 415, 429}


class TestNonsense:
    @pytest.fixture(autouse=True)
    def _no_limits(self, monkeypatch):
        from helpdesk.api.v1.chat import views

        endless = Limit(name="test-endless", count=10**9, seconds=60)
        monkeypatch.setattr(messages_view, "VISITOR_MESSAGES", endless)
        monkeypatch.setattr(views, "VISITOR_REQUESTS", endless)
        monkeypatch.setattr(views, "ADDRESS_REQUESTS", endless)

    @OFTEN
    @given(changes=st.dictionaries(st.sampled_from(FIELDS), ANYTHING, max_size=4))
    def test_in_fields_is_never_our_mistake(self, browser, changes):
        answer = browser.post("messages/", {**message_of(text="x"), **changes})

        assert answer.status_code in UNDERSTOOD
        if answer.status_code != 202:
            assert set(error_of(answer)) >= {"code", "message"}

    @OFTEN
    @given(body=ANYTHING)
    def test_as_body_is_never_our_mistake(self, browser, body):
        answer = browser.post("messages/", body)

        assert answer.status_code in UNDERSTOOD

    @OFTEN
    @given(
        body=st.binary(max_size=200),
        kind=st.sampled_from(
            [
                "application/json",
                "application/json; charset=klingon",
                "multipart/form-data; boundary=x",
                "multipart/form-data",
                "text/plain",
                "",
            ]
        ),
    )
    def test_in_bytes_is_never_our_mistake(self, browser, body, kind):
        answer = browser.post_raw("messages/", body, content_type=kind)

        assert answer.status_code in UNDERSTOOD

    @pytest.mark.parametrize("opening", ["[", '{"text":'])
    def test_nested_without_end_is_no_json(self, browser, opening):
        answer = browser.post_raw("messages/", opening * 60_000)

        assert answer.status_code == 400

    def test_in_a_part_is_no_json_either(self, browser):
        content = (
            b'--x\r\nContent-Disposition: form-data; name="message"\r\n\r\n%s\r\n--x--'
        )
        kind = "multipart/form-data; boundary=x"

        for part in (b"", b"nope", b"[" * 60_000, b"\xff\xfe"):
            answer = browser.post_raw("messages/", content % part, content_type=kind)
            assert answer.status_code == 400

    def test_of_a_thousand_parts_is_refused(self, browser):
        head = b'--x\r\nContent-Disposition: form-data; name="f%d"; filename="f"'
        part = head + b"\r\n\r\nx\r\n"
        content = b"".join(part % number for number in range(1500)) + b"--x--"

        answer = browser.post_raw(
            "messages/", content, content_type="multipart/form-data; boundary=x"
        )

        assert answer.status_code == 400

    @OFTEN
    @given(text=st.text(st.characters(codec=None), min_size=1, max_size=200))
    def test_in_words_reaches_the_timeline(self, browser, text):
        answer = browser.write(text)

        if answer.status_code == 202:
            settle()
            assert not InboundEvent.objects.exclude(state=EventState.DONE).exists()
