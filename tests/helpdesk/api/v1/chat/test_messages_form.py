import uuid

import pytest

from channels_ingest.models import InboundEvent
from tests.factories import WebchatChannelFactory
from tests.helpdesk.chat.visiting import Browser, error_of, reader_elsewhere, settle

pytestmark = pytest.mark.django_db
FORM = {
    "form_for": "visitors",
    "form_fields": [
        {"name": "name", "label": "Your name", "is_required": True},
        {"name": "mail", "label": "Mail", "type": "mail", "is_required": True},
        {"name": "order", "label": "Order", "type": "number"},
        {"name": "news", "label": "Send me news", "type": "checkbox"},
        {"name": "day", "label": "Day", "type": "date"},
        {"name": "site", "label": "Site", "type": "link"},
        {"name": "about", "label": "About", "type": "list", "options": ["A", "B"]},
        {"name": "phone", "label": "Phone", "type": "phone"},
    ],
}


def form(**answers):
    answers = {"name": "Maya  Rivera", "mail": "Maya@Rivera.example", **answers}
    return [{"name": name, "value": value} for name, value in answers.items()]


class TestForm:
    @pytest.fixture
    def browser(self):
        return Browser(channel=WebchatChannelFactory(chat=FORM))

    def test_is_shown_with_the_message(self, browser):
        item = browser.begin(form=form(order=17, news=True)).items.get()

        assert item.payload["form"] == [
            {"label": "Your name", "value": "Maya  Rivera"},
            {"label": "Mail", "value": "Maya@Rivera.example"},
            {"label": "Order", "value": "17"},
            {"label": "Send me news", "value": "✓"},
        ]

    def test_says_what_the_visitor_claims(self, browser):
        browser.begin(form=form())

        browser.visitor.refresh_from_db()
        assert browser.visitor.claimed_email == "maya@rivera.example"
        assert browser.visitor.claimed_name == "Maya Rivera"

    @pytest.mark.parametrize(
        ("name", "value", "reason"),
        [
            ("name", "", "required"),
            ("name", {"a": 1}, "not_a_text"),
            ("name", "x" * 2001, "too_long"),
            ("mail", "maya", "not_a_mail_address"),
            ("order", "one", "not_a_number"),
            ("order", "nan", "not_a_number"),
            ("news", "perhaps", "not_a_checkbox"),
            ("day", "31.12.2026", "not_a_date"),
            ("site", "javascript:x()", "not_a_link"),
            ("about", "C", "not_in_list"),
            ("phone", "call me", "not_a_phone_number"),
            ("color", "blue", "unknown"),
        ],
    )
    def test_is_checked(self, browser, name, value, reason):
        answer = browser.write(form=form(**{name: value}))

        assert (answer.status_code, error_of(answer)["code"]) == (400, "form_invalid")
        assert error_of(answer)["fields"]["form"] == {name: [reason]}
        assert not InboundEvent.objects.exists()

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("order", "1,5"),
            ("order", -3.25),
            ("day", "2026-12-31"),
            ("site", "https://shop.example/a?b=c"),
            ("about", "B"),
            ("phone", "+49 (0)30 123-456"),
        ],
    )
    def test_takes_what_fits(self, browser, name, value):
        assert browser.write(form=form(**{name: value})).status_code == 202

    def test_is_required_of_the_first_message_alone(self, browser):
        topic = str(uuid.uuid4())

        with reader_elsewhere(browser.visitor.channel):
            without = browser.write(topic=topic)
            browser.write(topic=topic, form=form())
            second = browser.write("More", topic=topic)
        settle()
        third = browser.write("Even more", topic=topic)

        statuses = [it.status_code for it in (without, second, third)]
        assert statuses == [400, 202, 202]

    def test_is_not_required_of_those_it_is_not_for(self, browser):
        known = Browser(channel=browser.visitor.channel, proven="42")

        assert known.write().status_code == 202

    def test_is_message_enough(self, browser):
        item = browser.begin("", form=form()).items.get()

        assert item.payload["form"][0]["value"] == "Maya  Rivera"
