"""Keep of an inline style what changes looks, and nothing that loads or escapes."""

import re
from functools import lru_cache

from helpdesk.core.html.policy import (
    DISPLAY_VALUES,
    MAX_ATTRIBUTE,
    MAX_LENGTH,
    STYLE_PROPERTIES,
)

# No backslash (CSS escapes), no comment, no angle bracket, no at-rule.
_VALUE = re.compile(r"[\w #%.,'\"()+-]*(?:/[\w #%.,'\"()+-]+)?")
_FUNCTION = re.compile(r"([a-z_-]*)\(", re.IGNORECASE)
_FUNCTIONS = frozenset({"rgb", "rgba", "hsl", "hsla"})
_NUMBER = re.compile(r"(?<![\w#.])-?\d+")
_NEGATIVE = re.compile(r"(?<!\w)-\.?\d")
_MAY_BE_NEGATIVE = frozenset({"letter-spacing", "word-spacing"})


@lru_cache(maxsize=1024)
def safe_style(style: str) -> str:
    """Return the declarations of `style` that may stay, in one canonical form."""
    kept = (_safe_declaration(part) for part in style[:MAX_ATTRIBUTE].split(";"))
    return ";".join(declaration for declaration in kept if declaration)


def _safe_declaration(declaration: str) -> str:
    name, _, value = declaration.partition(":")
    name = name.strip().lower()
    value = _without_important(" ".join(value.split()))
    if name not in STYLE_PROPERTIES or not value or not _is_safe_value(name, value):
        return ""
    return f"{name}:{value}"


def _without_important(value: str) -> str:
    return re.sub(r" ?! ?important$", "", value, flags=re.IGNORECASE)


def _is_safe_value(name: str, value: str) -> bool:
    if not _VALUE.fullmatch(value) or not _is_balanced(value):
        return False
    if any(word.lower() not in _FUNCTIONS for word in _FUNCTION.findall(value)):
        return False
    if any(abs(int(number)) > MAX_LENGTH for number in _NUMBER.findall(value)):
        return False
    if name not in _MAY_BE_NEGATIVE and _NEGATIVE.search(value):
        return False
    return name != "display" or value.lower() in DISPLAY_VALUES


def _is_balanced(value: str) -> bool:
    return (
        value.count("(") == value.count(")")
        and value.count("'") % 2 == 0
        and value.count('"') % 2 == 0
    )
