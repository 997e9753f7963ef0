"""The form before the first message: answers are checked, and put into words."""

import datetime
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email

from channels_ingest.providers.chat.settings import ChatSettings, FormField

MAX_ANSWER: Final = 2000
_PHONE: Final = re.compile(r"\+?[0-9][0-9 ()./-]{3,38}")
_is_link: Final = URLValidator(schemes=["http", "https"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What somebody filled in, as agents read it, and what they claim thereby."""

    lines: Sequence[Mapping[str, str]] = ()
    """`{"label", "value"}` of each field with an answer, in the form's order."""
    claimed_email: str = ""
    claimed_name: str = ""


class FormInvalid(Exception):
    """Some answers cannot be taken; `reasons` says why, by the names of fields."""

    def __init__(self, reasons: Mapping[str, str]) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = reasons


def asks(settings: ChatSettings, *, is_known: bool) -> bool:
    """Whether the form stands before a first message of such a person."""
    if settings.form_for == "everybody":
        return True
    return settings.form_for == "visitors" and not is_known


def read_answers(
    given: Mapping[str, object], *, settings: ChatSettings, is_required: bool
) -> Answered:
    """Check answers against the form that is set up.

    :param is_required: whether fields that have to be filled in may not be missing
    :raises FormInvalid: with `unknown`, `required` or what is wrong for each field
    """
    fields = {field.name: field for field in settings.form_fields if field.name}
    reasons = {name: "unknown" for name in given if name not in fields}
    values: dict[str, str] = {}
    for name, field in fields.items():
        try:
            values[name] = _read(field, given.get(name))
        except ValueError as error:
            reasons[name] = str(error)
            continue
        if is_required and field.is_required and not values[name]:
            reasons[name] = "required"
    if reasons:
        raise FormInvalid(reasons)
    return _answered(fields.values(), values)


def _answered(fields: Iterable[FormField], values: Mapping[str, str]) -> Answered:
    filled = [field for field in fields if values[field.name]]
    mails = [values[field.name] for field in filled if field.type == "mail"]
    names = [values[field.name] for field in filled if field.name == "name"]
    return Answered(
        lines=tuple(
            {"label": field.label, "value": values[field.name]} for field in filled
        ),
        claimed_email=mails[0].lower() if mails else "",
        claimed_name=" ".join(names[0].split())[:200] if names else "",
    )


def _read(field: FormField, value: object) -> str:
    """Return an answer as text; nothing is the empty string.

    :raises ValueError: with the reason, if it is none for this type of field
    """
    if field.type == "checkbox":
        return _checkbox(value)
    is_plain = isinstance(value, str | int | float | None)
    text = "" if value is None else str(value).strip()
    if not is_plain or isinstance(value, bool):
        reason = "not_a_text"
        raise ValueError(reason)
    if len(text) > MAX_ANSWER:
        raise ValueError("too_long")
    if text:
        _check(field, text)
    return text


def _checkbox(value: object) -> str:
    if value in (True, "true", "on", "yes", "1", 1):
        return "✓"
    if value in (None, False, "", "false", "off", "no", "0", 0):
        return ""
    raise ValueError("not_a_checkbox")


def _check(field: FormField, text: str) -> None:
    check: Any = _CHECKS.get(field.type)
    if check is not None:
        check(text)
    elif field.type == "list" and text not in field.options:
        raise ValueError("not_in_list")


def _mail(text: str) -> None:
    try:
        validate_email(text)
    except ValidationError:
        raise ValueError("not_a_mail_address") from None
    if len(text) > 320:
        raise ValueError("not_a_mail_address")


def _number(text: str) -> None:
    try:
        number = float(text.replace(",", ".", 1))
    except ValueError:
        raise ValueError("not_a_number") from None
    if not math.isfinite(number):
        raise ValueError("not_a_number")


def _date(text: str) -> None:
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        raise ValueError("not_a_date") from None


def _link(text: str) -> None:
    try:
        _is_link(text)
    except ValidationError:
        raise ValueError("not_a_link") from None


def _phone(text: str) -> None:
    if not _PHONE.fullmatch(text):
        raise ValueError("not_a_phone_number")


_CHECKS: Final[Mapping[str, Any]] = {
    "mail": _mail,
    "number": _number,
    "date": _date,
    "link": _link,
    "phone": _phone,
}
