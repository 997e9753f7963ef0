# Words in many scripts.
# ruff: noqa: E501, RUF001
from datetime import UTC, datetime

import pytest

from channels_ingest.adapters.email.forwards import find_forward
from channels_ingest.adapters.email.replies import split_text
from channels_ingest.adapters.email.replies.headers import read_field

BLOCKS = {
    "en": "From: Maya <maya@example.com>\nSent: Monday, May 4, 2026 3:59 PM\nTo: Desk\nSubject: Kettle",
    "de": "Von: Maya <maya@example.com>\nGesendet: Montag, 4. Mai 2026 15:59\nAn: Desk\nBetreff: Kettle",
    "fr": "De : Maya <maya@example.com>\nEnvoyé : lundi 4 mai 2026 15:59\nÀ : Desk\nObjet : Kettle",
    "es": "De: Maya <maya@example.com>\nEnviado: lunes, 4 de mayo de 2026 15:59\nPara: Desk\nAsunto: Kettle",
    "pt": "De: Maya <maya@example.com>\nEnviada em: segunda-feira, 4 de maio de 2026 15:59\nPara: Desk\nAssunto: Kettle",
    "it": "Da: Maya <maya@example.com>\nInviato: lunedì 4 maggio 2026 15:59\nA: Desk\nOggetto: Kettle",
    "nl": "Van: Maya <maya@example.com>\nVerzonden: maandag 4 mei 2026 15:59\nAan: Desk\nOnderwerp: Kettle",
    "sv": "Från: Maya <maya@example.com>\nSkickat: den 4 maj 2026 15:59\nTill: Desk\nÄmne: Kettle",
    "da": "Fra: Maya <maya@example.com>\nSendt: 4. maj 2026 15:59\nTil: Desk\nEmne: Kettle",
    "fi": "Lähettäjä: Maya <maya@example.com>\nLähetetty: maanantai 4. toukokuuta 2026 15.59\nVastaanottaja: Desk\nAihe: Kettle",
    "pl": "Od: Maya <maya@example.com>\nWysłano: poniedziałek, 4 maja 2026 15:59\nDo: Desk\nTemat: Kettle",
    "cs": "Od: Maya <maya@example.com>\nOdesláno: pondělí 4. května 2026 15:59\nKomu: Desk\nPředmět: Kettle",
    "ru": "От: Maya <maya@example.com>\nОтправлено: 4 мая 2026 г. 15:59\nКому: Desk\nТема: Kettle",
    "uk": "Від: Maya <maya@example.com>\nНадіслано: 4 травня 2026 р. 15:59\nКому: Desk\nТема: Kettle",
    "tr": "Gönderen: Maya <maya@example.com>\nGönderildi: 4 Mayıs 2026 Pazartesi 15:59\nKime: Desk\nKonu: Kettle",
    "ar": "من: Maya <maya@example.com>\nتاريخ الإرسال: 4 مايو, 2026 15:59\nإلى: Desk\nالموضوع: Kettle",
    "fa": "از: Maya <maya@example.com>\nارسال: 2026-05-04 15:59\nبه: Desk\nموضوع: Kettle",
    "he": "מאת: Maya <maya@example.com>\nנשלח: 4 מאי 2026 15:59\nאל: Desk\nנושא: Kettle",
    "zh": "发件人: Maya <maya@example.com>\n发送时间: 2026年5月4日 15:59\n收件人: Desk\n主题: Kettle",
    "zh-tw": "寄件者： Maya <maya@example.com>\n寄件日期： 2026年5月4日 下午 03:59\n收件者： Desk\n主旨： Kettle",
    "ja": "差出人: Maya <maya@example.com>\n送信日時: 2026年5月4日 15:59\n宛先: Desk\n件名: Kettle",
    "ko": "보낸 사람: Maya <maya@example.com>\n보낸 날짜: 2026년 5월 4일 월요일 오후 3:59\n받는 사람: Desk\n제목: Kettle",
    "vi": "Từ: Maya <maya@example.com>\nNgày: 2026-05-04 15:59\nĐến: Desk\nChủ đề: Kettle",
    "el": "Από: Maya <maya@example.com>\nΣτάλθηκε: 4 Μαΐου 2026 15:59\nΠρος: Desk\nΘέμα: Kettle",
    "hu": "Feladó: Maya <maya@example.com>\nElküldve: 2026. május 4. 15:59\nCímzett: Desk\nTárgy: Kettle",
    "ro": "De la: Maya <maya@example.com>\nTrimis: 4 mai 2026 15:59\nCătre: Desk\nSubiect: Kettle",
    "lotus": "From: Maya <maya@example.com>\nTo: Desk\nDate: 05/04/2026 03:59 PM\nSubject: Kettle",
    "bold": "*From:* Maya <maya@example.com>\n*Sent:* Monday, May 4, 2026 3:59 PM\n*To:* Desk\n*Subject:* Kettle",
    "spaced": "From: Maya <maya@example.com>\n\nSent: Monday, May 4, 2026 3:59 PM\n\nTo: Desk\n\nSubject: Kettle",
    "wrapto": "From: Maya <maya@example.com>\nSent: Monday, May 4, 2026 3:59 PM\nTo: Desk <desk@x.org>; A <a@x.org>;\n B <b@x.org>; C\n <c@x.org>\nSubject: Kettle",
}


class TestReadField:
    def test_takes_bold_names_and_wide_colons(self):
        assert read_field("*From:* Maya <maya@example.com>") == (
            "from",
            "Maya <maya@example.com>",
        )
        assert read_field("主旨：水壺") == ("subject", "水壺")

    def test_leaves_other_lines_alone(self):
        assert read_field("Result: it leaks") is None
        assert read_field("no colon at all") is None


class TestHeaderBlock:
    @pytest.mark.parametrize("language", BLOCKS)
    def test_makes_history_of_itself_and_all_below(self, language):
        split = split_text(f"Thanks.\n\n{BLOCKS[language]}\n\nMy kettle leaks.\n")

        assert split.visible == "Thanks."

    @pytest.mark.parametrize("language", BLOCKS)
    def test_says_who_wrote_what_and_when(self, language):
        found = find_forward(f"FYI\n\n{BLOCKS[language]}\n\nMy kettle leaks.\n")

        assert (found.author_name, found.author_email) == ("Maya", "maya@example.com")
        assert found.subject == "Kettle"
        assert found.sent_at == datetime(2026, 5, 4, 15, 59, tzinfo=UTC)
        assert (found.before, found.body) == ("FYI", "My kettle leaks.")

    @pytest.mark.parametrize(
        "form",
        [
            "From: Berlin\nTo: Munich\nDate: 12 May 2026",
            "Name: Maya\nPhone: 12345\nSubject: Kettle\nMessage: It leaks",
            "Date: Wednesday 3, October 2026\nTime: 7:00am\nAddress: 130 Fox St",
            "To: whom it may concern\n\nFrom: me",
        ],
    )
    def test_is_no_filled_in_form(self, form):
        assert split_text(f"Hello,\n\n{form}").visible == f"Hello,\n\n{form}"

    def test_stays_visible_when_nothing_is_said_above_it(self):
        body = f"{BLOCKS['en']}\n\nMy kettle leaks."

        assert split_text(body).visible == body

    def test_takes_the_rule_above_it_along(self):
        split = split_text(f"Thanks.\n\n_____________\n{BLOCKS['en']}\n\nIt leaks.\n")

        assert split.visible == "Thanks."
        assert split.quoted.startswith("_____")
