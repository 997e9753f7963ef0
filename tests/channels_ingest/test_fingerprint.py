from channels_ingest.fingerprint import mail_key
from tests.factories.channels_ingest import mail_source


class TestMailKey:
    def test_ignores_what_servers_add_on_the_way(self):
        mail = mail_source()
        relayed = (
            b"Return-Path: <maya@people.example>\r\n"
            b"Received: from a by b\r\n\twith ESMTP; Sat, 21 Nov 2026\r\n" + mail
        )

        assert mail_key(relayed) == mail_key(mail)

    def test_ignores_the_kind_of_line_ends(self):
        mail = mail_source()

        assert mail_key(mail.replace(b"\r\n", b"\n")) == mail_key(mail)

    def test_ignores_how_a_header_is_folded(self):
        mail = mail_source(subject="A rather long subject")
        folded = mail.replace(b"rather long", b"rather\r\n long")

        assert mail_key(folded) == mail_key(mail)

    def test_tells_another_body_under_the_same_id_apart(self):
        assert mail_key(mail_source(text="One")) != mail_key(mail_source(text="Two"))

    def test_tells_another_sender_under_the_same_id_apart(self):
        forged = mail_source(sender="mallory@evil.example")

        assert mail_key(forged) != mail_key(mail_source())

    def test_is_the_digest_of_everything_without_an_id(self):
        mail = mail_source().replace(b"Message-ID: <one@people.example>\r\n", b"")

        assert mail_key(mail).startswith("raw:")
        assert mail_key(mail) != mail_key(b"Received: x\r\n" + mail)

    def test_finds_a_folded_id(self):
        mail = mail_source().replace(b"Message-ID: <", b"message-id:\r\n <")

        assert mail_key(mail) == mail_key(mail_source())

    def test_survives_what_is_no_mail_at_all(self):
        assert mail_key(b"")
        assert mail_key(b"\0" * 100)
        assert mail_key(b"no colon\nnothing")
