import pytest

from channels_ingest.adapters.email.bounces.explaining import (
    explain,
    find_reply_code,
    find_status,
)


class TestExplain:
    @pytest.mark.parametrize(
        ("status", "diagnostic", "kind"),
        [
            ("5.1.1", "", "no_mailbox"),
            ("", "550 5.1.1 <x@y.example>: unknown user", "no_mailbox"),
            ("5.0.0", "550 Not taken: mailbox unavailable", "no_mailbox"),
            ("5.2.2", "", "mailbox_full"),
            ("5.1.1", "552 mailbox is full", "mailbox_full"),
            ("4.2.2", "The account you tried is over quota", "mailbox_full"),
            ("5.1.2", "", "no_domain"),
            ("5.4.4", "Host or domain name not found. Name service error", "no_domain"),
            ("5.3.4", "message size exceeds fixed limit", "too_big"),
            ("5.7.26", "Unauthenticated email, DMARC policy", "not_authenticated"),
            ("5.7.1", "550 blocked using zen.spamhaus.org", "sender_blocked"),
            ("5.7.1", "554 message looks like spam", "spam"),
            ("5.7.0", "virus found", "virus"),
            ("5.4.6", "", "loop"),
            ("4.4.1", "connect to mx.example: timed out", "unreachable"),
            ("4.7.1", "451 greylisted", "greylisted"),
            ("4.4.7", "", "gave_up"),
            ("5.1.6", "", "moved"),
            ("", "", "unknown"),
        ],
    )
    def test_chooses_the_reason(self, status, diagnostic, kind):
        assert explain(status=status, diagnostic=diagnostic).kind == kind

    def test_calls_an_address_hard_only_if_it_will_never_work(self):
        assert explain(status="5.1.1", diagnostic="").is_hard
        assert not explain(status="5.2.2", diagnostic="").is_hard

    def test_ends_every_sentence(self):
        reason = explain(status="4.2.2", diagnostic="")

        assert reason.sentence.endswith(".")
        assert reason.delayed_sentence.endswith(".")


class TestFindStatus:
    def test_prefers_a_code_that_says_something(self):
        assert find_status("550-5.0.0 sorry 550 5.1.1 unknown") == "5.1.1"

    def test_does_not_take_an_ip_address_for_a_code(self):
        assert find_status("host 5.1.1.20 refused") == ""

    def test_passes_over_success(self):
        assert find_status("250 2.1.5 ok") == ""


class TestFindReplyCode:
    def test_finds_the_refusal(self):
        assert find_reply_code("said: 550 no") == "550"

    def test_does_not_take_a_number_for_a_code(self):
        assert find_reply_code("in 4500 days") == ""
