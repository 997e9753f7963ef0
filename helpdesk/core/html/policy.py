"""What may stay in HTML from outside, and how much of it, as data.

Everything is an allow-list: what is not named here does not survive.
"""

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MAX_CHARACTERS: Final = 600_000
"""What follows is cut. The raw message is kept, so nothing is lost by it."""
MAX_ELEMENTS: Final = 30_000
MAX_LINKS: Final = 5_000
MAX_DEPTH: Final = 120
"""Deeper elements lose their tags and keep their text: nesting costs browsers
and parsers the square of its depth."""
MAX_FORMATTING: Final = 12
"""`<b>`, `<font>` and the like that may be open at once."""
MAX_TEXT_RUN: Final = 5_000
MAX_URL: Final = 8_000
MAX_ATTRIBUTE: Final = 2_000
MAX_DATA_IMAGE: Final = 200_000

LINK_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel"})
LINK_REL: Final = "noopener noreferrer nofollow"

VOID: Final = frozenset({"br", "col", "hr", "img", "wbr"})
FORMATTING: Final = _words("a b big code em font i nobr s small strike strong tt u")
BLOCKS: Final = _words(
    "address article aside blockquote center dd details div dl dt figcaption figure"
    " footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary"
    " table tr ul"
)
CONTENT_DROPPED: Final = _words(
    "applet audio canvas embed frame frameset head iframe math noembed noframes object"
    " script style svg template title video xml"
)
"""Removed with everything in them. Other unknown elements keep their text."""

MAIL_TAGS: Final = _words(
    "a abbr acronym address article aside b bdi bdo big blockquote br caption center"
    " cite code col colgroup dd del dfn div dl dt em figcaption figure font footer h1"
    " h2 h3 h4 h5 h6 header hr i img ins kbd li main mark nobr ol p pre q rp rt ruby s"
    " samp section small span strike strong sub sup table tbody td tfoot th thead time"
    " tr tt u ul var wbr"
)
COMPOSE_TAGS: Final = _words(
    "a b blockquote br code del div em h1 h2 h3 hr i img li ol p pre s span strong sub"
    " sup u ul wbr"
)

_CELL: Final = _words(
    "align bgcolor colspan headers height nowrap rowspan scope valign width"
)
_ANYWHERE: Final = _words("dir lang style title")
MAIL_ATTRIBUTES: Final = {
    "*": _ANYWHERE,
    "a": frozenset({"href"}),
    "blockquote": frozenset({"type"}),
    "col": _words("align span valign width"),
    "colgroup": _words("align span valign width"),
    "div": frozenset({"align", "bgcolor"}),
    "font": _words("color face size"),
    "h1": frozenset({"align"}),
    "h2": frozenset({"align"}),
    "h3": frozenset({"align"}),
    "hr": _words("align color noshade size width"),
    "img": _words("align alt border height width"),
    "li": frozenset({"value"}),
    "ol": frozenset({"start", "type", "reversed"}),
    "p": frozenset({"align"}),
    "table": _words("align bgcolor border cellpadding cellspacing height width"),
    "tbody": frozenset({"align", "valign"}),
    "td": _CELL,
    "th": _CELL,
    "time": frozenset({"datetime"}),
    "tr": _words("align bgcolor height valign width"),
    "ul": frozenset({"type"}),
}
COMPOSE_ATTRIBUTES: Final = {
    "*": frozenset({"dir", "lang"}),
    "a": frozenset({"href"}),
    "img": frozenset({"alt", "height", "width"}),
    "ol": frozenset({"start"}),
}
OWN_ATTRIBUTES: Final = {
    "a": frozenset({"href", "rel", "target"}),
    "img": frozenset({"data-cid", "data-src", "loading", "referrerpolicy", "src"}),
}
"""Written by us and never taken over from a message."""

STYLE_PROPERTIES: Final = _words(
    "background background-color border border-bottom border-bottom-color"
    " border-bottom-style border-bottom-width border-collapse border-color border-left"
    " border-left-color border-left-style border-left-width border-radius border-right"
    " border-right-color border-right-style border-right-width border-spacing"
    " border-style border-top border-top-color border-top-style border-top-width"
    " border-width caption-side clear color direction display float font font-family"
    " font-size font-style font-variant font-weight height letter-spacing line-height"
    " list-style list-style-type margin margin-bottom margin-left margin-right"
    " margin-top max-height max-width min-height min-width overflow-wrap padding"
    " padding-bottom padding-left padding-right padding-top table-layout text-align"
    " text-decoration text-indent text-transform unicode-bidi vertical-align"
    " white-space width word-break word-spacing word-wrap"
)
DISPLAY_VALUES: Final = _words(
    "block inline inline-block inline-table list-item none table table-cell"
    " table-column table-column-group table-footer-group table-header-group table-row"
    " table-row-group"
)
MAX_LENGTH: Final = 2_000
"""The largest number a style may hold: nothing pushes the page out of sight."""
