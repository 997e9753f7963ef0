from email import message_from_bytes
from email.policy import default

import pytest

from channels_ingest.adapters.email.outgoing import (
    MAX_REFERENCES,
    AddressNotUsable,
    Letterhead,
    compose_mail,
)
from inbox.contract import Attachment, OutboundMessage, Recipient

LETTERHEAD = Letterhead(
    from_name="Noor (Outdoor Shop)",
    from_address="support@shop.example",
    reply_to="support+rabc@shop.example",
    envelope_sender="support@shop.example",
    message_id="<token@shop.example>",
)
MAYA = Recipient(handle="maya@rivera.example", name="Maya Rivera")


def composed(**fields):
    message = OutboundMessage(
        **{
            "item_id": 1,
            "conversation_id": 2,
            "idempotency_key": "key",
            "sender_name": "Noor",
            "recipients": (MAYA,),
            "subject": "Re: Parcel",
            "text": "On its way.",
            **fields,
        }
    )
    mail = compose_mail(message, letterhead=LETTERHEAD)
    return message_from_bytes(mail.as_bytes(), policy=default)


class TestComposeMail:
    def test_says_who_it_is_from_and_where_an_answer_goes(self):
        mail = composed()

        assert str(mail["From"]) == '"Noor (Outdoor Shop)" <support@shop.example>'
        assert mail["Reply-To"].addresses[0].addr_spec == "support+rabc@shop.example"
        assert mail["Message-ID"] == "<token@shop.example>"

    def test_names_open_and_copied_recipients_but_never_hidden_ones(self):
        hidden = Recipient(handle="boss@shop.example", role="bcc")
        copied = Recipient(handle="jo@rivera.example", role="cc")

        mail = composed(recipients=(MAYA, copied, hidden))

        assert str(mail["To"]) == "Maya Rivera <maya@rivera.example>"
        assert str(mail["Cc"]) == "jo@rivera.example"
        assert b"boss@" not in mail.as_bytes()

    def test_carries_text_html_picture_and_file(self):
        picture = Attachment(
            name="a.png",
            content_type="image/png",
            content=b"\x89PNG",
            content_id="pic@us",
            is_inline=True,
        )
        file = Attachment(
            name="Übersicht.pdf", content_type="application/pdf", content=b"%PDF"
        )

        mail = composed(
            html='<p>Hi <img src="cid:pic@us"></p>', attachments=(picture, file)
        )

        assert mail.get_body(("plain",)).get_content().strip() == "On its way."
        assert "cid:pic@us" in mail.get_body(("html",)).get_content()
        assert [part.get_filename() for part in mail.iter_attachments()] == [
            "Übersicht.pdf"
        ]
        related = [p for p in mail.walk() if p["Content-ID"] == "<pic@us>"]
        assert related[0].get_content() == b"\x89PNG"

    def test_names_the_thread_and_keeps_it_short(self):
        keys = tuple(f"m{n}@mua.example" for n in range(100))

        mail = composed(thread_keys=keys)

        references = str(mail["References"]).split()
        assert mail["In-Reply-To"] == "<m99@mua.example>"
        assert references[0] == "<m0@mua.example>"
        assert references[-1] == "<m99@mua.example>"
        assert len(references) == MAX_REFERENCES

    @pytest.mark.parametrize("key", ["a b@mua", "a>\r\nBcc: x@y", "ä@mua", ""])
    def test_leaves_out_ids_that_would_break_the_header(self, key):
        mail = composed(thread_keys=(key,))

        assert mail["References"] is None
        assert mail["Bcc"] is None

    @pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\u2028", "\x00"])
    def test_lets_nobody_add_a_header_through_the_subject(self, end):
        mail = composed(subject=f"Hello{end}Bcc: all@elsewhere.example")

        assert mail["Bcc"] is None
        assert str(mail["Subject"]).startswith("Hello")

    def test_lets_nobody_add_a_header_through_a_name(self):
        person = Recipient(handle="a@b.example", name="X\r\nBcc: all@elsewhere.example")

        assert composed(recipients=(person,))["Bcc"] is None

    @pytest.mark.parametrize("handle", ["", "nobody", "a b@c.example", "a@\r\nb"])
    def test_refuses_what_is_no_address(self, handle):
        with pytest.raises(AddressNotUsable):
            composed(recipients=(Recipient(handle=handle),))

    def test_keeps_every_script(self):
        mail = composed(subject="Re: お問い合わせ", text="شكرا 🙏")

        assert mail["Subject"] == "Re: お問い合わせ"
        assert mail.get_content().strip() == "شكرا 🙏"

    def test_marks_what_a_machine_wrote(self):
        mail = composed(is_automatic=True)

        assert mail["Auto-Submitted"] == "auto-replied"
        assert mail["X-Auto-Response-Suppress"] == "All"
        assert composed()["Auto-Submitted"] is None

    def test_sends_nothing_as_a_type_that_could_be_read_as_mail(self):
        odd = Attachment(name="x", content_type="message/rfc822", content=b"\r\n.\r\n")

        (part,) = composed(attachments=(odd,)).iter_attachments()

        assert part.get_content_type() == "application/octet-stream"
        assert part.get_content() == b"\r\n.\r\n"
