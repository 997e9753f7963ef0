"""Bodies of requests, with nothing in them that could break a parser."""

import json
from io import BytesIO
from typing import IO, Any, Final

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser, MultiPartParser

MOST_JSON: Final = 1024 * 1024
"""Small lists in a large text need a hundred times its memory when it is read."""


class JsonBody(JSONParser):
    """JSON; what is nested without end is no JSON of ours."""

    def parse(self, stream: IO[bytes], *args: Any, **kwargs: Any) -> Any:
        text = stream.read(MOST_JSON + 1)
        if len(text) > MOST_JSON:
            raise RequestDataTooBig
        try:
            return super().parse(BytesIO(text), *args, **kwargs)
        except (RecursionError, LookupError):
            raise ParseError from None


class MultipartBody(MultiPartParser):
    """A form with files; too many parts are a mistake of the client's."""

    def parse(self, stream: IO[bytes], *args: Any, **kwargs: Any) -> Any:
        try:
            return super().parse(stream, *args, **kwargs)
        except RequestDataTooBig:
            raise
        except (SuspiciousOperation, ValueError, LookupError):
            raise ParseError from None


def json_in(text: str) -> Any:
    """Return what a part of a form holds as JSON.

    :raises ParseError: if it is none
    :raises RequestDataTooBig: if it is more than the same without files may be
    """
    if len(text) > MOST_JSON:
        raise RequestDataTooBig
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ParseError from None
