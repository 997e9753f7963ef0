"""What a visitor or the page around them says about themselves: words, never proof."""

import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

MAX_NAME: Final = 200
MAX_ATTRIBUTES: Final = 40
MAX_KEY: Final = 60
MAX_VALUE: Final = 500
MAX_NUMBER: Final = 10**15
_TURNS: Final = frozenset(
    map(chr, (0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
)
"""Signs that change the direction of what follows, and one that nobody sees."""


class ClaimInvalid(Exception):
    """It cannot be kept; `field` names which, `reason` says why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field)
        self.field = field
        self.reason = reason


Fact = str | int | float | bool
Attributes = dict[str, Fact]


def read_name(value: object) -> str:
    """Return a name that turns nothing around it the other way.

    :raises ClaimInvalid: if it is no text
    """
    name = "".join(it for it in _plain(value, "name") if it not in _TURNS)
    return " ".join(name.split())[:MAX_NAME]


def read_email(value: object) -> str:
    """Return a mail address in lower case, or the empty string.

    :raises ClaimInvalid: if it is neither
    """
    email = _plain(value, "email").strip().lower()
    try:
        if email:
            validate_email(email)
    except ValidationError:
        raise ClaimInvalid("email", "not_a_mail_address") from None
    return email


def read_language(value: object) -> str:
    """Return a language code as browsers write it, in lower case; what is none is "".

    :raises ClaimInvalid: if it is no text
    """
    code = _plain(value, "language").strip().lower().replace("_", "-")
    is_code = code.replace("-", "").isalnum() and code.isascii()
    return code if is_code and len(code) <= 12 else ""


def with_attributes(known: Mapping[str, Any], given: object) -> Attributes:
    """Return `known` with what a page has set now; None takes a fact away.

    :raises ClaimInvalid: if it is not flat, or there is too much of it
    """
    if not isinstance(given, Mapping):
        raise ClaimInvalid("attributes", "not_an_object")
    facts: Attributes = dict(known)
    for key, value in given.items():
        name = _key(key)
        if value is None:
            facts.pop(name, None)
        else:
            facts[name] = _fact(value)
    if len(facts) > MAX_ATTRIBUTES:
        raise ClaimInvalid("attributes", "too_many")
    return facts


def _key(value: object) -> str:
    key = _plain(value, "attributes").strip()
    if not key or len(key) > MAX_KEY:
        raise ClaimInvalid("attributes", "name_too_long")
    return key


def _fact(value: object) -> Fact:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        if not abs(value) <= MAX_NUMBER:
            raise ClaimInvalid("attributes", "number_out_of_range")
        return value
    if not isinstance(value, str):
        raise ClaimInvalid("attributes", "not_flat")
    if len(value) > MAX_VALUE:
        raise ClaimInvalid("attributes", "value_too_long")
    return _plain(value, "attributes")


def _plain(value: object, field: str) -> str:
    """Return text without what no database takes and no screen shows."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ClaimInvalid(field, "not_a_text")
    return "".join(it if _is_shown(it) else " " for it in value)


def _is_shown(character: str) -> bool:
    return unicodedata.category(character) not in {"Cc", "Cs", "Zl", "Zp"}
