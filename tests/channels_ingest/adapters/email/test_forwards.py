# Words in many scripts.
# ruff: noqa: E501, RUF001
import time
from datetime import UTC, datetime

import pytest

from channels_ingest.adapters.email.forwards import (
    find_forward,
    find_forward_in,
    read_author,
    says_forward,
)
from channels_ingest.adapters.email.mime import parse_mail
from channels_ingest.adapters.email.replies import split_text

HEADER = "From: Maya <maya@example.com>\nTo: Desk\nDate: 05/04/2026 03:59 PM\nSubject: Kettle"
MARKERS = [
    "---------- Forwarded message ---------",
    "---------- Weitergeleitete Nachricht ---------",
    "---------- Message transféré ---------",
    "---------- Forwarded message ----------",
    "---------- Mensaje reenviado ---------",
    "---------- Mensagem encaminhada ---------",
    "---------- Messaggio inoltrato ---------",
    "---------- Doorgestuurd bericht ---------",
    "---------- Vidarebefordrat meddelande ---------",
    "---------- Videresendt meddelelse ---------",
    "---------- Välitetty viesti ---------",
    "---------- Przekazana wiadomość ---------",
    "---------- Пересылаемое сообщение ---------",
    "---------- Переслане повідомлення ---------",
    "---------- Yönlendirilmiş ileti ---------",
    "---------- הודעה שהועברה ---------",
    "---------- 转发邮件 ---------",
    "---------- 轉寄郵件 ---------",
    "---------- 転送メッセージ ---------",
    "---------- 전달된 메일 ---------",
    "---------- Thư đã chuyển tiếp ---------",
    "-------- Forwarded Message --------",
    "-------- Weitergeleitete Nachricht --------",
    "-------- Message transféré --------",
    "-------- Mensaje reenviado --------",
    "-------- Doorgestuurd bericht --------",
    "-------- Пересылаемое сообщение --------",
    "Begin forwarded message:",
    "Anfang der weitergeleiteten Nachricht:",
    "Début du message réexpédié :",
    "Début du message transféré :",
    "Inicio del mensaje reenviado:",
    "Inizio messaggio inoltrato:",
    "Início da mensagem encaminhada:",
    "Begin doorgestuurd bericht:",
    "Vidarebefordrat brev:",
    "Videresendt meddelelse:",
    "Start på videresendt besked:",
    "Välitetty viesti alkaa:",
    "Początek przekazywanej wiadomości:",
    "Začátek přeposlané zprávy:",
    "Начало переадресованного сообщения:",
    "Начало пересылаемого сообщения:",
    "İletilen ileti başlangıcı:",
    "开始转发邮件：",
    "下面是被转发的邮件：",
    "開始轉寄郵件：",
    "転送されたメッセージ:",
    "전달된 메시지:",
    "بداية الرسالة المعاد توجيهها:",
    "תחילת ההודעה שהועברה:",
    "----- Forwarded by Maya/ACME on 04.05.2026 15:59 -----",
    "----- Weitergeleitet von Maya/ACME am 04.05.2026 15:59 -----",
    "------- Forwarded Message -------",
    "---------------------------- Forwarded message ----------------------------",
    "---------- رسالة مُعاد توجيهها ---------",
    "---------- پیام هدایت\u200cشده ---------",
    "---------- Přeposlaná zpráva ---------",
    "---------- Továbbított üzenet ---------",
    "---------- Mesaj redirecționat ---------",
]


class TestFindForward:
    @pytest.mark.parametrize("marker", MARKERS)
    def test_knows_the_marks_of_mail_programs(self, marker):
        found = find_forward(f"FYI\n\n{marker}\n{HEADER}\n\nMy kettle leaks.\n")

        assert found.is_marked
        assert (found.before, found.body) == ("FYI", "My kettle leaks.")

    @pytest.mark.parametrize("marker", MARKERS)
    def test_finds_what_stays_visible(self, marker):
        body = f"FYI\n\n{marker}\n{HEADER}\n\nMy kettle leaks."

        assert split_text(body).visible == body

    def test_takes_the_quote_marks_off(self):
        quoted = "\n".join(
            f"> {line}" for line in [*HEADER.split("\n"), "", "It > leaks."]
        )

        found = find_forward(f"FYI\n\n> Begin forwarded message:\n>\n{quoted}\n")

        assert found.embedded == f"{HEADER}\n\nIt > leaks."
        assert found.before == "FYI"

    def test_takes_a_subject_of_two_lines(self):
        found = find_forward(
            "---------- Forwarded message ----------\nFrom: Maya <maya@example.com>\n"
            "Subject: My kettle\nleaks\nTo: desk@example.org\n\nHelp.\n"
        )

        assert found.subject == "My kettle leaks"
        assert found.before == ""

    def test_does_not_say_that_history_was_forwarded(self):
        found = find_forward(
            f"Thanks.\n\n-----Original Message-----\n{HEADER}\n\nIt leaks."
        )

        assert not found.is_marked
        assert found.author_email == "maya@example.com"

    def test_finds_nothing_in_an_ordinary_mail(self):
        assert find_forward("Hello,\n\nCould you forward this?\n\nMaya") is None
        assert (
            find_forward("Thanks.\n\nOn 4 May 2026, Maya wrote:\n> It leaks.") is None
        )
        assert find_forward("") is None

    def test_leaves_a_date_open_that_it_cannot_read(self):
        found = find_forward(
            "----- Forwarded Message -----\nFrom: Maya <maya@example.com>\n"
            "Date: some time ago\nSubject: Kettle\n\nHelp.\n"
        )

        assert found.sent_at is None

    @pytest.mark.parametrize(
        "unit",
        [
            "From: a\n",
            "Forwarded message:\n",
            "-----Original Message-----\n",
            "> ",
            "From: ",
            "\n",
        ],
    )
    def test_takes_less_than_a_second_for_a_hostile_megabyte(self, unit):
        text = unit * (1_000_000 // len(unit))

        started = time.process_time()
        find_forward(text)

        assert time.process_time() - started < 1


class TestReadAuthor:
    @pytest.mark.parametrize(
        ("value", "author"),
        [
            (
                "Maya Lindqvist <Maya@Example.com>",
                ("Maya Lindqvist", "maya@example.com"),
            ),
            ("Maya [mailto:maya@example.com]", ("Maya", "maya@example.com")),
            (
                '"Lindqvist, Maya" <maya@example.com>',
                ("Lindqvist, Maya", "maya@example.com"),
            ),
            ("maya@example.com", ("", "maya@example.com")),
            (
                "Maya <maya@example.com<mailto:maya@example.com>>",
                ("Maya", "maya@example.com"),
            ),
            ("Maya Lindqvist", ("Maya Lindqvist", "")),
            ("", ("", "")),
        ],
    )
    def test_takes_name_and_address_apart(self, value, author):
        assert read_author(value) == author


class TestSaysForward:
    @pytest.mark.parametrize(
        "subject",
        ["Fwd: Kettle", "FW: Kettle", "WG: Kettle", "TR : Kettle", "转发：水壶"],
    )
    def test_knows_the_prefixes(self, subject):
        assert says_forward(subject)

    @pytest.mark.parametrize(
        "subject", ["Re: Fwd: Kettle", "Kettle", "Forward planning", "I: me"[2:]]
    )
    def test_looks_at_the_beginning_only(self, subject):
        assert not says_forward(subject)


def mail(*, subject, body):
    return parse_mail(
        f"From: ben@example.org\nTo: desk@example.org\nSubject: {subject}\n{body}".encode()
    )


class TestFindForwardIn:
    def test_believes_the_subject_when_the_text_has_a_header_only(self):
        text = f"\nSee below.\n\n{HEADER}\n\nIt leaks.\n"

        assert find_forward_in(mail(subject="FW: Kettle", body=text)).is_marked
        assert not find_forward_in(mail(subject="Re: Kettle", body=text)).is_marked

    def test_takes_a_mail_that_is_attached(self):
        body = (
            "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
            "--b\nContent-Type: text/plain\n\nSee attached.\n"
            "--b\nContent-Type: message/rfc822\n\n"
            "From: Maya <maya@example.com>\nSubject: Kettle\n"
            "Date: Mon, 4 May 2026 15:59:00 +0000\n\nMy kettle leaks.\n--b--\n"
        )

        found = find_forward_in(mail(subject="Kettle", body=body))

        assert (found.author_name, found.author_email) == ("Maya", "maya@example.com")
        assert found.sent_at == datetime(2026, 5, 4, 15, 59, tzinfo=UTC)
        assert found.body.strip() == "My kettle leaks."
        assert found.before == "See attached."

    def test_finds_nothing_in_an_ordinary_mail(self):
        assert find_forward_in(mail(subject="Kettle", body="\nIt leaks.\n")) is None
