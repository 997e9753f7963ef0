"""What pages of the desk are tried with, and how they are looked at."""

from html.parser import HTMLParser

from django.urls import reverse

FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}
MARKUP = [
    "<script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{7*7}}{% load x %}",
    "javascript:alert(1)",
]


def opened(conversation):
    return reverse("inbox:conversation", args=[conversation.pk])


class _Eye(HTMLParser):
    """Sees what a browser would make of a page: handlers, scripts, addresses."""

    def __init__(self):
        super().__init__()
        self.alive = []

    def handle_starttag(self, tag, attrs):
        facts = dict(attrs)
        self.alive += [f"{tag} {name}" for name in facts if name.startswith("on")]
        if tag == "script" and not (facts.get("src") or "").startswith("/static/"):
            self.alive.append("script")
        for name in ("href", "src", "action", "hx-get", "hx-post"):
            if (facts.get(name) or "").lstrip().startswith(("javascript:", "x")):
                self.alive.append(f"{tag} {name}")


def is_dead(page):
    """Whether nothing of `MARKUP` came out as markup, and no template ran."""
    eye = _Eye()
    eye.feed(page)
    eye.close()
    return not eye.alive and "{{49}}" not in page
