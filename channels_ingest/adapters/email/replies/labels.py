"""Decide which lines are the reply, which are history and which are signature."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from channels_ingest.adapters.email.replies.kinds import (
    ASIDE,
    HARD_MARKERS,
    QUOTES,
    Kind,
    Label,
)


@dataclass(frozen=True, slots=True)
class Run:
    """Neighboring lines of one kind, blank lines and signatures aside."""

    kind: Kind
    start: int
    end: int


def label_lines(kinds: Sequence[Kind], *, fold_lone_quote: bool = False) -> list[Label]:
    """Return where each line is shown.

    Top-posted, bottom-posted and unanswered quotes are folded. Answers between quotes
    stay visible together with what they answer.

    :param fold_lone_quote: fold the only quote even if text surrounds it and nothing
        announces it
    """
    if Kind.TEXT not in kinds:
        return _without_text(kinds)
    labeler = _Labeler(kinds=kinds, runs=_runs(kinds))
    labeler.walk()
    if not labeler.is_settled:
        labeler.fold_last_quotes()
        if fold_lone_quote:
            labeler.fold_lone_quote()
    return labeler.finish()


def _without_text(kinds: Sequence[Kind]) -> list[Label]:
    if Kind.FORWARD in kinds or not _HISTORY.intersection(kinds):
        return [_ASIDE_LABELS[kind] for kind in kinds]
    return [
        Label.QUOTED if _ASIDE_LABELS[kind] is Label.VISIBLE else Label.SIGNATURE
        for kind in kinds
    ]


_HISTORY = frozenset({Kind.ATTRIBUTION, Kind.QUOTED_ATTRIBUTION})


_ASIDE_LABELS = {
    **dict.fromkeys(Kind, Label.VISIBLE),
    **dict.fromkeys((Kind.SIGNATURE, Kind.FOOTER), Label.SIGNATURE),
}


def _runs(kinds: Sequence[Kind]) -> list[Run]:
    runs: list[Run] = []
    start = 0
    group: Kind | None = None
    for i, kind in enumerate([*kinds, None]):
        if kind in ASIDE:
            continue
        now = Kind.QUOTE if kind in QUOTES and group is not None else kind
        if group is None or now is not _plain(group):
            if group is not None:
                runs.append(Run(group, start, _last_content(kinds, start, i)))
            group, start = kind, i
    return runs


def _plain(kind: Kind) -> Kind:
    return Kind.QUOTE if kind in QUOTES else kind


def _last_content(kinds: Sequence[Kind], start: int, end: int) -> int:
    while end > start + 1 and kinds[end - 1] in ASIDE:
        end -= 1
    return end


@dataclass(slots=True)
class _Labeler:
    kinds: Sequence[Kind]
    runs: list[Run]
    labels: list[Label] = field(init=False)
    ahead: list["_Ahead"] = field(init=False)
    folded: set[int] = field(default_factory=set)
    """Which runs are history."""
    cut_at: int | None = None
    """The run from which on everything is history."""
    is_settled: bool = False
    has_text: bool = False
    has_open_history: bool = False
    """History that nothing marks, so that nobody can tell where it ends."""

    def __post_init__(self) -> None:
        self.labels = [_ASIDE_LABELS[kind] for kind in self.kinds]
        self.ahead = _look_ahead(self.runs)

    def walk(self) -> None:
        """Read the runs from the top until everything is decided."""
        position = 0
        while position < len(self.runs) and not self.is_settled:
            position = self._step(position)

    def _step(self, position: int) -> int:
        kind = self.runs[position].kind
        if kind is Kind.TEXT:
            self.has_text = True
        elif kind is Kind.FORWARD:
            # What a colleague forwards is the message itself.
            self.is_settled = True
        elif kind in HARD_MARKERS:
            self._meet_hard_marker(position)
        elif kind is Kind.ATTRIBUTION:
            return self._meet_attribution(position, quote=position + 1)
        elif kind is Kind.QUOTED_ATTRIBUTION:
            return self._meet_attribution(position, quote=position)
        return position + 1

    def _meet_hard_marker(self, position: int) -> None:
        if self.has_text:
            self._cut(position)
        elif self.runs[position].kind is Kind.REPLY_ABOVE:
            self.folded.add(position)
        else:
            # A mail that begins with a header was forwarded without a word.
            self.is_settled = True

    def _meet_attribution(self, position: int, *, quote: int) -> int:
        is_quoted = quote < len(self.runs) and self.runs[quote].kind in QUOTES
        if not is_quoted:
            if self.has_text:
                self._cut(position)
            self.folded.add(position)
            self.has_open_history = True
            return position + 1
        ahead = self.ahead[quote + 1]
        if not ahead.has_text:
            self._cut(position)
        elif self.has_open_history or ahead.has_quote_after_text:
            if quote != position:
                self.folded.add(position)
        else:
            self.folded.update({position, quote})
        return quote + 1

    def _cut(self, position: int) -> None:
        self.cut_at = position
        self.is_settled = True

    def fold_last_quotes(self) -> None:
        """Fold the quotes below which nothing is said."""
        for position in range(len(self.runs) - 1, -1, -1):
            if self.runs[position].kind not in QUOTES:
                return
            self.folded.add(position)

    def fold_lone_quote(self) -> None:
        """Fold the only quote, unless it opens the message."""
        quotes = [i for i, run in enumerate(self.runs) if run.kind in QUOTES]
        if len(quotes) == 1 and quotes[0] and not self.folded:
            self.folded.update(quotes)

    def finish(self) -> list[Label]:
        """Return the labels, those of the lines between the runs included."""
        for position in self.folded:
            run = self.runs[position]
            self._fold_lines(run.start, run.end)
        if self.cut_at is not None:
            self._fold_lines(self.runs[self.cut_at].start, len(self.kinds))
        self._label_last_rules()
        return self.labels

    def _fold_lines(self, start: int, end: int) -> None:
        while start and self.kinds[start - 1] in {Kind.BLANK, Kind.RULE}:
            start -= 1
        for i in range(start, end):
            self.labels[i] = Label.QUOTED

    def _label_last_rules(self) -> None:
        """Hide a rule that is left with nothing below it."""
        for i in range(len(self.kinds) - 1, -1, -1):
            if self.labels[i] is not Label.VISIBLE:
                continue
            if self.kinds[i] is Kind.RULE:
                self.labels[i] = Label.SIGNATURE
            elif self.kinds[i] is not Kind.BLANK:
                return


@dataclass(frozen=True, slots=True)
class _Ahead:
    """What comes from a run on, up to the next line below which all is history."""

    has_text: bool = False
    has_quote: bool = False
    has_quote_after_text: bool = False


def _look_ahead(runs: Sequence[Run]) -> list[_Ahead]:
    """Return what lies ahead of each run and, last, of the end."""
    ahead = [_Ahead()]
    for run in reversed(runs):
        ahead.append(_ahead_of(run.kind, ahead[-1]))
    return ahead[::-1]


def _ahead_of(kind: Kind, rest: _Ahead) -> _Ahead:
    if kind in HARD_MARKERS:
        return _Ahead()
    if kind is Kind.TEXT:
        return _Ahead(
            has_text=True,
            has_quote=rest.has_quote,
            has_quote_after_text=rest.has_quote or rest.has_quote_after_text,
        )
    return _Ahead(
        has_text=rest.has_text,
        has_quote=rest.has_quote or kind in QUOTES,
        has_quote_after_text=rest.has_quote_after_text,
    )
