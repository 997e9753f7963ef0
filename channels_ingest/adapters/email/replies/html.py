"""Split an HTML body into reply and quoted history, keeping the markup of both."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree
from lxml.etree import _Element

from channels_ingest.adapters.email.replies.containers import (
    Containers,
    find_containers,
)
from channels_ingest.adapters.email.replies.flatten import FlatBody, flatten
from channels_ingest.adapters.email.replies.kinds import QUOTES, Kind, Label
from channels_ingest.adapters.email.replies.labels import label_lines
from channels_ingest.adapters.email.replies.lines import classify, cleaned
from channels_ingest.adapters.email.replies.pruning import prune
from channels_ingest.adapters.email.replies.text import MOST_LINES, trim_blank_lines
from channels_ingest.adapters.email.replies.words import words_of

MAX_CHARS = 5_000_000
MAX_TAGS = 60_000
MAX_DEPTH = 500
LONGEST_INTRO = 4
"""Lines."""

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_UNNESTED = frozenset(
    words_of(
        """
    area base br col embed hr img input link meta param source track wbr p li td th tr
    option dd dt tbody thead tfoot
    """
    )
)
_DOCUMENT = re.compile(r"<(?:html|body|head|!doctype)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitHtml:
    """An HTML body in two parts. Neither is safe to show before it is sanitized."""

    visible: str
    """What the sender wrote, signature included."""
    quoted: str
    """The history; empty if there is none."""
    visible_text: str
    """What the sender wrote as plain text, without the signature."""


@dataclass(slots=True)
class _Reading:
    root: _Element
    containers: Containers
    body: FlatBody


def split_html(html: str) -> SplitHtml:
    """Split what the sender wrote from quoted history.

    All of it is visible if the markup is too large or too deep to read in bounded time.
    """
    reading = _read(html) if _is_bounded(html) else None
    if reading is None:
        return SplitHtml(visible=html, quoted="", visible_text="")
    labels = _labels(reading)
    text = _visible_text(reading.body, labels)
    rest = _read(html) if Label.QUOTED in labels else None
    if rest is None:
        return SplitHtml(visible=html, quoted="", visible_text=text)
    is_quoted = [label is Label.QUOTED for label in labels]
    prune(reading.root, reading.body, [not quoted for quoted in is_quoted])
    prune(rest.root, rest.body, is_quoted)
    return SplitHtml(
        visible=_serialized(reading.root, html),
        quoted=_serialized(rest.root, html),
        visible_text=text,
    )


def _is_bounded(html: str) -> bool:
    if len(html) > MAX_CHARS or html.count("<") > MAX_TAGS:
        return False
    depth = 0
    for match in _TAG.finditer(html):
        if match[2].lower() not in _UNNESTED:
            depth = max(0, depth - 1) if match[1] else depth + 1
            if depth > MAX_DEPTH:
                return False
    return True


def _read(html: str) -> _Reading | None:
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True)
    source = html.replace("\0", "").encode("utf-8", "replace")
    root = etree.fromstring(source, parser) if source.strip() else None
    if root is None:
        return None
    containers = find_containers(root)
    return _Reading(root, containers, flatten(root, containers.quotes))


def _labels(reading: _Reading) -> list[Label]:
    body = reading.body
    lines = [cleaned(line) for line in body.lines[:MOST_LINES]]
    kinds = classify(lines, body.quoted[:MOST_LINES])
    for element, quote in reading.containers.intros:
        _mark_intro(kinds, body, element, quote)
    for element in reading.containers.cuts:
        _mark_cut(kinds, body.line_of[element])
    labels = label_lines(kinds, fold_lone_quote=True)
    return labels + labels[-1:] * (len(body.lines) - len(labels))


def _mark_intro(
    kinds: list[Kind], body: FlatBody, element: _Element, quote: _Element | None
) -> None:
    """Believe the markup where it says that lines introduce a quote."""
    start = body.line_of[element]
    end = body.last_line_of[element] + 1 if quote is None else body.line_of[quote]
    end = min(end, len(kinds))
    texts = [i for i in range(start, end) if kinds[i] is Kind.TEXT]
    if len(texts) <= LONGEST_INTRO:
        for i in texts:
            kinds[i] = Kind.ATTRIBUTION


def _mark_cut(kinds: list[Kind], start: int) -> None:
    for i in range(start, len(kinds)):
        if kinds[i] is Kind.BLANK:
            continue
        if kinds[i] is not Kind.FORWARD and kinds[i] not in QUOTES:
            kinds[i] = Kind.SEPARATOR
        return


def _visible_text(body: FlatBody, labels: Sequence[Label]) -> str:
    lines = (
        f"> {line}" if is_quoted else line
        for line, is_quoted, label in zip(body.lines, body.quoted, labels, strict=True)
        if label is Label.VISIBLE
    )
    return trim_blank_lines("\n".join(lines))


def _serialized(root: _Element, html: str) -> str:
    """Return the document, or the fragment if that is what came in."""
    if _DOCUMENT.search(html):
        return etree.tostring(root, encoding="unicode", method="html")
    frame = root.find("body")
    markup = etree.tostring(
        root if frame is None else frame, encoding="unicode", method="html"
    )
    return markup.partition(">")[2].rpartition("</")[0]
