# Words in many scripts.
import pytest

from channels_ingest.adapters.email.replies import split_text

SEPARATORS = [
    "------ Original Message ------",
    "-------- Original Message --------",
    "-----Ursprüngliche Nachricht-----",
    "-------- Message d'origine --------",
    "-----Message d'origine-----",
    "-----Mensaje original-----",
    "-----Mensagem original-----",
    "-----Messaggio originale-----",
    "-----Oorspronkelijk bericht-----",
    "-----Ursprungligt meddelande-----",
    "-----Oprindelig meddelelse-----",
    "-----Opprinnelig melding-----",
    "-----Alkuperäinen viesti-----",
    "-----Original-Nachricht-----",
    "-----Wiadomość oryginalna-----",
    "-----Původní zpráva-----",
    "-------- Исходное сообщение --------",
    "-----Оригінальне повідомлення-----",
    "-----Orijinal İleti-----",
    "-----الرسالة الأصلية-----",
    "-----הודעה מקורית-----",
    "------------------ 原始邮件 ------------------",
    "-----元のメッセージ-----",
    "-----원본 메시지-----",
    "-----Eredeti üzenet-----",
    "------- Original Message -------",
    "*-------- Original Message --------*",
]


class TestSeparator:
    @pytest.mark.parametrize("separator", SEPARATORS)
    def test_makes_history_of_all_below_it(self, separator):
        split = split_text(f"Thanks, it works.\n\n{separator}\n\nDoes it?\n")

        assert split.visible == "Thanks, it works."

    @pytest.mark.parametrize(
        "line",
        [
            "---- Enter your feedback below ----",
            "----------",
            "--- a/kettle.py",
            "-- 5 --",
        ],
    )
    def test_names_the_original_message(self, line):
        body = f"Hello,\n\n{line}\n\nI like it."

        assert split_text(body).visible == body


class TestReplyAbove:
    @pytest.mark.parametrize(
        "line",
        [
            "##- Please type your reply above this line -##",
            "--- Reply above this line ---",
            "----- Bitte antworten Sie oberhalb dieser Linie -----",
            "## Veuillez répondre au-dessus de cette ligne ##",
            "===== WRITE YOUR REPLY ABOVE THIS LINE =====",
        ],
    )
    def test_makes_history_of_all_below_it(self, line):
        split = split_text(f"Thanks, it works.\n\n{line}\n\nDoes it?\n")

        assert split.visible == "Thanks, it works."

    def test_says_nothing_at_the_top(self):
        split = split_text("--- Reply above this line ---\n\nThanks, it works.\n")

        assert split.visible == "Thanks, it works."

    def test_is_no_ordinary_sentence(self):
        body = "Hello,\n\nPlease reply above all to my first question."

        assert split_text(body).visible == body
