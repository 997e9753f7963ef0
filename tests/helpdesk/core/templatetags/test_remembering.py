from datetime import UTC, datetime

import pytest
from django.template import engines
from django.utils import timezone, translation
from django.utils.safestring import mark_safe

from helpdesk.core.templatetags.remembering import _rendered

CHIP = '{% remembered "components/_chip.html" text=text icon="" tone="" %}'
DUE = '{% remembered "components/_due_chip.html" due_at=at label="" %}'


def drawn(source, **context):
    return engines["django"].from_string(source).render(context)


class TestRemembered:
    def test_draws_the_same_words_once(self):
        _rendered.cache_clear()
        pages = {drawn(CHIP, text="Fragile").strip() for _ in range(3)}

        assert pages == {'<span class="chip">Fragile</span>'}
        assert _rendered.cache_info().misses == 1

    def test_tells_safe_text_from_other_text(self):
        safe = drawn(CHIP, text=mark_safe("<b>x</b>"))
        other = drawn(CHIP, text="<b>x</b>")

        assert "<b>x</b>" in safe
        assert "&lt;b&gt;x&lt;/b&gt;" in other

    def test_tells_numbers_from_what_equals_them(self):
        assert [">1<" in drawn(CHIP, text=it) for it in (1, True)] == [True, False]

    def test_follows_the_readers_clock_and_language(self):
        at = datetime(2026, 5, 5, 12, tzinfo=UTC)

        with timezone.override("Asia/Tokyo"):
            there = drawn(DUE, at=at)
        with translation.override("de"):
            german = drawn(DUE, at=at)

        assert ">21:00<" in there
        assert german != drawn(DUE, at=at)

    def test_refuses_what_may_change_unseen(self):
        with pytest.raises(TypeError, match="object cannot be remembered"):
            drawn(CHIP, text=object())
