"""Text from outside as databases can hold it."""

from collections.abc import Mapping
from typing import Any, Final

from rest_framework.exceptions import ParseError

DEEPEST: Final = 8
"""Nothing that clients send is nested further; what is would take us down."""


def storable(value: Any, *, depth: int = 0) -> Any:
    """Return plain values without NUL and without halves of characters.

    They are replaced: a message must not be lost because of one.

    :raises ParseError: if they are nested deeper than anything of ours
    """
    if depth > DEEPEST:
        raise ParseError
    if isinstance(value, str):
        text = value.replace("\0", "\ufffd")
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, Mapping):
        return {
            storable(key): storable(each, depth=depth + 1)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [storable(each, depth=depth + 1) for each in value]
    return value
