"""Read Authentication-Results headers (RFC 8601), in linear time."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Verdict = Literal[
    "pass", "fail", "softfail", "neutral", "none", "temperror", "permerror"
]

_VERDICTS: dict[str, Verdict] = {
    "pass": "pass",
    "fail": "fail",
    "hardfail": "fail",
    "softfail": "softfail",
    "neutral": "neutral",
    "policy": "fail",
    "none": "none",
    "temperror": "temperror",
    "permerror": "permerror",
}
_LONGEST = 20_000
_PROPERTY = re.compile(r"^(smtp|header|policy)\.([\w-]{1,40})$")
_INSTANCE = re.compile(r"^\s*i\s*=\s*\d{1,2}\s*;")


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodResult:
    """What one method found: `dkim=pass header.d=example.com`."""

    method: str
    verdict: Verdict
    properties: tuple[tuple[str, str], ...]

    def domain(self, *names: str) -> str:
        """The domain of the first property of these names that is there."""
        for name in names:
            for key, value in self.properties:
                if key == name:
                    return value.rpartition("@")[2].lower().strip(". ")
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticationResults:
    """One header: who says it, and what they found."""

    authserv_id: str
    results: tuple[MethodResult, ...]

    def of(self, method: str) -> tuple[MethodResult, ...]:
        return tuple(result for result in self.results if result.method == method)


def read_results(value: str) -> AuthenticationResults | None:
    """Read a header's value; `None` if it is none, or too long to be honest."""
    if len(value) > _LONGEST:
        return None
    statements = _split(_without_comments(_INSTANCE.sub("", value)))
    authserv_id = (statements[0].split() or [""])[0].lower().strip('"')
    if not authserv_id or "=" in authserv_id:
        return None
    found = (_read_statement(statement) for statement in statements[1:])
    return AuthenticationResults(
        authserv_id=authserv_id, results=tuple(each for each in found if each)
    )


def _without_comments(value: str) -> str:
    """Drop comments, also nested ones; what they hold is for people."""
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for character in value:
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == '"' and not depth:
            quoted = not quoted
        elif character == "(" and not quoted:
            depth += 1
        elif character == ")" and depth:
            depth -= 1
            continue
        if not depth:
            kept.append(character)
    return "".join(kept)


def _split(value: str) -> list[str]:
    """Split at semicolons outside of quotes."""
    return [piece.strip() for piece in _pieces(value)]


def _pieces(value: str) -> Iterator[str]:
    start, quoted = 0, False
    for index, character in enumerate(value):
        if character == '"':
            quoted = not quoted
        elif character == ";" and not quoted:
            yield value[start:index]
            start = index + 1
    yield value[start:]


def _read_statement(statement: str) -> MethodResult | None:
    words = re.sub(r"\s{0,20}=\s{0,20}", "=", statement).split()
    if not words:
        return None
    method, _, verdict = words[0].partition("=")
    known = _VERDICTS.get(verdict.lower())
    if known is None:
        return None
    return MethodResult(
        method=method.partition("/")[0].strip().lower(),
        verdict=known,
        properties=tuple(_properties(words[1:])),
    )


def _properties(words: list[str]) -> Iterator[tuple[str, str]]:
    for word in words:
        name, equals, value = word.partition("=")
        if equals and _PROPERTY.match(name.lower()):
            yield name.lower(), value.strip('"<>')
