import pytest

from helpdesk.chat.embedding import allowed_origins


class TestAllowedOrigins:
    @pytest.mark.parametrize(
        ("domain", "origins"),
        [
            ("shop.example", ["https://shop.example"]),
            ("*.shop.example", ["https://*.shop.example"]),
            ("shop.example:8443", ["https://shop.example:8443"]),
            ("shop.example:443", ["https://shop.example"]),
            ("BÜCHER.example", ["https://xn--bcher-kva.example"]),
            ("localhost:8000", ["https://localhost:8000", "http://localhost:8000"]),
            ("127.0.0.1", ["https://127.0.0.1", "http://127.0.0.1"]),
            ("shop.localhost", ["https://shop.localhost", "http://shop.localhost"]),
        ],
    )
    def test_are_what_browsers_call_the_domain(self, domain, origins):
        assert allowed_origins([domain]) == origins

    @pytest.mark.parametrize(
        "domain", ["", "*", "*.com", "a b", "a;b", "a,b", "'self'", "https:", "a\nb"]
    )
    def test_are_none_for_what_is_no_domain(self, domain):
        assert allowed_origins([domain]) == []

    def test_stand_there_once(self):
        twice = ["shop.example", "shop.example:443"]

        assert allowed_origins(twice) == ["https://shop.example"]
