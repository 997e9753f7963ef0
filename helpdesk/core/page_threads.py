"""Few threads that work on pages, and many that wait for whoever sends slowly.

A thread that works on a page has a session of the database, and all of them share one
interpreter: more of them make every page slower. So nobody may keep one waiting. What
somebody sends is read to its end before a page begins, by threads that have nothing
else to do; whoever comes then waits their turn.
"""

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http import HTTPStatus
from io import BytesIO
from threading import Lock
from typing import IO, Any, Final, cast

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Application = Callable[[Environ, Any], Iterable[Any]]
Started = tuple[str, list[tuple[str, str]]]

PAGES_AT_ONCE: Final = 2
"""In one process: each page is sooner done if few share the interpreter."""
PATIENCE_SECONDS: Final = 1.0
MOST_BESIDE: Final = 6
"""Threads for whoever has waited so long: those before them wait for somebody else."""
AT_ONCE: Final = 16
"""Bodies that one address may be sending to this process at the same time."""
IN_MEMORY: Final = 1024 * 1024
PIECE: Final = 256 * 1024
RETRY_SECONDS: Final = 5
PROGRAMS: Final = "/api/"
"""Where refusals have the one shape that programs read; see the docs of the API."""


class PageThreads:
    """A WSGI application that runs another one in `threads` threads of its own.

    :param longest: bytes; a body that is longer is refused before it is read
    :param sender_of: whose bodies count together
    """

    def __init__(
        self,
        application: Application,
        *,
        threads: int,
        longest: int,
        sender_of: Callable[[Environ], str],
    ) -> None:
        self._application, self._longest = application, longest
        self._sender_of = sender_of
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="page")
        self._beside = ThreadPoolExecutor(MOST_BESIDE, thread_name_prefix="beside")
        self._sending: Counter[str] = Counter()
        self._lock = Lock()

    def __call__(
        self, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        length = _length_of(environ)
        if not length and _has_body_of_any_length(environ):
            return _refused(environ, start_response, HTTPStatus.LENGTH_REQUIRED)
        if length > self._longest:
            return _refused(
                environ, start_response, HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            )
        if length:
            with self._place_of(environ) as may_send:
                if not may_send:
                    return _refused(
                        environ, start_response, HTTPStatus.TOO_MANY_REQUESTS
                    )
                body = _read(environ["wsgi.input"], length)
            if body is None:
                return _refused(environ, start_response, HTTPStatus.BAD_REQUEST)
            environ["wsgi.input"] = body
        started, answer = self._in_turn(environ)
        start_response(*started)
        return answer

    def _in_turn(self, environ: Environ) -> tuple[Started, Iterable[bytes]]:
        turn = self._threads.submit(self._answer, environ)
        try:
            return turn.result(PATIENCE_SECONDS)
        except TimeoutError:
            if turn.cancel():
                turn = self._beside.submit(self._answer, environ)
            # It has begun by now; or it is done, and the time-out was its own.
            return turn.result()

    def _answer(self, environ: Environ) -> tuple[Started, Iterable[bytes]]:
        started: list[Started] = []

        def start(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
            started.append((status, headers))

        answer = self._application(environ, start)
        if getattr(answer, "streaming", False):
            # A file: whoever takes it slowly keeps no page waiting.
            return started[-1], answer
        try:
            whole = b"".join(answer)
        finally:
            if close := getattr(answer, "close", None):
                close()
        return started[-1], [whole]

    @contextmanager
    def _place_of(self, environ: Environ) -> Iterator[bool]:
        """Count who is sending; false if there is enough from where it comes."""
        sender = self._sender_of(environ)
        with self._lock:
            self._sending[sender] += 1
            may_send = self._sending[sender] <= AT_ONCE
        try:
            yield may_send
        finally:
            with self._lock:
                self._sending[sender] -= 1
                if not self._sending[sender]:
                    del self._sending[sender]


def _has_body_of_any_length(environ: Environ) -> bool:
    """Whether a body comes in chunks: Django would read nothing, and take it for all.

    Where no body has a meaning nobody minds what a proxy says of it.
    """
    is_meant = environ.get("REQUEST_METHOD") in {"POST", "PUT", "PATCH"}
    return is_meant and bool(environ.get("HTTP_TRANSFER_ENCODING"))


def _length_of(environ: Environ) -> int:
    """Return how long the body says it is; Django reads no other."""
    length = str(environ.get("CONTENT_LENGTH") or "0")
    return int(length) if length.isascii() and length.isdecimal() else 0


def _read(source: Any, length: int) -> IO[bytes] | None:
    """Return the whole body; None if it ended before it was complete."""
    if length <= PIECE:
        body: IO[bytes] = BytesIO(_exactly(source, length))
    else:
        body = cast("IO[bytes]", tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115
        left = length
        while piece := _exactly(source, min(left, PIECE)):
            body.write(piece)
            left -= len(piece)
    if body.seek(0, 2) < length:
        body.close()
        return None
    body.seek(0)
    return body


def _exactly(source: Any, length: int) -> bytes:
    """Read `length` bytes; fewer only at the end."""
    pieces: list[bytes] = []
    while length and (piece := source.read(length)):
        pieces.append(piece)
        length -= len(piece)
    return b"".join(pieces)


def _refused(
    environ: Environ, start_response: StartResponse, status: HTTPStatus
) -> list[bytes]:
    is_program = str(environ.get("PATH_INFO", "")).startswith(PROGRAMS)
    kind = "application/json" if is_program else "text/plain; charset=utf-8"
    # What was not read would be taken for the next request.
    headers = [("Content-Type", kind), ("Connection", "close")]
    if is_program:
        headers.append(("Access-Control-Allow-Origin", "*"))
        headers.append(("Access-Control-Expose-Headers", "Retry-After"))
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        headers.append(("Retry-After", str(RETRY_SECONDS)))
    start_response(f"{status.value} {status.phrase}", headers)
    code, words = _WORDS[status]
    error = {"error": {"code": code, "message": words}}
    return [(json.dumps(error) if is_program else f"{words}\n").encode()]


_WORDS: Final = {
    HTTPStatus.BAD_REQUEST: (
        "incomplete",
        "It ended before all of it had come. Send it again.",
    ),
    HTTPStatus.LENGTH_REQUIRED: (
        "length_required",
        "Say with Content-Length how long it is.",
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        "too_large",
        "It is larger than anything taken here.",
    ),
    HTTPStatus.TOO_MANY_REQUESTS: (
        "too_many",
        "Too much is being sent from your address. Try again in a few seconds.",
    ),
}
