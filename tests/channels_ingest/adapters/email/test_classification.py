import pytest

from channels_ingest.adapters.email.bounces import read_bounce
from channels_ingest.adapters.email.classification import classify
from channels_ingest.adapters.email.mime import parse_mail


def classified(*headers, body="Where is my parcel?", own=(), sender="ann@shop.example"):
    lines = [f"From: {sender}"] if sender else []
    lines += ["To: support@desk.example", *headers]
    if not any(line.startswith("Subject:") for line in lines):
        lines.append("Subject: My parcel")
    raw = ("\n".join(lines) + f"\n\n{body}\n").encode()
    return classify(mail=parse_mail(raw), bounce=read_bounce(raw), own_addresses=own)


class TestPerson:
    def test_is_acknowledged(self):
        result = classified()

        assert result.kind == "person"
        assert result.may_acknowledge
        assert result.set_aside_as is None

    def test_with_auto_submitted_no_is_a_person(self):
        assert classified("Auto-Submitted: no").kind == "person"

    @pytest.mark.parametrize(
        "header",
        [
            "X-Auto-Response-Suppress: DR, RN, OOF, AutoReply",
            "X-Auto-Response-Suppress: All",
            "List-Unsubscribe: <mailto:leave@shop.example>",
            "Feedback-ID: 1:2:shop",
            "X-Loop: shop",
            "X-Spam-Flag: YES",
            "Subject: Out of office",
        ],
    )
    def test_is_not_acknowledged_where_nobody_wants_it(self, header):
        result = classified(header)

        assert result.kind == "person"
        assert not result.may_acknowledge
        assert result.why

    def test_writing_through_a_contact_form_is_a_person(self):
        result = classified(
            "Reply-To: ann@home.example", sender="no-reply@shop.example"
        )

        assert result.kind == "person"

    def test_who_writes_about_automatic_replies_is_a_person(self):
        assert classified("Subject: Your automatic reply is wrong").may_acknowledge


class TestAutomaticMail:
    @pytest.mark.parametrize(
        "headers",
        [
            ["Auto-Submitted: auto-replied (vacation)"],
            ["X-Autoreply: yes"],
            ["X-Autorespond: away"],
            ["Precedence: auto_reply"],
            ["X-POST-MessageClass: 9; Autoresponder"],
            ["Subject: Automatic reply: Parcel", "In-Reply-To: <a@desk.example>"],
            ["Subject: Abwesenheitsnotiz", "References: <a@desk.example>"],
            ["Subject: Réponse automatique : colis", "Return-Path: <>"],
            ["Subject: 自動返信", "X-Auto-Response-Suppress: All"],
        ],
    )
    def test_is_a_reply(self, headers):
        result = classified(*headers)

        assert result.kind == "auto_reply"
        assert result.set_aside_as == "auto_generated"
        assert not result.may_acknowledge

    @pytest.mark.parametrize(
        "header",
        [
            "Auto-Submitted: auto-generated",
            "Auto-Submitted: auto-notified; owner-email=a@shop.example",
            "Precedence: bulk",
            "Precedence: junk",
            "X-Cron-Env: <SHELL=/bin/sh>",
            "X-FC-MachineGenerated: true",
            "Return-Path: <>",
        ],
    )
    def test_is_a_notification(self, header):
        assert classified(header).kind == "auto_generated"

    @pytest.mark.parametrize(
        "sender",
        [
            "no-reply@shop.example",
            "do_not_reply@shop.example",
            "postmaster@shop.example",
        ],
    )
    def test_is_known_by_its_sender(self, sender):
        assert classified(sender=sender).kind == "auto_generated"

    @pytest.mark.parametrize(
        ("report_type", "kind"),
        [
            ("disposition-notification", "read_receipt"),
            ("feedback-report", "complaint"),
        ],
    )
    def test_is_known_by_its_form(self, report_type, kind):
        header = (
            f"Content-Type: multipart/report; report-type={report_type}; boundary=x"
        )

        assert classified(header).kind == kind


class TestOtherKinds:
    def test_list_mail_is_known(self):
        result = classified("List-Id: <talk.lists.example>", "Precedence: list")

        assert result.kind == "mailing_list"
        assert not result.may_acknowledge

    def test_mail_without_an_author_is_known(self):
        assert classified(sender=None).set_aside_as == "no_sender"

    def test_mail_without_words_is_known(self):
        assert classified(body=" \n\u200b").set_aside_as == "no_body"

    def test_a_picture_alone_is_content(self):
        result = classified("Content-Type: image/png", body="\x89PNG")

        assert result.kind == "person"

    def test_a_bounce_is_known_before_everything_else(self):
        result = classified(
            "Subject: Undelivered mail",
            body="<ann@shop.example>: 550 user unknown",
            sender="MAILER-DAEMON@mx.example",
        )

        assert result.set_aside_as == "bounce"

    def test_an_invitation_is_marked(self):
        assert classified("Content-Type: text/calendar").is_calendar


class TestLoops:
    def test_our_own_address_never_talks_to_itself(self):
        result = classified(own=["Ann@Shop.example"])

        assert result.set_aside_as == "own_address_loop"

    def test_thirty_hops_are_a_long_way_and_one_more_a_loop(self):
        hop = "Received: from a.example by b.example; Mon, 2 Mar 2020 10:00:00 +0000"

        assert classified(*[hop] * 30).kind == "person"
        assert classified(*[hop] * 31).kind == "mail_loop"
