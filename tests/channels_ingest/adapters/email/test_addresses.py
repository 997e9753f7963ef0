import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_ingest.adapters.email.addresses import parse_mailboxes


def read(text):
    return [(mailbox.name, mailbox.email) for mailbox in parse_mailboxes(text)]


class TestParseMailboxes:
    @pytest.mark.parametrize(
        ("written", "mailboxes"),
        [
            ("ann@shop.example", [("", "ann@shop.example")]),
            ("Ann Lee <ann@shop.example>", [("Ann Lee", "ann@shop.example")]),
            ('"Lee, Ann" <ann@shop.example>', [("Lee, Ann", "ann@shop.example")]),
            ("Lee, Ann <ann@shop.example>", [("Lee, Ann", "ann@shop.example")]),
            ("ann@shop.example (Ann Lee)", [("Ann Lee", "ann@shop.example")]),
            ("'Ann' <ann@shop.example>", [("Ann", "ann@shop.example")]),
            (r'"Ann \"A\" Lee" <ann@b.c>', [("Ann A Lee", "ann@b.c")]),
            ("Ann Lee ann@shop.example", [("Ann Lee", "ann@shop.example")]),
            ("<ann@shop.example>", [("", "ann@shop.example")]),
            ("<<ann@shop.example>>", [("", "ann@shop.example")]),
            ("<ann@shop.example> Ann", [("Ann", "ann@shop.example")]),
            ("mailto:ann@shop.example", [("", "ann@shop.example")]),
            ("<@relay.example:ann@b.c>", [("", "ann@b.c")]),
            ("ann@b.c; bob@b.c", [("", "ann@b.c"), ("", "bob@b.c")]),
            ("Team: ann@b.c, bob@b.c;", [("", "ann@b.c"), ("", "bob@b.c")]),
            ("undisclosed-recipients:;", []),
            ("MAILER-DAEMON (Mail System)", [("Mail System", "MAILER-DAEMON")]),
            ("=?utf-8?Q?Gr=C3=BC=2C_Ann?= <a@b.c>", [("Grü, Ann", "a@b.c")]),
            (
                "=?utf-8?Q?Ann=2C_L?= <a@b.c>, x@b.c",
                [("Ann, L", "a@b.c"), ("", "x@b.c")],
            ),
            ("Ann | Shop: sales <a@b.c>", [("sales", "a@b.c")]),
            ("Ann\u202e <a@b.c>", [("Ann", "a@b.c")]),
            ("jörg@b.c", [("", "jörg@b.c")]),
            ("a@b.c.", [("", "a@b.c")]),
            ('"open quote <a@b.c>', [("open quote", "a@b.c")]),
            ("", []),
            (" , ,", []),
        ],
    )
    def test_reads_what_people_and_programs_write(self, written, mailboxes):
        assert read(written) == mailboxes

    def test_never_takes_an_address_out_of_an_encoded_name(self):
        written = "=?utf-8?Q?ceo=40bank.example=3E?= <evil@example.org>"

        assert read(written) == [("ceo@bank.example>", "evil@example.org")]

    def test_takes_an_address_that_was_encoded_as_a_whole(self):
        assert read("=?utf-8?Q?ann=40b.c?=") == [("", "ann@b.c")]

    @pytest.mark.parametrize(
        "hostile",
        [
            '"\\"' * 80000,
            "(" * 200000,
            "<" * 200000,
            "a@" * 100000,
            "a" * 200000,
            "=?u?q?" * 40000,
            "=?u?q?a?= " * 20000,
            "a," * 100000,
            "x <a@b>," * 30000,
        ],
    )
    def test_takes_linear_time(self, hostile):
        parse_mailboxes(hostile)

    @given(st.text(alphabet='ab@<>,;:()"\\ =?utf-8q', max_size=150))
    def test_never_fails(self, text):
        for mailbox in parse_mailboxes(text):
            assert mailbox.name or mailbox.email
