import pytest

from helpdesk.chat.claims import ClaimInvalid, read_name


class TestReadName:
    @pytest.mark.parametrize(
        ("given", "name"),
        [
            ("  Maya\n Okafor ", "Maya Okafor"),
            ("Maya \u202e(nimda)\u202c", "Maya (nimda)"),
            ("\u2066Maya\u2069\u200b", "Maya"),
            ("\u0645\u06cc\u200c\u0631\u0648", "\u0645\u06cc\u200c\u0631\u0648"),
            (None, ""),
        ],
    )
    def test_returns_it_as_it_reads(self, given, name):
        assert read_name(given) == name

    def test_takes_only_text(self):
        with pytest.raises(ClaimInvalid):
            read_name(["Maya"])
