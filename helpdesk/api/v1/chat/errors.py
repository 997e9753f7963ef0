"""One shape for everything that can go wrong between a client and the chat API.

`{"error": {"code": "snake_case", "message": "plain words", "fields": {…}}}`
"""

from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from rest_framework import exceptions, status
from rest_framework.response import Response

from helpdesk.chat.claims import ClaimInvalid
from helpdesk.core.limits import LimitReached


class Refused(Exception):
    """A request that is not carried out: a code for programs, and words for people."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int = status.HTTP_400_BAD_REQUEST,
        fields: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.status = status
        self.fields = fields


_KNOWN: Final = {
    status.HTTP_400_BAD_REQUEST: (
        "not_json",
        gettext_lazy("We could not read this. Send one JSON object."),
    ),
    status.HTTP_401_UNAUTHORIZED: (
        "token_invalid",
        gettext_lazy("This chat is not open any more. Begin again to go on writing."),
    ),
    status.HTTP_403_FORBIDDEN: ("forbidden", gettext_lazy("This is not for you.")),
    status.HTTP_404_NOT_FOUND: (
        "not_found",
        gettext_lazy("There is nothing here that you may see."),
    ),
    status.HTTP_405_METHOD_NOT_ALLOWED: (
        "method_not_allowed",
        gettext_lazy("This address does not know that method."),
    ),
    status.HTTP_406_NOT_ACCEPTABLE: (
        "not_acceptable",
        gettext_lazy("Answers are JSON only."),
    ),
    status.HTTP_413_REQUEST_ENTITY_TOO_LARGE: (
        "too_large",
        gettext_lazy("This is more than we take at once. Send less."),
    ),
    status.HTTP_415_UNSUPPORTED_MEDIA_TYPE: (
        "unsupported_type",
        gettext_lazy("Send JSON, with the content type application/json."),
    ),
}


def answer_to(error: Exception, _context: Mapping[str, Any]) -> Response | None:
    """Turn an anticipated failure into its answer; None lets others through."""
    if isinstance(error, Refused):
        return _answer(error.code, error.message, error.status, error.fields)
    if isinstance(error, ClaimInvalid):
        return _claim_invalid(error)
    if isinstance(error, LimitReached):
        return _too_many(error.seconds)
    if isinstance(error, exceptions.ValidationError):
        return _invalid(error)
    code = _status_of(error)
    if code is None:
        return None
    known = _KNOWN[code]
    response = _answer(known[0], str(known[1]), code)
    if code == status.HTTP_401_UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    return response


def _status_of(error: Exception) -> int | None:
    if isinstance(error, Http404):
        return status.HTTP_404_NOT_FOUND
    if isinstance(error, PermissionDenied):
        return status.HTTP_403_FORBIDDEN
    if isinstance(error, RequestDataTooBig):
        return status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    if isinstance(error, exceptions.APIException) and error.status_code in _KNOWN:
        return error.status_code
    return None


def _invalid(error: exceptions.ValidationError) -> Response:
    message = _("Some of this cannot be taken as it is; see the fields.")
    fields = error.detail if isinstance(error.detail, dict) else None
    return _answer("invalid", message, status.HTTP_400_BAD_REQUEST, fields)


def _claim_invalid(claim: ClaimInvalid) -> Response:
    messages = {
        "name": _("This name cannot be kept. Send it as plain text."),
        "email": _("This does not look like a mail address. Check it for typos."),
        "language": _("Send the language as a code, such as pt or zh-hans."),
        "attributes": _(
            "These attributes cannot be kept. Send at most 40, with short names, "
            "and as values only text, numbers, true or false."
        ),
    }
    fields = {claim.field: [claim.reason]}
    return _answer(
        "invalid", messages[claim.field], status.HTTP_400_BAD_REQUEST, fields
    )


def _too_many(seconds: int) -> Response:
    message = ngettext(
        "That was too much at once. Try again in %(seconds)d second.",
        "That was too much at once. Try again in %(seconds)d seconds.",
        seconds,
    ) % {"seconds": seconds}
    response = _answer("too_many", message, status.HTTP_429_TOO_MANY_REQUESTS)
    response["Retry-After"] = str(seconds)
    return response


def _answer(
    code: str, message: str, status: int, fields: Mapping[str, Any] | None = None
) -> Response:
    error: dict[str, Any] = {"code": code, "message": message}
    if fields is not None:
        error["fields"] = fields
    return Response({"error": error}, status=status)
