"""Visitors of other people's pages get no cookies from us, and theirs are not read."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

PATHS = ("/chat/", "/api/v1/chat/")


class NoCookies:
    """Let nobody be signed in, and no cookie be set, where visitors come.

    Stands before sessions: a widget that looks the same for everybody can be cached,
    and a visitor who is an agent as well is only a visitor here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PATHS):
            return self.get_response(request)
        request.META.pop("HTTP_COOKIE", None)
        # Whatever a client says: what it sends is read as nothing else.
        request.encoding = "utf-8"
        response = self.get_response(request)
        response.cookies.clear()
        _forget_that_cookies_matter(response)
        return response


def _forget_that_cookies_matter(response: HttpResponse) -> None:
    names = [it.strip() for it in response.headers.get("Vary", "").split(",")]
    kept = [name for name in names if name and name.lower() != "cookie"]
    if kept:
        response.headers["Vary"] = ", ".join(kept)
    elif "Vary" in response.headers:
        del response.headers["Vary"]
