"""Splits a mail into its parts without decoding them.

The standard library's parser works recursively, line by line, and tests every line
against every enclosing boundary: a hostile mail keeps it busy for minutes. This one
makes one pass over the delimiter lines, keeps parts as ranges of the source, and
stops at fixed depths and counts. It accepts what mail programs get wrong: missing,
wrong and repeated boundaries, missing blank lines, missing ends.
"""

import re
from dataclasses import dataclass, field

from channels_ingest.adapters.email.defects import Defects
from channels_ingest.adapters.email.headers import Headers, read_header_block
from channels_ingest.adapters.email.limits import MAX_DEPTH, MAX_PARTS
from channels_ingest.adapters.email.parameters import ContentType

_HEADER_LIKE = re.compile(rb"(?i)\r*\n(?:content-[a-z-]+|mime-version)[ \t]*:")
_MAX_BOUNDARY = 300
_SNIFFS = 20
"""Dashed lines tried as a boundary that the header does not name."""


@dataclass(slots=True, eq=False)
class Part:
    """One node of a mail: a range of its source, its headers and its children."""

    source: bytes
    headers: Headers
    start: int
    end: int
    depth: int
    parent: "Part | None" = None
    children: list["Part"] = field(default_factory=list)
    kind: ContentType = field(init=False)
    is_first_of_source: bool = False

    def __post_init__(self) -> None:
        in_digest = self.parent is not None and self.parent.kind.subtype == "digest"
        default = "message/rfc822" if in_digest else "text/plain"
        self.kind = ContentType.read(self.headers, default)

    @property
    def body(self) -> bytes:
        """The bytes as transferred, still encoded."""
        return self.source[self.start : self.end]

    @property
    def is_multipart(self) -> bool:
        return bool(self.children)


class PartBudget:
    """Counts the parts of a mail, those of the mails inside it included."""

    def __init__(self) -> None:
        self.left = MAX_PARTS

    def take(self) -> bool:
        self.left -= 1
        return self.left >= 0


def split_parts(source: bytes, budget: PartBudget, defects: Defects) -> Part:
    """Return the root part of a mail."""
    source = _with_line_feeds(source, defects)
    headers, start = read_header_block(source, 0, defects)
    root = Part(source, headers, start, len(source), depth=0)
    budget.take()
    _Splitter(source, budget, defects).split(root)
    return root


def _with_line_feeds(source: bytes, defects: Defects) -> bytes:
    """Give mail from old Macs, all carriage returns, line ends that count."""
    if b"\r" in source and b"\n" not in source:
        defects.note("Its lines ended in bare carriage returns.")
        return source.replace(b"\r", b"\n")
    return source


class _Splitter:
    def __init__(self, source: bytes, budget: PartBudget, defects: Defects) -> None:
        self._source = source
        self._budget = budget
        self._defects = defects
        self._open: list[Part] = []
        self._boundaries: dict[bytes, list[int]] = {}
        self._pattern: re.Pattern[bytes] | None = None

    def split(self, root: Part) -> None:
        """Find the descendants of `root`, of which the range is already known."""
        pending = [(root, root.kind.boundary)]
        while pending:
            part, boundary = pending.pop()
            tried = part, boundary
            for candidate in self._split_one(part, boundary):
                sniffed = self._sniff(candidate)
                if sniffed and (candidate, sniffed) != tried:
                    self._defects.note("A boundary was missing or wrong.")
                    pending.append((candidate, sniffed))

    def _split_one(self, root: Part, boundary: bytes) -> list[Part]:
        """Split one range in one pass; return multiparts found without parts."""
        self._open, self._boundaries, self._pattern = [], {}, None
        childless: list[Part] = []
        if not root.kind.is_multipart:
            return []
        self._enter(root, boundary)
        position = root.start
        leaf: Part | None = None
        while self._open and (found := self._next_delimiter(position, root.end)):
            line_start, line_end, index, closes = found
            self._finish(leaf, line_start)
            leaf = None
            childless += self._leave(index if closes else index + 1, line_start)
            position = line_end
            if not closes:
                leaf = self._add_child(line_end, root.end)
                if leaf is None:
                    break
                position = leaf.start
                if leaf.kind.is_multipart:
                    self._enter(leaf, leaf.kind.boundary)
                    leaf = None
        self._finish(leaf, root.end)
        if any(part.children for part in self._open):
            self._defects.note("The end of the mail was missing.")
        return childless + self._leave(0, root.end)

    def _add_child(self, position: int, limit: int) -> Part | None:
        parent = self._open[-1]
        if not self._budget.take():
            self._defects.note(f"Only its first {MAX_PARTS} parts were read.")
            return None
        headers, start = read_header_block(
            self._source, position, self._defects, limit, self._boundary_of
        )
        child = Part(
            self._source, headers, start, limit, depth=parent.depth + 1, parent=parent
        )
        parent.children.append(child)
        return child

    def _enter(self, part: Part, boundary: bytes) -> None:
        if part.depth >= MAX_DEPTH:
            self._defects.note(f"Parts nested deeper than {MAX_DEPTH} were not read.")
            boundary = b""
        self._open.append(part)
        if boundary:
            self._boundaries.setdefault(boundary, []).append(len(self._open) - 1)
            self._pattern = None

    def _leave(self, index: int, end: int) -> list[Part]:
        """Close the open multiparts from `index` on; return those without parts."""
        childless = []
        while len(self._open) > index:
            part = self._open.pop()
            part.end = self._without_line_end(part.start, end)
            if not part.children and part.depth < MAX_DEPTH:
                childless.append(part)
            self._pattern = None
        for boundary, indexes in list(self._boundaries.items()):
            while indexes and indexes[-1] >= index:
                indexes.pop()
            if not indexes:
                del self._boundaries[boundary]
        return childless

    def _finish(self, leaf: Part | None, line_start: int) -> None:
        if leaf is not None:
            leaf.end = self._without_line_end(leaf.start, line_start)

    def _without_line_end(self, start: int, end: int) -> int:
        """Step back over the line end, which belongs to the delimiter."""
        if end < len(self._source) and end > start:
            end -= self._source[end - 1 : end] == b"\n"
            end -= end > start and self._source[end - 1 : end] == b"\r"
        return max(start, end)

    def _boundary_of(self, line: bytes) -> tuple[int, bool] | None:
        """Return the open multipart that a line delimits, and whether it ends it."""
        if not line.startswith(b"--") or len(line) > _MAX_BOUNDARY:
            return None
        token = line[2:].rstrip()
        if token in self._boundaries:
            return self._boundaries[token][-1], False
        if token.endswith(b"--") and token[:-2] in self._boundaries:
            return self._boundaries[token[:-2]][-1], True
        return None

    def _next_delimiter(
        self, position: int, limit: int
    ) -> tuple[int, int, int, bool] | None:
        """Return start and end of the next delimiter line, whose it is, if it ends."""
        if not self._boundaries:
            return None
        if self._pattern is None:
            longest_first = sorted(self._boundaries, key=len, reverse=True)
            names = b"|".join(map(re.escape, longest_first))
            self._pattern = re.compile(rb"\n--(" + names + rb")(--)?[ \t\r]*+(?:\n|\Z)")
        match = self._pattern.search(self._source, max(0, position - 1), limit)
        if match is None:
            return None
        index = self._boundaries[match.group(1)][-1]
        return match.start() + 1, match.end(), index, bool(match.group(2))

    def _sniff(self, part: Part) -> bytes:
        """Find the boundary of a multipart whose header names none that occurs."""
        position = max(0, part.start - 1)
        for _ in range(_SNIFFS):
            at = self._source.find(b"--", position, part.end)
            if at < 0:
                break
            line_end = self._source.find(b"\n", at, part.end)
            if line_end < 0:
                break
            line = self._source[at + 2 : min(line_end, at + _MAX_BOUNDARY)].rstrip()
            starts = at == part.start or self._source[at - 1 : at] == b"\n"
            follows = _HEADER_LIKE.match(self._source, line_end)
            if starts and line and follows:
                return line
            position = line_end
        return b""


def split_decoded(
    part: Part, data: bytes, budget: PartBudget, defects: Defects
) -> Part:
    """Split a multipart whose whole content was transfer-encoded."""
    # A delimiter counts only at the start of a line.
    data = b"\n" + data
    root = Part(data, part.headers, 0, len(data), depth=part.depth + 1)
    if budget.take() and root.depth < MAX_DEPTH:
        _Splitter(data, budget, defects).split(root)
    return root
