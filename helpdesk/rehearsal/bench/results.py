"""What was measured, against what was promised."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One figure: `goal` is a bound, an upper one unless `at_least`."""

    name: str
    value: float
    unit: str
    goal: float | None
    at_least: bool = False
    note: str = ""

    @property
    def holds(self) -> bool:
        if self.goal is None:
            return True
        return self.value >= self.goal if self.at_least else self.value <= self.goal


def percentile_95(seconds: Sequence[float]) -> float:
    """Return the 95th percentile in milliseconds."""
    return quantiles(seconds, n=20)[-1] * 1000


def middle(seconds: Sequence[float]) -> float:
    """Return the median in milliseconds."""
    return median(seconds) * 1000


def table(results: Sequence[Result]) -> str:
    """Return the results as a table for people."""
    lines = [f"  {'measure':<24}{'value':>12}  {'unit':<10}{'goal':>12}   holds"]
    for result in results:
        goal = ""
        if result.goal is not None:
            goal = f"{'≥' if result.at_least else '≤'} {result.goal:g}"
        mark = "yes" if result.holds else "NO"
        lines.append(
            f"  {result.name:<24}{result.value:>12,.1f}  {result.unit:<10}{goal:>12}"
            f"   {mark if result.goal is not None else '-':<4}{result.note}"
        )
    return "\n".join(lines)


def write(results: Sequence[Result], path: Path) -> None:
    """Write a list of `{name, value, unit, goal, holds, …}`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [{**asdict(result), "holds": result.holds} for result in results]
    path.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
