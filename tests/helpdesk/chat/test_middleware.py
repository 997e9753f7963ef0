import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from helpdesk.chat.middleware import NoCookies


@pytest.fixture
def answer():
    """Ask through the middleware; the view repeats which cookies it was sent."""

    def view(request):
        response = HttpResponse(repr(sorted(request.COOKIES)))
        response.set_cookie("ours", "1")
        response.headers["Vary"] = "Accept-Language, Cookie"
        return response

    def ask(path):
        return NoCookies(view)(RequestFactory().get(path, HTTP_COOKIE="theirs=1"))

    return ask


class TestNoCookies:
    @pytest.mark.parametrize("path", ["/chat/chat-1/", "/api/v1/chat/me/"])
    def test_lets_none_in_or_out_where_visitors_come(self, answer, path):
        response = answer(path)

        assert response.content == b"[]"
        assert not response.cookies
        assert response["Vary"] == "Accept-Language"

    @pytest.mark.parametrize("path", ["/", "/chats/", "/api/v1/other/"])
    def test_leaves_other_pages_alone(self, answer, path):
        response = answer(path)

        assert response.content == b"['theirs']"
        assert "ours" in response.cookies
        assert response["Vary"] == "Accept-Language, Cookie"
