import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels_ingest.adapters.email.bounces import evidence
from channels_ingest.adapters.email.replies import markers, signatures
from channels_ingest.adapters.email.telltales import surely_lacks


class TestSurelyLacks:
    def test_says_so_of_text_without_any_of_the_words(self):
        assert surely_lacks("Where is my order?", ("sent", "posted"))

    @pytest.mark.parametrize("text", ["Sent from here", "It was SENT", "Ré-sent"])
    def test_finds_words_in_capitals_and_inside_others(self, text):
        assert not surely_lacks(text, ("sent",))

    def test_knows_the_capitals_of_letters_with_accents(self):
        assert not surely_lacks("ÜBER DIESER ZEILE", ("über",))

    def test_looks_past_typographic_marks(self):
        assert surely_lacks("It\u2019s \u201cfine\u201d \u2013 5 €…", ("sent",))

    @pytest.mark.parametrize("text", ["\u017fent from", "İPad", "Отправлено", "发自"])
    def test_is_never_sure_of_other_scripts(self, text):
        assert not surely_lacks(text, ("sent", "ipad"))


UNHURRIED = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
WESTERN = st.characters(max_codepoint=0xFF)


class TestWordsOfPatterns:
    """Whatever such a pattern recognizes holds a word that is asked for before it."""

    @UNHURRIED
    @given(st.from_regex(evidence._SUBJECT, alphabet=WESTERN))
    def test_subjects_of_bounces(self, subject):
        assert not surely_lacks(subject, evidence._SUBJECT_WORDS)

    @pytest.mark.parametrize(
        "pattern",
        [
            signatures._GET_APP,
            signatures._OUTLOOK_APP,
            signatures._FROM_PHONE,
            signatures._SENT_AT_START,
            signatures._SENT_AT_END,
        ],
        ids=["app", "outlook", "phone", "start", "end"],
    )
    @UNHURRIED
    @given(data=st.data())
    def test_footers(self, pattern, data):
        line = data.draw(st.from_regex(pattern, alphabet=WESTERN))
        assert signatures.may_hold_footer(line)

    @pytest.mark.parametrize(
        "pattern",
        [markers._REPLY_ABOVE, markers._REPLY_ABOVE_FOREIGN, markers._PREVIOUS],
        ids=["above", "foreign", "previous"],
    )
    @UNHURRIED
    @given(data=st.data())
    def test_lines_to_reply_above(self, pattern, data):
        line = data.draw(st.from_regex(pattern, alphabet=WESTERN))
        assert not surely_lacks(line, markers._REPLY_ABOVE_WORDS)
