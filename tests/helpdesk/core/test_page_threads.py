import json
import threading
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from django.http import FileResponse, HttpResponse

from helpdesk.core.page_threads import AT_ONCE, PIECE, PageThreads

PATIENCE = 20
LONGEST = 10 * PIECE


class Slow:
    """A body that waits for whoever sends it."""

    def __init__(self):
        self.begun, self.ended = threading.Event(), threading.Event()

    def read(self, size):
        self.begun.set()
        assert self.ended.wait(PATIENCE)
        return b"x" * size


class Pages:
    """Pages behind the threads, and what was said to whom."""

    def __init__(self, page, *, threads=1, sender_of=lambda _: "somebody"):
        self.answers_with = page
        self.threads = PageThreads(
            self._application, threads=threads, longest=LONGEST, sender_of=sender_of
        )
        self.names = []

    def _application(self, environ, start_response):
        self.names.append(threading.current_thread().name)
        answer = self.answers_with(environ)
        start_response("200 OK", list(answer.items()))
        return answer

    def ask(self, body=None, **environ):
        said = {}

        def start(status, headers):
            said.update(status=status, headers=dict(headers))

        if isinstance(body, bytes):
            environ.setdefault("CONTENT_LENGTH", str(len(body)))
            body = BytesIO(body)
        answer = self.threads({"wsgi.input": body, **environ}, start)
        return said["status"], said["headers"], answer


def echo(environ):
    return HttpResponse(environ["wsgi.input"].read())


def nothing(environ):
    return HttpResponse(b"here")


@pytest.fixture
def senders():
    with ThreadPoolExecutor(max_workers=AT_ONCE + 1) as pool:
        yield pool


class TestPageThreads:
    @pytest.mark.parametrize("size", [1, PIECE, PIECE + 1, 5 * PIECE])
    def test_hands_the_whole_body_over(self, size):
        body = bytes(range(256)) * (size // 256) + b"!" * (size % 256)

        status, headers, answer = Pages(echo).ask(body)

        assert status == "200 OK"
        assert headers["Content-Type"].startswith("text/html")
        assert answer == [body]

    @pytest.mark.parametrize("length", ["", "0", "-1", "ten", "²"])
    def test_reads_no_body_that_has_no_length(self, length):
        _, _, answer = Pages(nothing).ask(Slow(), CONTENT_LENGTH=length)

        assert answer == [b"here"]

    def test_works_on_pages_in_its_own_threads(self):
        pages = Pages(nothing, threads=2)

        for _ in range(5):
            pages.ask()

        assert {name.rpartition("_")[0] for name in pages.names} == {"page"}

    def test_keeps_nobody_waiting_for_whoever_sends_slowly(self, senders):
        pages, slow = Pages(nothing), Slow()
        sending = senders.submit(pages.ask, slow, CONTENT_LENGTH="10")
        assert slow.begun.wait(PATIENCE)

        assert pages.ask()[2] == [b"here"]

        assert not sending.done()
        slow.ended.set()
        assert sending.result(PATIENCE)[0] == "200 OK"

    def test_have_room_beside_pages_that_wait_themselves(self, senders):
        begun, go_on = threading.Semaphore(0), threading.Event()

        def page(environ):
            if environ.get("waits"):
                begun.release()
                assert go_on.wait(PATIENCE)
            return HttpResponse(b"here")

        pages = Pages(page, threads=2)
        waiting = [senders.submit(pages.ask, waits=True) for _ in range(2)]
        assert all(begun.acquire(timeout=PATIENCE) for _ in waiting)

        assert pages.ask()[2] == [b"here"]

        assert not any(it.done() for it in waiting)
        go_on.set()
        assert [it.result(PATIENCE)[2] for it in waiting] == [[b"here"]] * 2
        assert sorted(name.partition("_")[0] for name in pages.names) == [
            "beside",
            "page",
            "page",
        ]

    def test_let_a_page_say_that_something_took_too_long(self):
        def page(environ):
            raise TimeoutError("no answer")

        with pytest.raises(TimeoutError, match="no answer"):
            Pages(page).ask()

    def test_lets_one_address_send_only_so_much_at_once(self, senders):
        pages = Pages(nothing, sender_of=lambda environ: environ["REMOTE_ADDR"])
        bodies = [Slow() for _ in range(AT_ONCE)]
        sent = [
            senders.submit(pages.ask, it, CONTENT_LENGTH="10", REMOTE_ADDR="192.0.2.1")
            for it in bodies
        ]
        assert all(it.begun.wait(PATIENCE) for it in bodies)

        status, headers, answer = pages.ask(b"one more", REMOTE_ADDR="192.0.2.1")
        elsewhere, _, _ = pages.ask(b"another", REMOTE_ADDR="192.0.2.2")

        assert status == "429 Too Many Requests"
        assert headers["Retry-After"] == "5"
        assert b"Try again" in answer[0]
        assert elsewhere == "200 OK"
        for it in bodies:
            it.ended.set()
        assert {it.result(PATIENCE)[0] for it in sent} == {"200 OK"}
        assert pages.ask(b"one more", REMOTE_ADDR="192.0.2.1")[0] == "200 OK"

    def test_refuses_what_ends_too_early(self):
        pages = Pages(nothing)

        status, headers, answer = pages.ask(b"half", CONTENT_LENGTH="8")

        assert status == "400 Bad Request"
        assert headers["Connection"] == "close"
        assert b"Send it again" in answer[0]
        assert not pages.names

    def test_refuses_unread_what_is_too_long(self):
        pages = Pages(nothing)

        status, _, answer = pages.ask(Slow(), CONTENT_LENGTH=str(LONGEST + 1))

        assert status == "413 Request Entity Too Large"
        assert b"larger than anything" in answer[0]
        assert not pages.names

    @pytest.mark.parametrize(
        ("length", "code"), [(LONGEST + 1, "too_large"), (8, "incomplete")]
    )
    def test_refuses_programs_in_the_shape_that_they_read(self, length, code):
        path = "/api/v1/chat/messages/"

        _, headers, answer = Pages(nothing).ask(
            b"half", CONTENT_LENGTH=str(length), PATH_INFO=path
        )

        assert headers["Content-Type"] == "application/json"
        assert headers["Access-Control-Allow-Origin"] == "*"
        assert json.loads(answer[0])["error"]["code"] == code

    def test_refuses_what_comes_in_chunks_of_which_nobody_says_how_many(self):
        pages = Pages(nothing)

        status, headers, answer = pages.ask(
            Slow(), REQUEST_METHOD="POST", HTTP_TRANSFER_ENCODING="chunked"
        )

        assert status == "411 Length Required"
        assert headers["Connection"] == "close"
        assert b"Content-Length" in answer[0]
        assert not pages.names
        read = pages.ask(REQUEST_METHOD="GET", HTTP_TRANSFER_ENCODING="chunked")
        assert read[2] == [b"here"]

    def test_closes_a_page_in_the_thread_that_made_it(self):
        closed = []

        def page(environ):
            answer = HttpResponse(b"here")
            answer._resource_closers.append(
                lambda: closed.append(threading.current_thread().name)
            )
            return answer

        pages = Pages(page)
        pages.ask()

        assert closed == pages.names

    def test_passes_files_on_piece_by_piece(self):
        pages = Pages(lambda _: FileResponse(BytesIO(b"a file")))

        _, _, answer = pages.ask()

        assert answer.streaming
        assert b"".join(answer) == b"a file"

    def test_lets_errors_through(self):
        def page(environ):
            raise RuntimeError("no page")

        with pytest.raises(RuntimeError, match="no page"):
            Pages(page).ask()
