"""On which pages a widget may stand."""

import pytest

from helpdesk.chat.origins import is_allowed_origin, origin_of


class TestIsAllowedOrigin:
    @pytest.mark.parametrize(
        ("origin", "domain"),
        [
            ("https://shop.example", "shop.example"),
            ("http://shop.example", "SHOP.example "),
            ("https://SHOP.example", "shop.example"),
            ("https://shop.example:443", "shop.example"),
            ("https://a.shop.example", "*.shop.example"),
            ("https://a.b.shop.example", "*.shop.example"),
            ("http://localhost:8000", "localhost:8000"),
            ("http://[::1]:8000", "[::1]:8000"),
            ("http://127.0.0.1", "127.0.0.1"),
        ],
    )
    def test_takes_what_the_domain_means(self, origin, domain):
        assert is_allowed_origin(origin, domains=[domain])

    @pytest.mark.parametrize(
        ("origin", "domain"),
        [
            ("https://shop.example", "*.shop.example"),
            ("https://evilshop.example", "*.shop.example"),
            ("https://evilshop.example", "shop.example"),
            ("https://a.shop.example", "shop.example"),
            ("https://shop.example:8443", "shop.example"),
            ("https://shop.example.evil.example", "*.shop.example"),
            ("https://shop.example@evil.example", "shop.example"),
            ("https://evil.example/shop.example", "shop.example"),
            ("http://localhost:8001", "localhost:8000"),
            ("http://localhost", "localhost:8000"),
            ("ftp://shop.example", "shop.example"),
            ("null", "null"),
            ("null", "*"),
            ("https://evil.example", "*"),
            ("https://evil.example", "*."),
            ("", "shop.example"),
            ("https://", ""),
            ("https://shop.example:99999", "shop.example"),
            ("https://[", "shop.example"),
        ],
    )
    def test_takes_nothing_else(self, origin, domain):
        assert not is_allowed_origin(origin, domains=[domain])

    def test_takes_nothing_without_domains(self):
        assert not is_allowed_origin("https://shop.example", domains=[])


class TestOriginOf:
    @pytest.mark.parametrize(
        ("url", "origin"),
        [
            ("https://Desk.example/path?a=1", "https://desk.example"),
            ("https://desk.example:443", "https://desk.example"),
            ("http://desk.example:8000/", "http://desk.example:8000"),
            ("http://[::1]:8000", "http://[::1]:8000"),
            ("null", ""),
            ("javascript:alert(1)", ""),
            ("https://desk.example:x", ""),
        ],
    )
    def test_is_written_as_browsers_do(self, url, origin):
        assert origin_of(url) == origin
