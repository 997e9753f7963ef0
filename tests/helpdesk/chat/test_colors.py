import pytest

from helpdesk.chat.colors import color_or, contrast_of, ink_on


class TestInkOn:
    @pytest.mark.parametrize("color", [f"#{n:02x}{n:02x}{n:02x}" for n in range(256)])
    def test_can_be_read(self, color):
        assert contrast_of(color, ink_on(color)) >= 4.5


class TestColorOr:
    @pytest.mark.parametrize(
        "color", ["red", "#fff", "#0f766e;}", "url(x)", "", "#0f766e\n#"]
    )
    def test_takes_nothing_but_a_color(self, color):
        assert color_or(color, "#123456") == "#123456"

    def test_writes_it_small(self):
        assert color_or("#0F766E ", "#123456") == "#0f766e"
