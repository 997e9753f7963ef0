"""The elements in which mail programs wrap quoted history."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from lxml import etree
from lxml.etree import _Element

from channels_ingest.adapters.email.replies.lines import cleaned
from channels_ingest.adapters.email.replies.markers import is_forward, may_be_forward
from channels_ingest.adapters.email.replies.words import words_of

# Gmail, Yahoo, Proton, Tutanota, Zoho, Front, Missive, HubSpot, Yandex, Mail.ru …
_QUOTE_CLASSES = frozenset(
    words_of(
        """
    gmail_quote gmail_quote_container yahoo_quoted protonmail_quote tutanota_quote
    zmail_extra front-blockquote missive_quote hs_reply mail-quote-collapse
    sh-quoted-content
    quoted-text moz-email-quote wmquote skiff-quote startmail_quote hey_quote
    """
    )
)
_QUOTE_IDS = re.compile(
    r"(?:x_)*(?:olk_src_body_section|mail-editor-reference-message-container"
    r"|yahoo_quoted|aolmsgpart|isreplycontent|quoted_?message|replysplit$)",
    re.IGNORECASE,
)
_QUOTE_NAMES = frozenset({"quote", "messagereplysection", "quoted-content"})
_CUT_CLASSES = frozenset(
    {"outlookmessageheader", "ms-outlook-mobile-reference-message"}
)
_CUT_IDS = re.compile(
    r"(?:x_)*(?:divrplyfwdmsg|appendonsend|stopspelling|_mailoriginal|zwchr)$",
    re.IGNORECASE,
)
_CUT_MARKERS = frozenset({"__DIVIDER__", "__QUOTED_TEXT__", "__HEADERS__"})
_INTRO_CLASSES = frozenset({"moz-cite-prefix", "gmail_attr"})
_INTRO_IDS = re.compile(r"(?:x_)*reply-intro$", re.IGNORECASE)
_INDENT = re.compile(r"border(?:-left)?(?:-width|-style)?:\s*(?:none|0)", re.IGNORECASE)
_PREFIX = re.compile(r"^(?:x_|ecx)+")
MOST_TEXTS = 20
MOST_INTROS = 50


@dataclass(slots=True)
class Containers:
    """What the markup says about history."""

    quotes: frozenset[_Element]
    cuts: tuple[_Element, ...]
    """From these on everything is history."""
    intros: tuple[tuple[_Element, _Element | None], ...]
    """Attributions: the element, and the quote that ends it if it does so itself."""


def find_containers(root: _Element) -> Containers:
    """Return the elements that mark history, forwarded messages left out."""
    quotes: list[_Element] = []
    cuts: list[_Element] = []
    intros: list[tuple[_Element, _Element | None]] = []
    walk = etree.iterwalk(root, events=("start",))
    for _event, element in walk:
        if _is_cut(element):
            cuts.append(element)
        elif _is_intro(element):
            intros.append((element, None))
        elif _is_quote(element) and not _is_forwarded(element):
            inner = _inner_quote(element) if len(intros) < MOST_INTROS else None
            if inner is None:
                quotes.append(element)
                walk.skip_subtree()
            else:
                # Answers between its quotes are in here too.
                intros.append((element, inner))
    return Containers(frozenset(quotes), tuple(cuts), tuple(intros))


def _classes(element: _Element) -> Iterator[str]:
    for name in (element.get("class") or "").split():
        yield _PREFIX.sub("", name)


def _is_quote(element: _Element) -> bool:
    if element.tag == "blockquote":
        return not _INDENT.search(element.get("style") or "") or bool(
            element.get("type") or element.get("cite")
        )
    return (
        any(name in _QUOTE_CLASSES for name in _classes(element))
        or bool(_QUOTE_IDS.match(element.get("id") or ""))
        or (element.get("name") or "").casefold() in _QUOTE_NAMES
    )


def _is_cut(element: _Element) -> bool:
    return (
        any(name.casefold() in _CUT_CLASSES for name in _classes(element))
        or bool(_CUT_IDS.match(element.get("id") or element.get("name") or ""))
        or element.get("data-marker") in _CUT_MARKERS
    )


def _is_intro(element: _Element) -> bool:
    return any(name in _INTRO_CLASSES for name in _classes(element)) or bool(
        _INTRO_IDS.match(element.get("id") or "")
    )


def _is_forwarded(element: _Element) -> bool:
    """Tell whether the container's first words say that it is a forwarded message."""
    texts = (
        cleaned(str(text)[:200]).strip() for text in element.itertext(with_tail=False)
    )
    first = next((text for text in islice(texts, MOST_TEXTS) if text), "")
    return is_forward(first) or may_be_forward(first)


def _inner_quote(element: _Element) -> _Element | None:
    """Return the first real quote in a container that is more than that."""
    if element.tag == "blockquote":
        return None
    return next(
        (quote for quote in element.iter("blockquote") if _is_quote(quote)), None
    )
