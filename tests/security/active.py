"""An independent eye: names everything in HTML that could run, load or submit."""

import re
from html.parser import HTMLParser

LOADING = {
    *("action", "archive", "background", "cite", "classid", "code", "codebase", "data"),
    *("dynsrc", "formaction", "href", "icon", "longdesc", "lowsrc", "manifest", "ping"),
    *("poster", "profile", "src", "srcdoc", "srcset", "usemap", "xlink:href"),
}
MAY_FOLLOW = re.compile(r"(?:https?://[^/]|mailto:|tel:)", re.IGNORECASE)
MAY_SHOW = re.compile(r"data:image/(?:png|jpeg|jpg|gif|webp|bmp);base64,[\w+/=]+$")
BAD_STYLE = re.compile(
    r"url|expression|import|binding|behavior|position|z-index|image|\\|/\*|@|var\(|<"
)
PLAIN = """
a abbr acronym address article aside b bdi bdo big blockquote br caption center cite
code col colgroup dd del dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5
h6 header hr i img ins kbd li main mark nobr ol p pre q rp rt ruby s samp section small
span strike strong sub sup table tbody td tfoot th thead time tr tt u ul var wbr
"""
TAGS = set(PLAIN.split())


class _Eye(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        if tag not in TAGS:
            self.found.append(tag)
        for name, value in attrs:
            self.look_at(tag, name, re.sub(r"[\x00-\x20]", "", value or ""))

    def look_at(self, tag, name, value):
        is_link = (tag, name) == ("a", "href") and MAY_FOLLOW.match(value)
        is_picture = (tag, name) == ("img", "src") and MAY_SHOW.match(value)
        if name in LOADING and not is_link and not is_picture:
            self.found.append(f"{tag} {name}={value[:40]}")
        if name.startswith(("on", "xmlns", "hx-", "data-hx")) or name in {"id", "name"}:
            self.found.append(f"{tag} {name}")
        if name == "style" and BAD_STYLE.search(value.lower()):
            self.found.append(f"{tag} style={value[:40]}")

    def handle_comment(self, data):
        self.found.append("comment")

    def handle_decl(self, decl):
        self.found.append("declaration")

    def handle_pi(self, data):
        self.found.append("instruction")


def active_content(html):
    """Return what in `html` runs, loads, submits or covers the page."""
    eye = _Eye()
    eye.feed(html)
    eye.close()
    return eye.found
