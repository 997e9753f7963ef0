import pytest

from helpdesk.core.html.urls import content_id, safe_image, safe_link


class TestSafeLink:
    @pytest.mark.parametrize(
        "url",
        [
            *(
                "javascript:alert(1)",
                "JaVaScRiPt:alert(1)",
                " javascript:a",
                "\x01javascript:a",
            ),
            *(
                "java\tscript:a",
                "java\nscript:a",
                "java\x00script:a",
                "\u200bjavascript:a",
            ),
            *(
                "vbscript:a",
                "data:text/html,a",
                "file:///etc/passwd",
                "blob:a",
                "about:a",
            ),
            *(
                "php://filter/a",
                "cid:a",
                "ftp://a",
                "intent://a",
                "ms-msdt:/id",
                "search-ms:a",
            ),
            *(
                "admin/",
                "https:admin/",
                "https:/admin/",
                "\\\\a.example\\b",
                "/admin/",
                "#a",
                "?a",
                "",
                " ",
                "https:",
                "https://",
                "//",
                "a.example",
            ),
            *("javascript&colon;alert(1)", "https://a/" + "b" * 9000),
        ],
    )
    def test_refuses(self, url):
        assert safe_link(url) == ""

    @pytest.mark.parametrize(
        ("url", "link"),
        [
            ("https://a.example/b", "https://a.example/b"),
            (" HTTPS://A.example ", "https://A.example"),
            ("ht\ntps://a.example/b c", "https://a.example/b%20c"),
            ("//a.example/b", "https://a.example/b"),
            ("https:/\\a.example", "https://a.example"),
            ("mailto:a@b.example", "mailto:a@b.example"),
        ],
    )
    def test_makes_absolute(self, url, link):
        assert safe_link(url) == link


class TestSafeImage:
    @pytest.mark.parametrize("url", ["mailto:a@b", "tel:1", "javascript:a", "a.png"])
    def test_refuses_what_is_no_picture(self, url):
        assert safe_image(url) == ""


class TestContentId:
    @pytest.mark.parametrize("url", ["cid:a@b", "CID:a%40b", " cid:<a@b> "])
    def test_is_read_however_it_is_written(self, url):
        assert content_id(url) == "a@b"

    def test_is_empty_for_other_addresses(self):
        assert content_id("https://a.example/cid:b") == ""
