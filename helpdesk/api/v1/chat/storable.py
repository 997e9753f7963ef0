"""Text from outside as databases can hold it."""

from collections.abc import Mapping
from typing import Any


def storable(value: Any) -> Any:
    """Return plain values without NUL and without halves of characters.

    They are replaced: a message must not be lost because of one.
    """
    if isinstance(value, str):
        text = value.replace("\0", "\ufffd")
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, Mapping):
        return {storable(key): storable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [storable(each) for each in value]
    return value
