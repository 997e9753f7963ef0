"""Take lines out of an HTML document and leave the rest of its markup alone."""

from collections.abc import Sequence

from lxml.etree import _Element

from channels_ingest.adapters.email.replies.flatten import HIDDEN, FlatBody, Piece

_FRAME = frozenset({"html", "body", "head", *HIDDEN})


def prune(root: _Element, body: FlatBody, keep: Sequence[bool]) -> None:
    """Remove the lines that are not kept, and elements that hold nothing else."""
    with_text = {piece.element for piece in body.pieces if not piece.is_tail}
    kept = _clear_texts(body.pieces, keep)
    for element in reversed(list(root.iter())):
        if element in kept or element.tag in _FRAME or len(element):
            continue
        is_empty_leaf = element in body.line_of and element not in with_text
        if is_empty_leaf and keep[min(body.line_of[element], len(keep) - 1)]:
            continue
        _remove(element, kept)


def _clear_texts(pieces: Sequence[Piece], keep: Sequence[bool]) -> set[_Element]:
    """Empty the texts that are not kept; return the elements that keep theirs."""
    cut: dict[tuple[_Element, bool], list[str]] = {
        (piece.element, piece.is_tail): [] for piece in pieces if not keep[piece.line]
    }
    kept = [piece for piece in pieces if keep[piece.line]]
    for piece in kept:
        if (texts := cut.get((piece.element, piece.is_tail))) is not None:
            texts.append((_text(piece) or "")[piece.start : piece.end])
    for (element, is_tail), texts in cut.items():
        if is_tail or element.tag not in HIDDEN:
            _set_text(element, "".join(texts) or None, is_tail=is_tail)
    return {piece.element for piece in kept if not piece.is_tail}


def _text(piece: Piece) -> str | None:
    return piece.element.tail if piece.is_tail else piece.element.text


def _set_text(element: _Element, text: str | None, *, is_tail: bool) -> None:
    if is_tail:
        element.tail = text
    else:
        element.text = text


def _remove(element: _Element, kept: set[_Element]) -> None:
    """Remove an element and leave the text that follows it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        kept.add(parent)
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)
