import pytest

from inbox.views.presenting.details import form_of, is_of_the_web, page_of, pages_of


class TestFormOf:
    def test_is_what_was_asked_and_what_was_written(self):
        given = [{"label": "Order", "value": "1047"}, {"label": "Gift", "value": True}]

        assert form_of(given) == [
            {"label": "Order", "value": "1047"},
            {"label": "Gift", "value": "✓"},
        ]

    @pytest.mark.parametrize(
        "given", [None, "text", {"label": "x"}, [1, "two"], [{"label": "Order"}]]
    )
    def test_is_nothing_where_nothing_makes_sense(self, given):
        assert form_of(given) == []


class TestPageOf:
    def test_has_a_title_and_an_address(self):
        page = page_of({"title": "Tents", "url": "https://shop.example/tents"})

        assert (page["title"], page["url"]) == ("Tents", "https://shop.example/tents")

    def test_is_called_by_its_address_without_a_title(self):
        assert page_of({"url": "https://shop.example/"})["title"] == (
            "https://shop.example/"
        )

    def test_is_no_link_to_what_runs(self):
        page = page_of({"title": "Tents", "url": "javascript:alert(1)"})

        assert page["url"] == ""

    @pytest.mark.parametrize("given", [None, {}, [], {"title": " ", "url": 7j}])
    def test_is_nothing_where_nothing_is_said(self, given):
        assert page_of(given) is None


class TestPagesOf:
    def test_keeps_the_order_and_the_times(self):
        pages = pages_of(
            [
                {"title": "Home", "url": "", "at": "2026-11-22T10:00:00+00:00"},
                {"title": "Tents", "url": "", "at": "yesterday"},
                {"title": "Poles", "url": "", "at": "2026-22-22T10:00:00"},
            ]
        )

        assert [page["title"] for page in pages] == ["Home", "Tents", "Poles"]
        assert [page["at"] is None for page in pages] == [False, True, True]


class TestIsOfTheWeb:
    @pytest.mark.parametrize("url", ["https://shop.example/a?b=c", "http://localhost"])
    def test_is_true_of_the_web(self, url):
        assert is_of_the_web(url)

    @pytest.mark.parametrize(
        "url",
        [
            *("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd"),
            *("//shop.example", "/tents", "https://", "http://[", ""),
        ],
    )
    def test_is_false_of_anything_else(self, url):
        assert not is_of_the_web(url)
