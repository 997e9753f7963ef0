"""What a request says about its visitor, checked before anything is kept."""

from collections.abc import Mapping
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.request import Request

from helpdesk.chat.actions.sessions import Claims
from helpdesk.chat.claims import (
    read_email,
    read_language,
    read_name,
    with_attributes,
)


def object_in(request: Request) -> Mapping[str, Any]:
    """Return the JSON object that was sent.

    :raises ParseError: if it was something else
    """
    sent = request.data
    if not isinstance(sent, Mapping):
        raise ParseError
    return sent


def claims_in(sent: Mapping[str, Any]) -> Claims:
    """Return the claims of a request; whatever was not sent stays as it is.

    :raises ClaimInvalid: if one cannot be kept
    """
    return Claims(
        name=read_name(sent["name"]) if "name" in sent else None,
        email=read_email(sent["email"]) if "email" in sent else None,
        language=read_language(sent["language"]) if "language" in sent else None,
        attributes=_attributes(sent.get("attributes")),
    )


def _attributes(given: Any) -> Mapping[str, Any] | None:
    if given is None:
        return None
    with_attributes({}, given)
    return dict(given)
