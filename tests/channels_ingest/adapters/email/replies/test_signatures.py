# Words in many scripts.
# ruff: noqa: RUF001
import pytest

from channels_ingest.adapters.email.replies import split_text

FOOTERS = [
    "Sent from my iPhone",
    "Sent from my iPad",
    "Sent from Yahoo Mail for iPhone",
    "Sent from Outlook for Android",
    "Sent with Proton Mail secure email.",
    "Sent from Proton Mail for iOS",
    "Get Outlook for iOS<https://aka.ms/o0ukef>",
    "Von meinem iPhone gesendet",
    "Gesendet von Mail für Windows",
    "Von Samsung-Tablet gesendet",
    "Envoyé de mon iPhone",
    "Envoyé à partir de Outlook pour Android",
    "Enviado desde mi iPhone",
    "Enviado do meu iPhone",
    "Enviado de mi dispositivo Samsung",
    "Inviato da iPhone",
    "Inviato dal mio telefono Android",
    "Verstuurd vanaf mijn iPhone",
    "Verzonden vanaf mijn Samsung Galaxy-smartphone.",
    "Skickat från min iPhone",
    "Sendt fra min iPhone",
    "Lähetetty iPhonesta",
    "Wysłane z iPhone'a",
    "Odesláno z iPhonu",
    "Отправлено с iPhone",
    "Отправлено из мобильной Яндекс.Почты",
    "Надіслано з iPhone",
    "iPhone'umdan gönderildi",
    "أُرسلت من الـ iPhone",
    "ارسال شده از iPhone من",
    "נשלח מה-iPhone שלי",
    "发自我的iPhone",
    "從我的 iPhone 傳送",
    "iPhoneから送信",
    "나의 iPhone에서 보냄",
    "Gửi từ iPhone của tôi",
    "Dikirim dari iPhone saya",
    "Στάλθηκε από το iPhone μου",
    "Küldve az iPhone-omról",
    "Trimis de pe iPhone-ul meu",
    "Sent from my Verizon, Samsung Galaxy smartphone",
    "Sent via the Samsung Galaxy S9, an AT&T 5G smartphone",
    "Outlook für Android beziehen",
    "Hol dir Outlook für iOS",
    "Télécharger Outlook pour Android",
    "Sent using Zoho Mail",
    "Sent with Spark",
    "Sent from a Galaxy S25",
]


class TestFooter:
    @pytest.mark.parametrize("footer", FOOTERS)
    def test_is_a_signature_at_the_end(self, footer):
        split = split_text(f"Thanks, it works.\n\n{footer}\n")

        assert split.visible == "Thanks, it works."
        assert split.signature == footer

    @pytest.mark.parametrize("footer", FOOTERS)
    def test_is_a_signature_right_above_history(self, footer):
        split = split_text(
            f"Thanks, it works.\n{footer}\n\nOn 4 May 2026, Maya wrote:\n\n> Does it?\n"
        )

        assert split.visible == "Thanks, it works."
        assert split.signature == footer

    @pytest.mark.parametrize(
        "sentence",
        [
            "Sent from the warehouse yesterday, but it never arrived.",
            "Sent from my desk, which is easier than my mobile phone.",
            "I cannot log in from my phone",
            "I sent it via DHL.",
            "Sent from Berlin",
            "Emailed from home, thanks",
            "Get outlook working for me please",
        ],
    )
    def test_is_no_sentence_of_the_customer(self, sentence):
        body = f"Hello,\n\n{sentence}"

        assert split_text(body).visible == body

    def test_takes_a_vaguer_line_beside_it_along(self):
        split = split_text("Thanks.\n\nMaya from mobile\nSent from my iPhone\n")

        assert split.visible == "Thanks."


class TestSignature:
    def test_begins_with_two_dashes(self):
        split = split_text("Thanks.\n\n-- \nMaya Lindqvist\nKettles and more\n")

        assert split.visible == "Thanks."
        assert split.signature == "-- \nMaya Lindqvist\nKettles and more"

    def test_ends_where_history_begins(self):
        body = "Thanks.\n\n--\nMaya\n\nOn 4 May 2026, Ben wrote:\n> Does it?\n"

        split = split_text(body)

        assert split.signature == "--\nMaya"
        assert split.quoted == "On 4 May 2026, Ben wrote:\n> Does it?"

    def test_may_follow_the_history(self):
        body = "Thanks.\n\nOn 4 May 2026, Ben wrote:\n> Does it?\n--\nMaya\n"

        assert split_text(body).visible == "Thanks."

    def test_is_short_unless_its_dashes_are_the_proper_ones(self):
        letter = "\n".join(["A long letter goes on."] * 30)

        assert split_text(f"Hello\n--\n{letter}").visible.count("goes on") == 30
        assert split_text(f"Hello\n-- \n{letter}").visible == "Hello"

    def test_may_be_the_footer_of_a_mailing_list(self):
        body = "Hi all.\n\n_______________________\nkettles mailing list\nhttp://lists.example\n"

        assert split_text(body).visible == "Hi all."

    def test_may_be_a_name_after_a_hyphen(self):
        assert split_text("It works.\n\n-Maya Lindqvist\n").visible == "It works."

    def test_is_no_list(self):
        body = "I need:\n\n- one\n- two\n-Three"

        assert split_text(body).visible == body
