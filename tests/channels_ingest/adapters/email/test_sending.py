from dataclasses import replace

import pytest

from channels_ingest.adapters.email.sending import letterhead_of, send_mail
from channels_ingest.adapters.email.signed_ids import (
    read_bounce_address,
    read_message_id,
    read_reply_address,
)
from channels_ingest.base import Account, SendFailed
from inbox.contract import OutboundMessage, Recipient
from tests.channels_ingest.adapters.email.mail_server import mail_server

SECRET = "k" * 50
MAYA, JO = "maya@rivera.example", "jo@rivera.example"


def account(port=25, **config):
    outgoing = {
        "transport": "smtp",
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
    }
    return Account(
        channel_id=3,
        kind="email",
        address="support@shop.example",
        sender_name="Shop",
        config={"outgoing": outgoing, **config},
        token_keys=(SECRET,),
    )


def message(*handles, **fields):
    return OutboundMessage(
        item_id=7,
        conversation_id=5,
        idempotency_key="key",
        sender_name="Noor",
        recipients=tuple(Recipient(handle=handle) for handle in handles or (MAYA,)),
        subject="Re: Parcel",
        text="On its way.",
        **fields,
    )


class TestLetterhead:
    def test_signs_every_way_back(self):
        letterhead = letterhead_of(
            account=account(bounce_address=True), message=message()
        )

        named = read_message_id(secret=SECRET, message_id=letterhead.message_id)
        answer = read_reply_address(secret=SECRET, address=letterhead.reply_to)
        report = read_bounce_address(secret=SECRET, address=letterhead.envelope_sender)
        assert (named.conversation, named.item) == (5, 7)
        assert (answer.conversation, answer.channel) == (5, 3)
        assert report.item == 7

    def test_uses_the_plain_address_where_plus_addresses_do_not_arrive(self):
        letterhead = letterhead_of(
            account=account(incoming={"transport": "imap"}), message=message()
        )

        assert letterhead.reply_to == "support@shop.example"

    def test_asks_for_no_report_about_an_automatic_answer(self):
        letterhead = letterhead_of(
            account=account(), message=message(is_automatic=True)
        )

        assert letterhead.envelope_sender == ""


class TestSendMailBySmtp:
    def test_hands_the_mail_to_the_server(self):
        with mail_server() as server:
            result = send_mail(account=account(server.port), message=message(MAYA, JO))

        (envelope,) = server.mails
        assert envelope.rcpt_tos == [MAYA, JO]
        assert result.external_id in envelope.content.decode()
        assert result.response == "250 taken"

    def test_gives_every_attempt_the_same_id(self):
        with mail_server() as server:
            first = send_mail(account=account(server.port), message=message())
            second = send_mail(account=account(server.port), message=message(attempt=2))

        assert first.external_id == second.external_id

    def test_reports_recipients_that_were_refused_while_others_were_not(self):
        refusal = {JO: "550 5.1.1 No such user"}
        with mail_server(refusal) as server:
            result = send_mail(account=account(server.port), message=message(MAYA, JO))

        assert result.refused == {JO: "The mailbox does not exist."}

    def test_fails_for_good_when_everybody_is_refused(self):
        with (
            mail_server({MAYA: "550 5.1.1 No such user"}) as server,
            pytest.raises(SendFailed) as failure,
        ):
            send_mail(account=account(server.port), message=message())

        assert failure.value.permanent
        assert failure.value.reason == "The mailbox does not exist."

    def test_sends_to_nobody_while_one_recipient_is_put_off(self):
        with (
            mail_server({JO: "451 4.7.1 Greylisted"}) as server,
            pytest.raises(SendFailed) as failure,
        ):
            send_mail(account=account(server.port), message=message(MAYA, JO))

        assert not failure.value.permanent
        assert server.mails == []

    @pytest.mark.parametrize(
        ("answer", "permanent"),
        [("451 4.3.0 Try later", False), ("554 5.7.1 Looks like spam", True)],
    )
    def test_tells_a_passing_refusal_from_a_final_one(self, answer, permanent):
        with (
            mail_server({"DATA": answer}) as server,
            pytest.raises(SendFailed) as failure,
        ):
            send_mail(account=account(server.port), message=message())

        assert failure.value.permanent is permanent
        assert not failure.value.ambiguous

    def test_says_so_when_nobody_knows_whether_it_was_taken(self):
        with mail_server() as server:
            server.hangs_up_after_data = True
            with pytest.raises(SendFailed) as failure:
                send_mail(account=account(server.port), message=message())

        assert failure.value.ambiguous

    def test_tries_again_when_the_server_is_away(self):
        with mail_server() as server:
            port = server.port

        with pytest.raises(SendFailed) as failure:
            send_mail(account=account(port), message=message())

        assert not failure.value.permanent
        assert not failure.value.ambiguous

    def test_says_what_is_missing_without_a_server(self):
        bare = replace(account(), config={})

        with pytest.raises(SendFailed, match="no outgoing mail server"):
            send_mail(account=bare, message=message())

    def test_refuses_a_broken_address_for_good(self):
        with pytest.raises(SendFailed) as failure:
            send_mail(account=account(), message=message("not an address"))

        assert failure.value.permanent
