"""A provider's HTTP request as it was stored, and as anymail's views want it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from io import BytesIO
from urllib.parse import urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.wsgi import WSGIRequest
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.encoding import force_str

MOST_FIELDS = 2000
_PLAIN_NAME = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRequest:
    """What arrived at our webhook address, byte for byte."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    method: str = "POST"
    content_type: str = ""
    """Where the headers do not hold it."""


class StoredRequest(WSGIRequest):
    """A request read from storage: its body is at hand, and as long as it is.

    Django's limit on the size of form fields protects its own pages. Providers send
    whole mails in one field, and the size has been checked when the request arrived.
    """

    def __init__(self, environ: dict[str, object], body: bytes) -> None:
        super().__init__(environ)
        self._body = body
        self._read_started = True

    def get_host(self) -> str:
        """The host of the stored address, which was checked when it was stored."""
        return str(self.META["HTTP_HOST"])

    def _load_post_and_files(self) -> None:
        if self.content_type != "multipart/form-data":
            super()._load_post_and_files()
            return
        encoding = self.encoding or "utf-8"
        fields = QueryDict(mutable=True, encoding=encoding)
        files: MultiValueDict[str, SimpleUploadedFile] = MultiValueDict()
        boundary = (self.content_params or {}).get("boundary", "").encode("latin-1")
        for part in form_parts(self._body, boundary):
            if part.filename is None:
                value = force_str(part.content, encoding, errors="replace")
                fields.appendlist(part.name, value)
            else:
                files.appendlist(part.name, part.as_file())
        self._post, self._files = fields, files


@dataclass(frozen=True, slots=True, kw_only=True)
class FormPart:
    name: str
    filename: str | None
    content_type: str
    content: bytes

    def as_file(self) -> SimpleUploadedFile:
        """The file under the end of its name; none is left out for its name."""
        name = re.split(r"[/\\]", self.filename or "")[-1]
        name = _PLAIN_NAME.sub("", name).strip()
        if name in ("", ".", ".."):
            name = "attachment"
        return SimpleUploadedFile(name, self.content, self.content_type)


def form_parts(body: bytes, boundary: bytes) -> Iterator[FormPart]:
    """Split a multipart/form-data body, in time proportional to its length."""
    if not boundary:
        return
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary)
    for piece in pieces[1 : MOST_FIELDS + 1]:
        if piece.startswith(b"--"):
            return
        head, separator, content = piece.partition(b"\r\n\r\n")
        # Names are sent in UTF-8, which headers have no means to say.
        headers = HeaderParser().parsestr(head.decode("utf-8", "replace").lstrip())
        name = headers.get_param("name", header="content-disposition")
        if separator and isinstance(name, str):
            yield FormPart(
                name=name,
                filename=_filename(headers),
                content_type=headers.get_content_type(),
                content=content,
            )


def _filename(headers: Message) -> str | None:
    if headers.get_param("filename", header="content-disposition") is None:
        return None
    return headers.get_filename() or ""


def as_django(request: WebhookRequest) -> StoredRequest:
    """The same request for code that expects Django's."""
    address = urlsplit(request.url)
    environ: dict[str, object] = {
        "REQUEST_METHOD": request.method,
        "PATH_INFO": address.path or "/",
        "QUERY_STRING": address.query,
        "SERVER_NAME": address.hostname or "localhost",
        "SERVER_PORT": str(address.port or (443 if address.scheme == "https" else 80)),
        "wsgi.url_scheme": address.scheme or "https",
        "wsgi.input": BytesIO(request.body),
        "CONTENT_LENGTH": str(len(request.body)),
        "CONTENT_TYPE": request.content_type,
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_").removeprefix("HTTP_")
        if key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            environ[key] = str(value)
        else:
            environ[f"HTTP_{key}"] = str(value)
    environ["HTTP_HOST"] = address.netloc or "localhost"
    return StoredRequest(environ, request.body)
