"""Write the part of a document that its rules allow, well-formed and bounded."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from helpdesk.core.html.nesting import Nesting
from helpdesk.core.html.policy import (
    CONTENT_DROPPED,
    MAX_ATTRIBUTE,
    MAX_ELEMENTS,
    MAX_LINKS,
    MAX_TEXT_RUN,
    VOID,
)
from helpdesk.core.html.styles import safe_style
from helpdesk.core.html.urls import safe_link

_SIZE = re.compile(r"\d{1,4}(?:\.\d{1,4})?(?:%|px)?")
_SIZES = frozenset({"border", "cellpadding", "cellspacing", "height", "width"})
_DROPPED = "!"
_UNWRAPPED = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    tags: frozenset[str]
    attributes: Mapping[str, frozenset[str]]


class Writer:
    """Receives parser events and writes allowed elements; see `parsing.Target`.

    An element that is not allowed, too deep or one too many loses its tags and
    keeps its text.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._out: list[str] = []
        self._text: list[str] = []
        self._open: list[str] = []
        self._nesting = Nesting(self._out)
        self._dropping = 0
        self._elements = 0
        self.links = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if self._dropping or tag in CONTENT_DROPPED:
            self._dropping += 1
            self._open.append(_DROPPED)
            return
        self._open.append(self._write_start(tag, attributes))

    def end(self, tag: str) -> None:
        written = self._open.pop() if self._open else _UNWRAPPED
        if written == _DROPPED:
            self._dropping -= 1
        elif written:
            self._write_text()
            self._out.append(f"</{self._nesting.leave()}>")

    def data(self, text: str) -> None:
        if not self._dropping:
            self._text.append(text)

    def comment(self, text: str) -> None:
        """Leave comments out: some mail programs put conditions into them."""

    def pi(self, target: str, data: str | None = None) -> None:
        """Leave processing instructions out."""

    def close(self) -> str:
        self._write_text()
        return "".join(self._out)

    def image_attributes(self, attributes: dict[str, str]) -> dict[str, str] | None:
        """Return what an `<img>` may load and how; None leaves it out."""
        raise NotImplementedError

    def _write_text(self) -> None:
        """Write what was read since the last tag.

        Many references (`&amp;`) in one run of text cost the second parser their
        square, so that an element which shows nothing parts long runs.
        """
        if not self._text:
            return
        text = "".join(self._text)
        self._text.clear()
        for begin in range(0, len(text), MAX_TEXT_RUN):
            if begin:
                self._out.append("<wbr>")
            piece = text[begin : begin + MAX_TEXT_RUN]
            self._out.append(escape(piece, quote=False))

    def _write_start(self, tag: str, attributes: dict[str, str]) -> str:
        """Write the tag if it may stay; return what its end has to close."""
        if tag == "body":
            tag = "div" if attributes.keys() & {"bgcolor", "style", "dir"} else ""
        if tag not in self._rules.tags or self._elements >= MAX_ELEMENTS:
            return _UNWRAPPED
        tag = self._nesting.fitting(tag)
        if not tag:
            return _UNWRAPPED
        kept = self._own_attributes(tag, attributes)
        if kept is None:
            return _UNWRAPPED
        kept |= self._allowed_attributes(tag, attributes)
        self._elements += 1
        self._write_text()
        written = "".join(f' {name}="{escape(kept[name])}"' for name in kept)
        self._out.append(f"<{tag}{written}>")
        if tag in VOID:
            return _UNWRAPPED
        self._nesting.enter(tag)
        return tag

    def _own_attributes(
        self, tag: str, attributes: dict[str, str]
    ) -> dict[str, str] | None:
        if tag == "img":
            return self.image_attributes(attributes)
        if tag == "a":
            return self._link_attributes(attributes)
        return {}

    def _link_attributes(self, attributes: dict[str, str]) -> dict[str, str] | None:
        link = safe_link(attributes.get("href") or "")
        if not link or self.links >= MAX_LINKS:
            return None
        self.links += 1
        return {"href": link}

    def _allowed_attributes(
        self, tag: str, attributes: dict[str, str]
    ) -> dict[str, str]:
        if not attributes:
            return {}
        allowed = self._rules.attributes
        names = allowed["*"] | allowed.get(tag, frozenset())
        kept = {}
        for name, value in attributes.items():
            if name in names and name != "href":
                kept[name] = _safe_value(name, value or "")
        return {name: value for name, value in kept.items() if value}


def _safe_value(name: str, value: str) -> str:
    if name == "style":
        return safe_style(value)
    if name in _SIZES:
        value = value.strip()
        return value if _SIZE.fullmatch(value) else ""
    return value[:MAX_ATTRIBUTE]
