import itertools
import socket
import subprocess
import sys
import time
import zlib

import pytest

from helpdesk.core.http import (
    AddressForbidden,
    HostNotFound,
    RequestFailed,
    RequestTimedOut,
    ResponseTooLarge,
    Retries,
    send_request,
)

AT_ONCE = Retries(count=2, base_seconds=0)


class TestSendRequest:
    def test_returns_the_answer(self, site):
        site.answers.append((201, {"X-Id": "7"}, b'{"a": 1}'))

        response = send_request("post", site.url("/b?c=d"), json={"e": "f"})

        method, path, headers, body = site.requests[0]
        assert (method, path, body) == ("POST", "/b?c=d", b'{"e":"f"}')
        assert headers["Content-Type"] == "application/json"
        assert response.status_code == 201
        assert response.headers["X-Id"] == "7"
        assert response.json() == {"a": 1}

    def test_sends_files(self, site):
        send_request("POST", site.url(), data={"a": "b"}, files={"c": ("d", b"e")})

        assert site.requests[0][3].count(b"Content-Disposition: form-data") == 2

    def test_reads_a_compressed_answer(self, site):
        body = zlib.compress(b"words")
        site.answers.append((200, {"Content-Encoding": "deflate"}, body))

        assert send_request("GET", site.url()).content == b"words"

    def test_ignores_proxies_and_logins_of_the_machine(
        self, site, monkeypatch, tmp_path
    ):
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:1")
        (tmp_path / "netrc").write_text("default login a password b")
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))

        assert send_request("GET", site.url()).status_code == 200
        assert "Authorization" not in site.requests[0][2]

    def test_keeps_no_cookies(self, site):
        site.answers.append((200, {"Set-Cookie": "a=b"}, b""))

        send_request("GET", site.url())
        send_request("GET", site.url())

        assert "Cookie" not in site.requests[1][2]

    @pytest.mark.parametrize(
        "url",
        ["ftp://a.example", "file:///a", "/a", "", "http://a:b@c.example", "http://"],
    )
    def test_refuses_what_is_no_plain_web_address(self, url):
        with pytest.raises(AddressForbidden):
            send_request("GET", url)

    def test_says_when_the_name_has_no_address(self):
        with pytest.raises(HostNotFound):
            send_request("GET", "http://unknown.invalid/")


class TestEgress:
    @pytest.mark.parametrize("host", ["127.0.0.2", "0x7f000001", "[::1]"])
    def test_does_not_reach_a_private_host(self, site, host):
        with pytest.raises(AddressForbidden):
            send_request("GET", site.url(host=host))

        assert site.requests == []

    def test_connects_to_the_address_that_was_checked(self, site, monkeypatch):
        asked = []
        real = socket.getaddrinfo

        def getaddrinfo(host, *args, **kwargs):
            if host != "rebind.example":
                return real(host, *args, **kwargs)
            asked.append(host)
            # The second answer differs: that is the attack.
            address = "127.0.0.1" if len(asked) == 1 else "127.0.0.9"
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, site.port))]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

        send_request("GET", site.url(host="rebind.example"))

        assert asked == ["rebind.example"]
        assert site.requests[0][2]["Host"] == f"rebind.example:{site.port}"

    def test_checks_again_for_each_new_connection(self, site, monkeypatch):
        answers = itertools.chain(["127.0.0.1"], itertools.repeat("127.0.0.9"))
        real = socket.getaddrinfo

        def getaddrinfo(host, *args, **kwargs):
            if host != "rebind-later.example":
                return real(host, *args, **kwargs)
            where = (next(answers), site.port)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", where)]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        site.answers.append((200, {"Connection": "close"}, b""))
        send_request("GET", site.url(host="rebind-later.example"))

        with pytest.raises(AddressForbidden):
            send_request("GET", site.url(host="rebind-later.example"))


class TestRedirects:
    def test_are_followed_for_reading(self, site):
        site.redirect("/b")

        assert send_request("GET", site.url("/a")).content == b"ok"
        assert [path for _, path, _, _ in site.requests] == ["/a", "/b"]

    def test_are_not_followed_for_writing(self, site):
        site.redirect("/b", status=307)

        assert send_request("POST", site.url("/a")).status_code == 307
        assert len(site.requests) == 1

    def test_to_a_private_host_are_refused(self, site):
        site.redirect(site.url("/secret", host="127.0.0.2"))

        with pytest.raises(AddressForbidden):
            send_request("GET", site.url("/a"))

        assert len(site.requests) == 1

    def test_in_a_chain_are_each_checked(self, site):
        site.redirect("/b")
        site.redirect(site.url(host="[::ffff:127.0.0.1]"))

        with pytest.raises(AddressForbidden):
            send_request("GET", site.url("/a"))

        assert len(site.requests) == 2

    @pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://a", "gopher://a"])
    def test_to_another_scheme_are_refused(self, site, target):
        site.redirect(target)

        with pytest.raises(AddressForbidden):
            send_request("GET", site.url())

    def test_end(self, site):
        for _ in range(9):
            site.redirect("/again")

        with pytest.raises(RequestFailed):
            send_request("GET", site.url(), retries=Retries(count=0))

        assert len(site.requests) == 6

    def test_keep_secrets_from_another_host(self, site, settings):
        settings.OUTGOING_PRIVATE_HOSTS = ["127.0.0.1", "127.0.0.2"]
        site.redirect(site.url("/b", host="127.0.0.2"))

        send_request(
            "GET", site.url(), headers={"X-Api-Key": "s", "Authorization": "s"}
        )

        assert site.requests[0][2]["X-Api-Key"] == "s"
        assert "X-Api-Key" not in site.requests[1][2]
        assert "Authorization" not in site.requests[1][2]
        assert site.requests[1][2]["Host"] == f"127.0.0.2:{site.port}"


class TestRetries:
    @pytest.mark.parametrize("status", [429, 502, 503, 504])
    def test_follow_what_passes(self, site, status):
        site.answers += [(status, {}, b"")] * 2

        assert send_request("GET", site.url(), retries=AT_ONCE).status_code == 200
        assert len(site.requests) == 3

    @pytest.mark.parametrize("status", [400, 401, 404, 500, 501])
    def test_do_not_follow_what_stays(self, site, status):
        site.answers.append((status, {}, b""))

        assert send_request("GET", site.url(), retries=AT_ONCE).status_code == status
        assert len(site.requests) == 1

    def test_end(self, site):
        site.answers += [(503, {}, b"")] * 9

        assert send_request("GET", site.url(), retries=AT_ONCE).status_code == 503
        assert len(site.requests) == 3

    def test_never_send_twice_what_may_have_arrived(self, site):
        site.answers += [(0, {}, b"")] * 2

        with pytest.raises(RequestFailed) as failure:
            send_request("POST", site.url(), retries=AT_ONCE)

        assert failure.value.was_sent
        assert len(site.requests) == 1

    def test_send_again_what_carries_a_key(self, site):
        site.answers.append((0, {}, b""))

        response = send_request(
            "POST", site.url(), content=b"a", retries=AT_ONCE, is_repeatable=True
        )

        assert response.status_code == 200
        assert [body for _, _, _, body in site.requests] == [b"a", b"a"]

    def test_say_that_nothing_was_sent_when_nobody_answers(self, settings):
        settings.OUTGOING_PRIVATE_HOSTS = ["127.0.0.1"]
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]

        with pytest.raises(RequestFailed) as failure:
            send_request("POST", f"http://127.0.0.1:{port}", retries=AT_ONCE)

        assert not failure.value.was_sent

    def test_give_up_rather_than_wait_longer_than_the_caller(self, site):
        site.answers.append((503, {"Retry-After": "3600"}, b""))

        assert send_request("GET", site.url(), seconds=5).status_code == 503
        assert len(site.requests) == 1

    def test_wait_a_random_time_that_doubles(self):
        retries = Retries(base_seconds=1, longest_seconds=4)

        longest = [
            max(retries.pause(attempt, None) for _ in range(300))
            for attempt in range(5)
        ]

        assert all(
            ceiling * 0.9 < pause <= ceiling
            for pause, ceiling in zip(longest, [1, 2, 4, 4, 4], strict=True)
        )


class TestBounds:
    def test_stop_an_answer_that_is_too_long(self, site):
        sent = itertools.count()
        site.answers.append(
            (200, {}, (b"a" * 65536 for _ in iter(lambda: next(sent), 10_000)))
        )

        with pytest.raises(ResponseTooLarge):
            send_request("GET", site.url(), max_bytes=100_000)

        assert next(sent) < 2000

    def test_stop_a_small_answer_that_unpacks_to_a_large_one(self, site):
        bomb = zlib.compress(b"a" * 50_000_000)
        site.answers.append((200, {"Content-Encoding": "deflate"}, bomb))

        with pytest.raises(ResponseTooLarge):
            send_request("GET", site.url(), max_bytes=1_000_000)

    def test_stop_an_answer_that_only_trickles(self, site, monkeypatch):
        clock = [0.0]
        monkeypatch.setattr(time, "monotonic", lambda: clock[0])

        def trickle():
            for _ in range(100_000):
                clock[0] += 2
                yield b"a"

        site.answers.append((200, {}, trickle()))

        with pytest.raises(RequestTimedOut):
            send_request("GET", site.url(), seconds=20, retries=Retries(count=0))


class TestMemory:
    def test_is_not_taken_by_processes_that_only_show_pages(self):
        ask = (
            "import sys, helpdesk.wsgi\n"
            "from helpdesk.urls import urlpatterns\n"
            "sys.exit('httpx' in sys.modules)"
        )

        assert subprocess.run([sys.executable, "-c", ask], check=False).returncode == 0
