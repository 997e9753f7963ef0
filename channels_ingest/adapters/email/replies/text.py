"""Split a plain-text body into reply, quoted history and signature."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from channels_ingest.adapters.email.replies.attributions import (
    ends_like_one,
    inline_start,
)
from channels_ingest.adapters.email.replies.kinds import Label
from channels_ingest.adapters.email.replies.labels import label_lines
from channels_ingest.adapters.email.replies.lines import classify, cleaned

MOST_LINES = 5_000
"""What follows is shown like the line before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A stretch of the body and where it is shown."""

    label: Label
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitBody:
    """A body in parts; joined in order they are the whole body again."""

    parts: tuple[Part, ...]

    @property
    def visible(self) -> str:
        """What the sender wrote."""
        return self._joined(Label.VISIBLE)

    @property
    def quoted(self) -> str:
        """The history below or between it."""
        return self._joined(Label.QUOTED)

    @property
    def signature(self) -> str:
        """Signature and footers such as "Sent from my phone"."""
        return self._joined(Label.SIGNATURE)

    def _joined(self, label: Label) -> str:
        texts = (part.text for part in self.parts if part.label is label)
        return trim_blank_lines("".join(texts))


def split_text(text: str) -> SplitBody:
    """Split what the sender wrote from quoted history and signature.

    Takes time linear in the length of the text, whatever it holds.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    pieces = list(_pieces(text))
    labels = label_lines(classify([cleaned(piece.rstrip("\n")) for piece in pieces]))
    seen = sum(map(len, pieces))
    if seen < len(text):
        pieces.append(text[seen:])
        labels.append(labels[-1])
    grouped = groupby(zip(labels, pieces, strict=True), key=lambda pair: pair[0])
    return SplitBody(
        parts=tuple(
            Part(label=label, text="".join(piece for _, piece in pairs))
            for label, pairs in grouped
        )
    )


def _pieces(text: str) -> Iterator[str]:
    """Yield the lines, and in halves a line of which history has the second half."""
    lines = text.split("\n", MOST_LINES)
    rest = lines.pop() if len(lines) > MOST_LINES else None
    for i, line in enumerate(lines):
        newline = "\n" if i < len(lines) - 1 or rest is not None else ""
        start = _start_of_history(line, lines[i + 1 : i + 3])
        if start:
            yield line[:start]
        yield line[start:] + newline


def _start_of_history(line: str, following: list[str]) -> int:
    if not ends_like_one(line) or not any(next_.startswith(">") for next_ in following):
        return 0
    return inline_start(line) or 0


def trim_blank_lines(text: str) -> str:
    """Drop empty lines at both ends, keeping the first line's indentation."""
    lines = text.rstrip().split("\n")
    first = next((i for i, line in enumerate(lines) if line.strip()), len(lines))
    return "\n".join(lines[first:])
