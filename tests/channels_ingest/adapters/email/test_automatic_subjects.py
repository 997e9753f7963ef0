import pytest

from channels_ingest.adapters.email.automatic_subjects import says_it_is_automatic


class TestSaysItIsAutomatic:
    @pytest.mark.parametrize(
        "subject",
        [
            "Automatic reply: Invoice",
            "Re: Automatic reply: Invoice",
            "[Out of Office] Invoice",
            "Auto: Invoice",
            "Abwesenheitsbenachrichtigung",
            "Respuesta automática: factura",
            "Automatisch antwoord: factuur",
            "Автоответ: счёт",
            "自动回复您好",
            "자동 회신: 청구서",
        ],
    )
    def test_knows_the_words_of_many_languages(self, subject):
        assert says_it_is_automatic(subject)

    @pytest.mark.parametrize(
        "subject",
        [
            "",
            "Automatic door does not open",
            "Your automatic reply",
            "Oooops",
            "Automobile",
        ],
    )
    def test_leaves_what_people_write(self, subject):
        assert not says_it_is_automatic(subject)
