"""The steps of a channel's test, as people read them."""

import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

Verdict = Literal["ok", "failed", "note", "skipped"]
_SHORTEST_SECRET = 4
HIDDEN = "•••"


class StepFailed(Exception):
    """A step did not succeed: what happened, what to do, what the server said."""

    def __init__(
        self,
        words: str,
        *,
        advice: str = "",
        said: str = "",
        verdict: Verdict = "failed",
    ) -> None:
        super().__init__(words)
        self.words = words
        self.advice = advice
        self.said = said
        self.verdict: Verdict = verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that was tried."""

    title: str
    verdict: Verdict
    words: str = ""
    advice: str = ""
    said: str = ""
    """The server's own words, for those who can read them."""
    seconds: float = 0.0

    @property
    def is_ok(self) -> bool:
        return self.verdict != "failed"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def without(self, secrets: Iterable[str]) -> "Step":
        """Return the step with each secret blanked out, whoever repeated it."""
        words, advice, said = (
            _blanked(text, secrets) for text in (self.words, self.advice, self.said)
        )
        return Step(
            title=self.title,
            verdict=self.verdict,
            words=words,
            advice=advice,
            said=said,
            seconds=self.seconds,
        )


def _blanked(text: str, secrets: Iterable[str]) -> str:
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, HIDDEN)
    return text[:600]


def attempt(title: str, action: Callable[[], str]) -> Step:
    """Do one thing and time it; it returns what to say when it went well."""
    started = time.perf_counter()
    try:
        words = action()
    except StepFailed as failure:
        return Step(
            title=title,
            verdict=failure.verdict,
            words=failure.words,
            advice=failure.advice,
            said=failure.said,
            seconds=time.perf_counter() - started,
        )
    seconds = time.perf_counter() - started
    return Step(title=title, verdict="ok", words=words, seconds=seconds)
