import pytest

from helpdesk.chat.languages import direction_of, known_language, language_for


class TestKnownLanguage:
    @pytest.mark.parametrize(
        ("code", "language"),
        [
            ("pt-BR", "pt"),
            ("zh_TW", "zh-hant"),
            ("zh-Hant-HK", "zh-hant"),
            ("zh", "zh-hans"),
            ("de-AT-1996", "de"),
            ("tlh", None),
            ("", None),
            ("../../etc", None),
        ],
    )
    def test_is_the_one_we_speak_that_is_meant(self, code, language):
        assert known_language(code) == language


class TestLanguageFor:
    def test_takes_what_is_asked_for_before_what_the_browser_prefers(self):
        assert language_for(asked="fa", accepted="de") == "fa"

    def test_falls_back_to_what_the_browser_prefers(self):
        assert language_for(asked="tlh", accepted="en;q=0.2, fr-CA;q=0.9") == "fr"

    def test_is_english_where_nothing_helps(self):
        assert language_for(accepted="tlh") == "en"


def test_two_languages_go_from_right_to_left():
    assert [direction_of(code) for code in ("ar", "fa", "ja")] == ["rtl", "rtl", "ltr"]
