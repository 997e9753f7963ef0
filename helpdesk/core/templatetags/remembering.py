"""Parts of pages that look the same as long as they say the same."""

import secrets
from collections.abc import Hashable
from datetime import date
from functools import lru_cache
from typing import Any

from django import template
from django.template.loader import get_template
from django.utils import timezone, translation
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
MOST_REMEMBERED = 2000
_STAND_IN = secrets.token_hex(16)
"""For the token of forms, which is another for each reader."""


@register.simple_tag
def remembered(template_name: str, **words: Any) -> str:
    """Include a template with `words` only, or what came of the same words before.

    `words` are plain data: text, numbers, times, and dicts and lists of them. The
    template may use nothing else but the reader's language and clock, and the
    `csrf_token` if it is among the words.

    :raises TypeError: for anything that could change without looking different
    """
    token = words.get("csrf_token")
    if token is None:
        return _remembered(template_name, words)
    drawn = _remembered(template_name, {**words, "csrf_token": _STAND_IN})
    # The token is made by Django of letters and digits alone.
    return mark_safe(drawn.replace(_STAND_IN, str(token)))  # noqa: S308


def _remembered(template_name: str, words: dict[str, Any]) -> str:
    key = (
        template_name,
        translation.get_language(),
        timezone.get_current_timezone_name(),
        _frozen(words),
    )
    return _rendered(_Words(words, key))


class _Words:
    """What a part says; equal ones are drawn once."""

    def __init__(self, words: dict[str, Any], key: tuple[Any, ...]) -> None:
        self.words, self.key = words, key
        self._hash = hash(key)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Words) and self.key == other.key


@lru_cache(maxsize=MOST_REMEMBERED)
def _rendered(part: _Words) -> str:
    return get_template(part.key[0]).render(part.words)


def _frozen(value: Any) -> Hashable:
    kind = type(value)
    if kind is dict:
        return tuple([(name, _frozen(it)) for name, it in value.items()])
    if kind in (list, tuple):
        return tuple([_frozen(it) for it in value])
    # Safe text looks like text and is drawn otherwise; 1 and True are equal.
    if kind in (str, SafeString, int, bool, float) or value is None:
        return (kind, value)
    if isinstance(value, date):
        return value
    raise TypeError(f"{kind.__name__} cannot be remembered")
