import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inbox.actions.conversations import close_conversation
from tests.factories import TimelineItemFactory, UserFactory
from tests.helpdesk.chat.visiting import answer_in, below, note_in

pytestmark = pytest.mark.django_db


class TestMessages:
    def test_shows_both_sides(self, browser, agent):
        conversation = browser.begin("Is it <b>blue</b>?")
        answer_in(
            conversation,
            agent=agent,
            text="Yes",
            html='<p>Yes<script>x()</script> <img src="https://x.example/p.png"></p>',
        )

        mine, ours = browser.messages(conversation)

        assert (mine["by"], mine["agent"], mine["html"]) == ("me", None, "")
        assert mine["text"] == "Is it <b>blue</b>?"
        assert mine["client_id"] is not None
        assert (ours["by"], ours["agent"]["name"]) == ("agent", "Noor Okafor")
        assert ours["client_id"] is None
        assert "<p>Yes" in ours["html"]
        assert "script" not in ours["html"]
        assert "x.example" not in ours["html"]

    def test_never_tells_an_agents_address(self, browser):
        nameless = UserFactory(name="", email="noor@desk.example")
        conversation = browser.begin()
        answer_in(conversation, agent=nameless)

        answer = browser.get(below(conversation, "messages/"))

        assert "noor@desk" not in answer.content.decode()

    def test_never_shows_notes_and_events(self, browser, agent):
        conversation = browser.begin()
        note_in(conversation, agent=agent)
        close_conversation(conversation_id=conversation.pk, actor=agent)

        assert len(browser.messages(conversation)) == 1

    @pytest.mark.parametrize("name", ["after", "before", "limit"])
    def test_names_the_number_that_is_none(self, browser, name):
        path = below(browser.begin(), "messages/")

        response = browser.get(path, **{name: "x"})

        error = response.json()["error"]
        assert (response.status_code, error["code"]) == (400, "invalid")
        assert error["fields"] == {name: ["A valid integer is required."]}

    def test_shows_no_forward(self, browser):
        conversation = browser.begin()
        TimelineItemFactory(
            conversation=conversation, outbound=True, payload={"mode": "forward"}
        )

        assert len(browser.messages(conversation)) == 1

    def test_shows_an_answer_of_the_desk_itself(self, browser):
        conversation = browser.begin()
        answer_in(conversation, agent=None)

        assert browser.messages(conversation)[-1]["by"] == "desk"

    def test_come_after_a_number(self, browser):
        conversation = browser.begin("Line 1")
        for number in range(2, 7):
            browser.write(f"Line {number}", conversation=str(conversation.public_id))

        page = browser.get(below(conversation, "messages/"), after=2, limit=2).json()

        assert [it["seq"] for it in page["results"]] == [3, 4]
        assert page["has_more"] is True
        assert page["conversation"]["last_seq"] == 6

    def test_come_before_a_number(self, browser):
        conversation = browser.begin("Line 1")
        for number in range(2, 7):
            browser.write(f"Line {number}", conversation=str(conversation.public_id))
        path = below(conversation, "messages/")

        newest = browser.get(path, limit=4).json()
        earlier = browser.get(path, before=3, limit=4).json()

        assert [it["seq"] for it in newest["results"]] == [3, 4, 5, 6]
        assert [it["seq"] for it in earlier["results"]] == [1, 2]
        assert (newest["has_more"], earlier["has_more"]) == (True, False)

    def test_are_none_before_the_first(self, browser):
        conversation = browser.begin()

        page = browser.get(below(conversation, "messages/"), before=0).json()

        assert (page["results"], page["has_more"]) == ([], False)

    @pytest.mark.parametrize("value", ["x", "-1", "1.5", "٣"])
    @pytest.mark.parametrize("name", ["after", "before", "limit"])
    def test_understand_numbers_only(self, browser, name, value):
        conversation = browser.begin()

        answer = browser.get(below(conversation, "messages/"), **{name: value})

        assert answer.status_code == 400

    @pytest.mark.parametrize("value", ["0", "9" * 40])
    @pytest.mark.parametrize("name", ["after", "before", "limit"])
    def test_take_numbers_of_any_size(self, browser, name, value):
        conversation = browser.begin()

        answer = browser.get(below(conversation, "messages/"), **{name: value})

        assert answer.status_code == 200

    def test_ask_the_same_number_of_questions_for_many(self, browser, agent):
        conversation = browser.begin()
        answer_in(conversation, agent=agent)
        with CaptureQueriesContext(connection) as few:
            browser.messages(conversation)
        for _ in range(8):
            answer_in(conversation, agent=agent)

        with CaptureQueriesContext(connection) as many:
            assert len(browser.messages(conversation)) == 10

        assert len(many) == len(few) <= 9

    def test_say_what_an_agent_has_seen(self, browser, agent):
        conversation = browser.begin()
        before = browser.messages(conversation)[0]["state"]
        answer_in(conversation, agent=agent)

        assert (before, browser.messages(conversation)[0]["state"]) == ("sent", "seen")
