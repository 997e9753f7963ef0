import pytest

from channels_ingest.adapters.email.guessing import guess_charset


class TestGuessCharset:
    @pytest.mark.parametrize(
        ("text", "charset"),
        [
            ("Grüße aus München", "cp1252"),
            ("Réclamation de commande", "cp1252"),
            ("Æblegrød på bordet", "cp1252"),
            ("It\u2019s \u201cquoted\u201d \u2013 ok", "cp1252"),
            ("señor año", "mac_roman"),
            ("¿Dónde está?", "cp1252"),
            ("Übergröße", "cp850"),
            ("Привет", "koi8-r"),
            ("Счёт на оплату №15", "cp1251"),
            ("ВОЗВРАТ ДЕНЕГ", "cp1251"),  # noqa: RUF001
            ("Доброе утро", "cp866"),
            ("Zażółć gęślą jaźń", "cp1250"),
            ("Čtvrtek odpoledne", "cp1250"),
            ("Nový ceník šroubů", "iso-8859-2"),
            ("Γειά σας Κόσμε", "cp1253"),
            ("İstanbul'da görüşürüz", "cp1254"),
            ("שלום עולם", "cp1255"),
            ("مرحبا بالعالم", "cp1256"),
            ("สวัสดี", "cp874"),
            ("こんにちは世界", "shift_jis"),
            ("テスト送信", "euc_jp"),
            ("你的订单已经发货", "gb18030"),
            ("請問您的訂單", "big5"),
            ("문의 드립니다", "euc_kr"),
        ],
    )
    def test_reads_a_short_text_as_its_writer_meant_it(self, text, charset):
        data = text.encode(charset)

        assert data.decode(guess_charset(data)) == text

    def test_takes_what_makes_no_sense_as_western(self):
        assert guess_charset(b"\xa4 \xa6 \xac \xd7") == "cp1252"
