# Words in many scripts.
# ruff: noqa: E501, RUF001
import pytest

from channels_ingest.adapters.email.replies import split_text

ATTRIBUTIONS = [
    "On Mon, May 4, 2026 at 3:59 PM Maya Lindqvist <maya@example.com> wrote:",
    "On 04/19/2026 07:10 AM, Maya wrote:",
    "On 11-Apr-2026, at 6:54 PM, Maya Lindqvist <maya@example.com> sent:",
    "At 6/16/2026 08:32 PM, you wrote:",
    "In a message dated 5/4/2026 3:59:00 PM Eastern Standard Time, maya@example.com writes:",
    "Le lun. 4 mai 2026 à 15:59, Maya Lindqvist <maya@example.com> a écrit :",
    "Le 4 mai 2026 à 15:59, Maya a écrit :",
    "El lun, 4 may 2026 a las 15:59, Maya (<maya@example.com>) escribió:",
    "El 4/5/26 a las 15:59, Maya escribió:",
    "Em seg., 4 de mai. de 2026 às 15:59, Maya <maya@example.com> escreveu:",
    "A segunda-feira, 4 de maio de 2026, Maya <maya@example.com> escreveu:",
    "Il giorno lun 4 mag 2026 alle ore 15:59 Maya <maya@example.com> ha scritto:",
    "Il 04/05/2026 15:59, Maya ha scritto:",
    "Am Mo., 4. Mai 2026 um 15:59 Uhr schrieb Maya <maya@example.com>:",
    "Am 04.05.26 um 15:59 schrieb Maya:",
    "Op ma 4 mei 2026 om 15:59 schreef Maya <maya@example.com>:",
    "Op 4 mei 2026, om 15:59 heeft Maya <maya@example.com> het volgende geschreven:",
    "Den mån 4 maj 2026 kl 15:59 skrev Maya <maya@example.com>:",
    "4 maj 2026 kl. 15:59 skrev Maya <maya@example.com>:",
    "Den man. 4. maj 2026 kl. 15.59 skrev Maya <maya@example.com>:",
    "man. 4. mai 2026 kl. 15:59 skrev Maya <maya@example.com>:",
    "ma 4. toukok. 2026 klo 15.59 Maya (maya@example.com) kirjoitti:",
    "Maya kirjoitti 4.5.2026 klo 15.59:",
    "pon., 4 maj 2026 o 15:59 Maya <maya@example.com> napisał(a):",
    "W dniu 04.05.2026 o 15:59, Maya pisze:",
    "po 4. 5. 2026 v 15:59 odesílatel Maya <maya@example.com> napsal:",
    "Dne 4.5.2026 v 15:59 Maya napsal(a):",
    "po 4. 5. 2026 o 15:59 Maya <maya@example.com> napísal(a):",
    "пн, 4 мая 2026 г. в 15:59, Maya <maya@example.com>:",
    "04.05.2026 15:59, Maya пишет:",
    "пн, 4 трав. 2026 р. о 15:59 Maya <maya@example.com> пише:",
    "Maya <maya@example.com>, 4 May 2026 Pzt, 15:59 tarihinde şunu yazdı:",
    "4 May 2026 tarihinde 15:59 saatinde, Maya <maya@example.com> şunları yazdı:",
    "في الاثنين، 4 مايو 2026 في 3:59 م تمت كتابة ما يلي بواسطة Maya <maya@example.com>:",
    "\u202bفي ٤ مايو ٢٠٢٦ ٣:٥٩ م، كتب Maya <maya@example.com>:\u202c",
    "در تاریخ دوشنبه ۴ مهٔ ۲۰۲۶ ساعت ۱۵:۵۹ Maya <maya@example.com> نوشت:",
    "\u202bבתאריך יום ב׳, 4 במאי 2026 ב-15:59 מאת \u202aMaya\u202c\u200f <\u202amaya@example.com\u202c\u200f>:\u202c",
    "Maya <maya@example.com> 于2026年5月4日周一 15:59写道：",
    "在 2026年5月4日，15:59，Maya <maya@example.com> 写道：",
    'At 2026-05-04 15:59:00, "Maya" <maya@example.com> wrote:',
    "在2026年05月04日 15:59，Maya<maya@example.com> 写道：",
    "Maya <maya@example.com> 於 2026年5月4日 週一 下午3:59寫道：",
    "2026年5月4日(月) 15:59 Maya <maya@example.com>:",
    "2026/05/04 15:59、Maya <maya@example.com>のメール:",
    "2026년 5월 4일 (월) 오후 3:59, Maya <maya@example.com>님이 작성:",
    "Vào Th 2, 4 thg 5, 2026 vào lúc 15:59 Maya <maya@example.com> đã viết:",
    "Pada tanggal Sen, 4 Mei 2026 pukul 15.59 Maya <maya@example.com> menulis:",
    "Στις Δευ 4 Μαΐ 2026 στις 3:59 μ.μ., ο χρήστης Maya <maya@example.com> έγραψε:",
    "În lun., 4 mai 2026 la 15:59, Maya <maya@example.com> a scris:",
    "Maya <maya@example.com> ezt írta (időpont: 2026. máj. 4., H, 15:59):",
    "2026-05-04 15:59 keltezéssel, Maya írta:",
    "На пн, 4.05.2026 г. в 15:59 Maya <maya@example.com> написа:",
    "pon, 4. svi 2026. u 15:59 Maya <maya@example.com> napisao je:",
    "El dl., 4 de maig 2026, 15:59, Maya <maya@example.com> va escriure:",
    "2026-05-04, pr, 15:59 Maya <maya@example.com> rašė:",
    "Kuupäeval E, 4. mai 2026 kell 15:59 kirjutas Maya <maya@example.com>:",
    "เมื่อ จ. 4 พ.ค. 2026 เวลา 15:59 Maya <maya@example.com> เขียนว่า:",
    "---- On Mon, 04 May 2026 15:59:00 +0200 Maya <maya@example.com> wrote ----",
    "Maya <maya@example.com> wrote:",
    "Sent from Samsung MobileMaya <maya@example.com> wrote:",
    "Maya wrote on 04-05-2026 15:59:",
    "Maya Lindqvist schrieb am 04.05.2026 um 15:59:",
    "Monday, May 4, 2026, 3:59:00 PM, you wrote:",
    "Mon, 4 May 2026 15:59:00 +0200 от Maya <maya@example.com>:",
    "Понедельник, 4 мая 2026, 15:59 +03:00 от Maya <maya@example.com>:",
    "On Monday, May 4th, 2026 at 3:59 PM, Maya <maya@example.com> wrote:",
    "On Mon, 4 May 2026, 15:59 Maya, <maya@example.com> wrote:",
    "<maya@example.com> schrieb am Mo., 4. Mai 2026, 15:59:",
    "Maya <maya@example.com> schrieb am Mo., 4. Mai 2026, 15:59:",
    "Le lun. 4 mai 2026 à 15:59, Maya <\nmaya@example.com> a écrit :",
]
NO_ATTRIBUTIONS = [
    "On Monday I wrote:",
    "My colleague wrote:",
    "In 2024 I wrote that the price is:",
    "You said on the phone at 10:30:",
    "Order 5 of 12.05.2026 at 10:00:",
    "Our meeting on 12 May 2026:",
    "El 12 de mayo de 2026 compré esto:",
    "On your remote host you can run:",
    "2026-01-01 10:00:01 ERROR maya@example.com failed",
    "Result:",
]


class TestAttribution:
    @pytest.mark.parametrize("attribution", ATTRIBUTIONS)
    def test_opens_the_quoted_lines_below_it(self, attribution):
        split = split_text(f"Thanks, it works.\n\n{attribution}\n\n> Does it?\n")

        assert split.visible == "Thanks, it works."

    @pytest.mark.parametrize("attribution", ATTRIBUTIONS)
    def test_opens_history_that_nothing_marks(self, attribution):
        split = split_text(f"Thanks, it works.\n\n{attribution}\n\nDoes it?\n")

        assert split.visible == "Thanks, it works."

    @pytest.mark.parametrize("sentence", NO_ATTRIBUTIONS)
    def test_is_more_than_a_sentence_with_a_colon(self, sentence):
        body = f"Hello,\n\n{sentence}\n\nplease send me a kettle"

        assert split_text(body).visible == body

    @pytest.mark.parametrize(
        "attribution",
        ["Maya wrote:", "Maya Lindqvist a écrit :", "On Monday Maya wrote:"],
    )
    def test_needs_no_date_above_quoted_lines(self, attribution):
        split = split_text(f"Thanks, it works.\n\n{attribution}\n> Does it?\n")

        assert split.visible == "Thanks, it works."

    def test_may_be_wrapped_over_three_lines(self):
        body = """Thanks.

On Mon, May 4, 2026 at 3:59 PM Maya Lindqvist of the Kettle
Company <
maya@example.com> wrote:

> Does it?
"""

        assert split_text(body).visible == "Thanks."

    def test_may_be_wrapped_so_that_its_bracket_looks_like_a_quote(self):
        body = """Thanks.

Am 04.05.2026 17:48 schrieb "Maya Lindqvist" <maya@example.com
>:

Does it?
"""

        assert split_text(body).visible == "Thanks."

    def test_may_share_its_line_with_the_reply(self):
        split = split_text(
            "Yes On Mon, May 4, 2026 at 3:59 PM, Maya wrote:\n> Does it?\n"
        )

        assert split.visible == "Yes"

    def test_does_not_swallow_an_earlier_sentence_that_begins_alike(self):
        body = """On this day

I wrote a letter

On 4 May 2026, at 19:04, Maya wrote:

> Did you?
"""

        assert split_text(body).visible == "On this day\n\nI wrote a letter"
