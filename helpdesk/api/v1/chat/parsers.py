"""Bodies of requests, with nothing in them that could break a parser."""

import json
from typing import IO, Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser, MultiPartParser


class JsonBody(JSONParser):
    """JSON; what is nested without end is no JSON of ours."""

    def parse(self, stream: IO[bytes], *args: Any, **kwargs: Any) -> Any:
        try:
            return super().parse(stream, *args, **kwargs)
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
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ParseError from None
