"""Finds the text and the HTML of a mail among its parts, and its files."""

import html
import re
from dataclasses import dataclass, field

from channels_ingest.adapters.email.attachments import (
    AttachmentList,
    Placement,
    linked_ids,
)
from channels_ingest.adapters.email.calendars import read_calendar
from channels_ingest.adapters.email.charsets import decode
from channels_ingest.adapters.email.embedded import (
    EmbeddedFile,
    take_data_urls,
    take_uuencoded,
)
from channels_ingest.adapters.email.flowed import unflow
from channels_ingest.adapters.email.html_text import has_visible_content, html_to_text
from channels_ingest.adapters.email.limits import (
    MAX_DEPTH,
    MAX_HTML_BYTES,
    MAX_HTML_CHARS,
    MAX_TEXT_BYTES,
    MAX_TEXT_CHARS,
)
from channels_ingest.adapters.email.parsed import ParsedAttachment
from channels_ingest.adapters.email.reading_state import ReadingState
from channels_ingest.adapters.email.structure import Part, split_decoded
from channels_ingest.adapters.email.tnef import NotTnef, unpack_tnef
from channels_ingest.adapters.email.transfer import decode_transfer, transfer_encoding

_CID = re.compile(r"cid:([^\"'\s<>)]{1,998})", re.IGNORECASE)
_META_CHARSET = re.compile(
    rb"(?i)<meta[^>]{0,200}?charset\s*+=\s*+[\"']?([\w.:-]{1,40})"
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_MARKUP_START = re.compile(r"\s*<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE)
_BODY_TYPES = frozenset({"plain", "html", "enriched", "richtext", "markdown", "x-web"})
_SPARE_TYPES = frozenset({"text/x-amp-html", "text/watch-html"})
_TNEF_TYPES = ("application/ms-tnef", "application/vnd.ms-tnef")


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the body, in one or both forms."""

    text: str | None = None
    html: str | None = None
    image: ParsedAttachment | None = None
    """An image that stands between two texts."""

    @property
    def is_empty(self) -> bool:
        return not (self.text or "").strip() and self.html is None


@dataclass(frozen=True, slots=True)
class Body:
    text: str | None
    html: str | None
    attachments: tuple[ParsedAttachment, ...]


@dataclass(slots=True)
class BodyReader:
    """Reads the parts of one message, outermost first."""

    state: ReadingState
    hint: str
    files: AttachmentList = field(default_factory=AttachmentList)
    _has_body: bool = False

    def read(self, root: Part) -> Body:
        segment = self._segment(root)
        text, markup = segment.text, segment.html
        if markup is not None:
            markup = self._without_data_urls(markup)
            if (text or "").strip() and not has_visible_content(markup):
                markup = None
        if markup is not None and not (text or "").strip():
            text = html_to_text(markup)
        text = self._capped(text, MAX_TEXT_CHARS)
        ids = linked_ids(_CID.findall(markup or ""))
        return Body(text, markup, self.files.placed(ids))

    def _capped(self, text: str | None, limit: int) -> str | None:
        if text is None or len(text) <= limit:
            return text
        self.state.defects.note(f"Its text was cut after {limit} characters.")
        return text[:limit]

    def _without_data_urls(self, markup: str) -> str:
        markup, images = take_data_urls(markup)
        for image in images:
            self._add_embedded(image, is_inline=True)
        if len(markup) > MAX_HTML_CHARS:
            self.state.defects.note(
                f"Its HTML was cut after {MAX_HTML_CHARS} characters."
            )
        return markup[:MAX_HTML_CHARS]

    def _add_embedded(self, file: EmbeddedFile, *, is_inline: bool) -> None:
        if self.state.may_unpack(len(file.data)):
            self.files.add(
                name=file.name,
                content_type=file.content_type,
                data=file.data,
                content_id=file.content_id,
                is_inline=is_inline,
            )

    def _segment(self, part: Part) -> Segment:
        if part.children:
            return self._container(part)
        if part.kind.is_multipart:
            return self._unsplit(part)
        return self._leaf(part)

    def _container(self, part: Part) -> Segment:
        if part.kind.subtype == "alternative":
            return self._alternative(part)
        segments = [self._segment(child) for child in part.children]
        return _merged([segment for segment in segments if _counts(segment)])

    def _alternative(self, part: Part) -> Segment:
        """Take the plainest and the richest form of the same content."""
        had_body = self._has_body
        segments = []
        for child in part.children:
            self._has_body = had_body
            segments.append(self._segment(child))
        plain = [found.text for found in segments if (found.text or "").strip()]
        rich = [found.html for found in segments if found.html is not None]
        self._has_body = had_body or bool(plain or rich)
        pure = [found.text for found in segments if found.html is None and found.text]
        texts = [text for text in pure if text.strip()] or plain
        return Segment(texts[0] if texts else None, rich[-1] if rich else None)

    def _unsplit(self, part: Part) -> Segment:
        """Read a multipart in which no parts were found: encoded, or mere text."""
        data = self._decoded(part)
        boundary = part.kind.boundary
        may_split = part.depth < MAX_DEPTH and data != part.body
        if may_split and boundary and boundary in data:
            self.state.defects.note("A multipart was transfer-encoded as a whole.")
            return self._segment(
                split_decoded(part, data, self.state.budget, self.state.defects)
            )
        if data.strip():
            self.state.defects.note("No part was found in it; the rest is a file.")
            text = self._text_of(part, data[:MAX_TEXT_BYTES], "plain")
            text = text[:MAX_TEXT_CHARS]
            self.files.add(name="", content_type="text/plain", data=data, text=text)
        return Segment()

    def _decoded(self, part: Part) -> bytes:
        encoding = transfer_encoding(part.headers.first("content-transfer-encoding"))
        return decode_transfer(part.body, encoding, self.state.defects)

    def _leaf(self, part: Part) -> Segment:
        placement = Placement.read(part, self.hint)
        if part.kind.full in _SPARE_TYPES and part.parent is not None:
            return Segment()
        if self._is_body(part, placement):
            self._has_body = True
            return self._text_segment(part, self._decoded(part), part.kind.subtype)
        return self._file(part, placement)

    def _is_body(self, part: Part, placement: Placement) -> bool:
        if part.kind.maintype != "text" or part.kind.subtype not in _BODY_TYPES:
            return False
        if placement.is_attachment:
            return part.parent is None and not placement.filename
        return not placement.filename or not self._has_body

    def _text_segment(self, part: Part, data: bytes, subtype: str) -> Segment:
        limit = MAX_HTML_BYTES if subtype == "html" else MAX_TEXT_BYTES
        text = self._text_of(part, data[:limit], subtype)
        if len(data) > limit:
            self.state.defects.note("A long body was cut; all of it is a file.")
            self.files.add(name="", content_type=part.kind.full, data=data)
        if subtype == "html" or _MARKUP_START.match(text):
            return Segment(html=text) if text.strip() else Segment()
        if subtype in ("enriched", "richtext"):
            return Segment(text=html_to_text(text))
        text, files = take_uuencoded(text)
        for file in files:
            self._add_embedded(file, is_inline=False)
        if part.kind.parameter("format") == "flowed":
            deletes = part.kind.parameter("delsp") == "yes"
            text = unflow(text, deletes_space=deletes)
        return Segment(text=text)

    def _text_of(self, part: Part, data: bytes, subtype: str) -> str:
        charset = part.kind.charset
        if subtype == "html" and not charset and not data.isascii():
            meta = _META_CHARSET.search(data, 0, 4000)
            charset = meta.group(1).decode("ascii") if meta else ""
        decoded = decode(data, charset, self.hint)
        if decoded.defect:
            self.state.defects.note(decoded.defect)
        text = decoded.text.replace("\r\n", "\n").replace("\r", "\n")
        return _CONTROLS.sub("", text.replace("\f", "\n"))

    def _file(self, part: Part, placement: Placement) -> Segment:
        data = self._decoded(part)
        kind = part.kind.full
        if kind in _TNEF_TYPES or placement.filename.lower() == "winmail.dat":
            unpacked = self._unpack(data)
            if unpacked is not None:
                return unpacked
        if kind == "message/rfc822" or kind == "message/global":
            self._add_message(data, placement)
        elif kind in ("text/calendar", "application/ics"):
            self._add_calendar(part, data, placement)
        else:
            return self._add_file(part, data, placement)
        return Segment()

    def _add_file(self, part: Part, data: bytes, placement: Placement) -> Segment:
        is_image = part.kind.maintype == "image"
        related = part.parent is not None and part.parent.kind.subtype == "related"
        is_inline = is_image and (
            placement.disposition == "inline"
            or (not placement.disposition and related and bool(placement.content_id))
        )
        content_id = placement.content_id
        if is_inline and not content_id:
            content_id = f"part-{len(self.files) + 1}@image"
        file = self.files.add(
            name=placement.filename,
            content_type=part.kind.full,
            data=data,
            content_id=content_id,
            is_inline=is_inline,
        )
        return Segment(image=file if is_inline and not related else None)

    def _add_message(self, data: bytes, placement: Placement) -> None:
        self.files.add(
            name=placement.filename,
            content_type="message/rfc822",
            data=data,
            content_id=placement.content_id,
            message=self.state.read_nested(data),
        )

    def _add_calendar(self, part: Part, data: bytes, placement: Placement) -> None:
        events, summary = read_calendar(self._text_of(part, data, "calendar"))
        self.files.add(
            name=placement.filename,
            content_type=part.kind.full,
            data=data,
            content_id=placement.content_id,
            text=summary,
            events=events,
        )

    def _unpack(self, data: bytes) -> Segment | None:
        try:
            found = unpack_tnef(data)
        except NotTnef:
            self.state.defects.note("A winmail.dat could not be unpacked.")
            return None
        if not found.files and not found.text and not found.html:
            return None
        for file in found.files:
            kind = file.content_type or "application/octet-stream"
            self._add_embedded(
                EmbeddedFile(file.name, kind, file.data, file.content_id),
                is_inline=False,
            )
        if self._has_body:
            return Segment()
        return Segment(found.text or None, found.html or None)


def _counts(segment: Segment) -> bool:
    return segment.image is not None or not segment.is_empty


def _merged(segments: list[Segment]) -> Segment:
    """Put stretches of a body one after the other, in both forms if need be."""
    words = [segment for segment in segments if not segment.is_empty]
    if len(words) == 1 and not any(found.image for found in segments):
        return words[0]
    if all(segment.html is None for segment in words):
        texts = [segment.text.strip("\n") for segment in words if segment.text]
        return Segment(text="\n\n".join(texts)) if texts else Segment()
    texts = [_text_form(segment).strip("\n") for segment in words]
    return Segment("\n\n".join(texts), "\n".join(map(_html_form, segments)))


def _text_form(segment: Segment) -> str:
    if (segment.text or "").strip():
        return segment.text or ""
    return html_to_text(segment.html or "")


def _html_form(segment: Segment) -> str:
    if segment.html is not None:
        return segment.html
    if segment.image is not None:
        source = html.escape(f"cid:{segment.image.content_id}")
        name = html.escape(segment.image.filename)
        return f'<p><img src="{source}" alt="{name}"></p>'
    lines = html.escape(segment.text or "", quote=False).strip("\n").split("\n")
    return f"<div>{'<br>'.join(lines)}</div>"
