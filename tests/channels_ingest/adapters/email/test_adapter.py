import pytest

from channels_ingest.adapters.email.signed_ids import sign_message_id
from channels_ingest.base import RawInput
from inbox.contract import Ignored, Nature
from tests.channels_ingest.adapters.email.adapting import (
    HTML,
    PNG,
    SECRET,
    TEXT,
    adapter,
    message,
    multipart,
    parse,
)
from tests.factories.channels_ingest import mail_source


class TestMessage:
    def test_is_in_our_terms(self):
        found = message(
            mail_source(
                headers=[("Cc", "Jo <JO@people.example>"), ("Reply-To", "r@x.example")]
            )
        )

        assert found.external_id == "key"
        assert found.sender.handle == "maya@people.example"
        assert found.sender.name == "Maya"
        assert found.subject == "Where is my parcel?"
        assert found.text == "It should have come on Monday."
        assert found.own_keys == ("one@people.example",)
        assert {(r.role, r.handle) for r in found.recipients} == {
            ("to", "support@shop.example"),
            ("cc", "jo@people.example"),
            ("reply_to", "r@x.example"),
        }
        assert found.nature == Nature.PERSON
        assert found.deserves_acknowledgement

    def test_is_the_same_every_time(self):
        raw = multipart(TEXT, PNG)

        assert parse(raw) == parse(raw)

    def test_has_history_and_signature_apart(self):
        text = (
            "Yes, please.\n\n-- \nMaya\n\nOn Fri, 20 Nov 2026 at 10:00, Shop wrote:\n"
            "> Shall we send it again?\n"
        )

        found = message(mail_source(text=text))

        assert found.text == "Yes, please."
        assert "Shall we send it again?" in found.quoted_text

    def test_is_shown_whole_if_all_of_it_looks_quoted(self):
        found = message(mail_source(text="> Shall we send it again?"))

        assert found.text == "> Shall we send it again?"

    def test_has_html_that_runs_nothing_and_loads_nothing(self):
        found = message(
            multipart(
                TEXT,
                HTML + b"<script>alert(1)</script><p onclick=x>Hello</p>"
                b"<img src='https://t.example/p.png' width=200>",
                kind="alternative",
            )
        )

        assert "script" not in found.html
        assert "onclick" not in found.html
        assert " src=" not in found.html
        assert found.remote_images == 1

    def test_keeps_pictures_of_its_text_apart_from_files(self):
        shown = message(
            multipart(HTML + b"<p>Hi <img src='cid:logo@x'></p>", PNG, kind="related")
        )
        not_shown = message(multipart(TEXT, PNG))

        assert shown.attachments[0].is_inline
        assert not not_shown.attachments[0].is_inline

    def test_names_the_nearest_earlier_message_first(self):
        found = message(
            mail_source(
                headers=[("In-Reply-To", "<b@x>"), ("References", "<a@x> <c@x> <b@x>")]
            )
        )

        assert found.thread_keys == ("b@x", "c@x", "a@x")
        assert found.is_reply

    def test_without_a_sender_is_nobody_elses(self):
        nameless = mail_source().split(b"\r\n", 1)[1]

        first = message(nameless)
        second = message(nameless + b"more")

        assert first.sender.handle != second.sender.handle
        assert first.text

    def test_without_a_from_is_the_envelope_senders(self):
        nameless = mail_source().split(b"\r\n", 1)[1]

        found = message(nameless, mail_from="maya@people.example")

        assert found.sender.handle == "maya@people.example"

    def test_with_a_date_beyond_all_calendars_has_some_date(self):
        raw = mail_source().replace(b"21 Nov 2026", b"31 Dec 9999")

        assert message(raw).sent_at.tzinfo is not None

    def test_says_that_it_was_cut(self):
        found = message(mail_source(), source="imap", is_cut=True)

        assert any("too large" in warning for warning in found.warnings)

    @pytest.mark.parametrize("raw", [b"", b"\0", b"\xff" * 1000, b"\r\n\r\n", b"x:"])
    def test_is_made_of_anything(self, raw):
        assert parse(raw)


class TestNature:
    @pytest.mark.parametrize(
        ("headers", "nature"),
        [
            ([("Auto-Submitted", "auto-replied")], Nature.AUTO_REPLY),
            ([("Auto-Submitted", "auto-generated")], Nature.NOTIFICATION),
            ([("List-Id", "<talk.example>")], Nature.LIST),
            ([], Nature.PERSON),
        ],
    )
    def test_says_what_wrote_it(self, headers, nature):
        assert message(mail_source(headers=headers)).nature == nature

    def test_of_a_machine_deserves_no_acknowledgement(self):
        raw = mail_source(headers=[("Auto-Submitted", "auto-replied")])

        assert not message(raw).deserves_acknowledgement


class TestIgnored:
    @pytest.mark.parametrize(
        "raw",
        [
            mail_source(sender="support@shop.example"),
            mail_source(sender="SALES@shop.example"),
            mail_source(headers=[("Received", "by a")] * 40),
        ],
    )
    def test_is_what_runs_in_a_circle(self, raw):
        (found,) = parse(raw)

        assert isinstance(found, Ignored)
        assert found.reason

    def test_is_a_message_of_ours_that_came_back(self):
        ours = sign_message_id(
            secret=SECRET, conversation=1, item=2, domain="shop.example"
        )

        (found,) = parse(mail_source(message_id=ours.strip("<>")))

        assert isinstance(found, Ignored)


class TestExamine:
    def test_lays_open_what_is_in_a_mail(self):
        report = adapter().examine(RawInput(raw=multipart(TEXT, PNG), source="import"))

        assert report["from"] == {"name": "Maya", "email": "maya@people.example"}
        assert report["attachments"][0]["filename"] == "logo.png"
        assert report["kind"] == "person"
