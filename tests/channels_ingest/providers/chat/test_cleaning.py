import pytest

from channels_ingest.providers.chat.cleaning import (
    NoDomain,
    NoFact,
    NotEncrypted,
    domain_of,
    facts_of,
    is_image_address,
    lines_of,
    name_of,
)


class TestDomainOf:
    @pytest.mark.parametrize(
        ("typed", "domain"),
        [
            ("shop.example", "shop.example"),
            (" Shop.Example ", "shop.example"),
            ("https://shop.example/cart?a=1", "shop.example"),
            ("*.shop.example", "*.shop.example"),
            ("shop.example:8443", "shop.example:8443"),
            ("localhost", "localhost"),
            ("http://localhost:8000/", "localhost:8000"),
            ("127.0.0.1:19100", "127.0.0.1:19100"),
            ("käse.example", "xn--kse-qla.example"),
        ],
    )
    def test_is_what_browsers_call_it(self, typed, domain):
        assert domain_of(typed) == domain

    @pytest.mark.parametrize(
        "typed",
        [
            "",
            "*",
            "*.",
            "*.com",
            "**.shop.example",
            "shop.*.example",
            "shop.example; script-src *",
            "shop.example script-src",
            "shop.example\nX-Evil: 1",
            "shop.example,other.example",
            "'self'",
            "'unsafe-inline'",
            "javascript:alert(1)",
            "javascript://shop.example",
            "data:text/html,hello",
            "shop.example:0",
            "shop.example:99999",
            "shop.example:80;",
            "shop.example:٨٠",
            "user@shop.example",
            "<script>",
            "shop..example",
            "-shop.example",
            "a" * 300 + ".example",
            "[::1]:8000",
            "\u2028.example",
        ],
    )
    def test_lets_nothing_else_into_a_header(self, typed):
        with pytest.raises(NoDomain):
            domain_of(typed)

    def test_wants_sites_elsewhere_to_be_encrypted(self):
        with pytest.raises(NotEncrypted):
            domain_of("http://shop.example")


class TestIsImageAddress:
    @pytest.mark.parametrize(
        "url",
        [
            "https://shop.example/logo.png",
            "https://cdn.shop.example:8443/a/logo.svg?v=2&size=64",
        ],
    )
    def test_takes_pictures_by_https(self, url):
        assert is_image_address(url)

    @pytest.mark.parametrize(
        "url",
        [
            "http://shop.example/logo.png",
            "//shop.example/logo.png",
            "javascript:alert(1)",
            "data:image/png;base64,AAAA",
            "https://",
            "https://*/logo.png",
            "https://*.shop.example/logo.png",
            "https://shop.example/a b.png",
            "https://shop.example/a.png; script-src *",
            'https://shop.example/"onerror="x',
            "https://user:secret@shop.example/logo.png",
            "https://shop.example/logo.png#x",
            "https://[::1/logo.png",
        ],
    )
    def test_takes_nothing_that_means_more_in_a_header(self, url):
        assert not is_image_address(url)


class TestFactsOf:
    def test_reads_what_is_what(self):
        facts = facts_of(["basket = full", "plan=pro = yearly"])

        assert facts == {"basket": "full", "plan": "pro = yearly"}
        assert facts_of(lines_of(facts)) == facts

    @pytest.mark.parametrize(
        "line", ["basket", "= full", "basket =", "<b> = 1", "__proto__ = x", "a=" * 200]
    )
    def test_refuses_what_is_no_fact(self, line):
        with pytest.raises(NoFact):
            facts_of([line])


class TestNameOf:
    def test_is_made_of_the_words(self):
        assert name_of("Order number?", taken=set()) == "order_number"

    def test_is_not_taken(self):
        taken = {"order_number", "order_number_2"}

        assert name_of("Order number", taken=taken) == "order_number_3"

    def test_is_there_for_any_script(self):
        assert name_of("رقم الطلب", taken=set()) == "question"
