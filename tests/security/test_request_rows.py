"""Requests that go out, and addresses that come in; rows of SECURITY.md by number."""

import socket

import pytest
from django.test import RequestFactory

from helpdesk.core.http import AddressForbidden, send_request, url_allowed
from helpdesk.core.limits import (
    LimitReached,
    client_address,
    guard_password_reset,
    guard_sign_in,
)

INSIDE = [
    *("127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "0.0.0.0"),
    *("10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254", "2852039166"),
    *("0xa9fea9fe", "0251.0376.0251.0376", "100.100.100.200", "168.63.129.16"),
    *("[::]", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]", "[::127.0.0.1]"),
    *("[fe80::1]", "[fd00:ec2::254]", "[64:ff9b::7f00:1]", "[2002:7f00:1::1]"),
    *("localhost", "127.0.0.1.", "①②⑦.⓪.⓪.①"),
]


class TestRow26RequestForgeryByRedirect:
    @pytest.mark.parametrize("host", INSIDE)
    def test_no_address_of_our_own_network_is_asked(self, host, settings):
        settings.OUTGOING_PRIVATE_HOSTS = []

        assert not url_allowed(f"http://{host}/")
        with pytest.raises(AddressForbidden):
            send_request("GET", f"http://{host}:1/")

    @pytest.mark.parametrize(
        "host", ["169.254.169.254", "127.0.0.2", "[::ffff:7f00:2]"]
    )
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_nor_after_a_redirect(self, site, host, status):
        site.redirect(site.url(host=host), status=status)

        with pytest.raises(AddressForbidden):
            send_request("GET", site.url("/photo.png"))

        assert [path for _, path, _, _ in site.requests] == ["/photo.png"]

    def test_nor_by_a_name_that_changes_its_address(self, site, monkeypatch):
        real, asked = socket.getaddrinfo, []

        def getaddrinfo(host, *args, **kwargs):
            if host != "rebind.example":
                return real(host, *args, **kwargs)
            asked.append(host)
            address = "8.8.8.8" if len(asked) == 1 else "127.0.0.2"
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, site.port))]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        url = site.url(host="rebind.example")

        assert url_allowed(url)
        with pytest.raises(AddressForbidden):
            send_request("GET", url)
        assert site.requests == []


class TestRow73RequestForgeryBySettings:
    @pytest.mark.parametrize("host", INSIDE)
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_an_address_that_an_admin_types_is_checked_too(
        self, host, method, settings
    ):
        settings.OUTGOING_PRIVATE_HOSTS = []

        with pytest.raises(AddressForbidden):
            send_request(method, f"http://{host}:9000/hook", json={})

    def test_only_the_operator_can_open_the_own_network(self, site):
        assert send_request("POST", site.url(), json={}).status_code == 200
        with pytest.raises(AddressForbidden):
            send_request("POST", site.url(host="127.0.0.2"), json={})

    @pytest.mark.parametrize(
        "url",
        ["file:///etc/passwd", "gopher://a.example", "ftp://a.example", "dict://a"],
    )
    def test_only_the_web_is_asked(self, url):
        with pytest.raises(AddressForbidden):
            send_request("GET", url)


FORGED = [
    "198.51.100.{}",
    "<script>{}</script>",
    "127.0.0.1, 198.51.100.{}",
    "2001:db8::{}",
]


@pytest.fixture
def behind_proxy(settings):
    settings.TRUSTED_PROXIES = ["127.0.0.1"]


def request_with(forged, *, real="203.0.113.5", **headers):
    headers["HTTP_X_FORWARDED_FOR"] = f"{forged}, {real}"
    return RequestFactory().post("/", REMOTE_ADDR="127.0.0.1", **headers)


@pytest.mark.django_db
@pytest.mark.usefixtures("behind_proxy")
class TestRow18ThrottleThatRotatingHeadersEscape:
    @pytest.mark.parametrize("forged", FORGED)
    def test_counts_the_address_that_the_proxy_saw(self, forged):
        real = f"203.0.113.{FORGED.index(forged) + 10}"
        stopped = 0

        for number in range(20):
            address = client_address(request_with(forged.format(number), real=real))
            try:
                guard_password_reset(account=f"{number}-{real}", address=address)
            except LimitReached:
                stopped += 1

        assert stopped == 10


@pytest.mark.usefixtures("behind_proxy")
class TestRow24MarkupInAddressHeaders:
    @pytest.mark.parametrize(
        "header",
        ["HTTP_CF_CONNECTING_IP", "HTTP_X_REAL_IP", "HTTP_CLIENT_IP", "HTTP_FORWARDED"],
    )
    def test_is_never_taken_for_an_address(self, header):
        request = request_with("192.0.2.1", **{header: "<script>alert(1)</script>"})

        assert client_address(request) == "203.0.113.5"

    def test_in_the_header_of_the_proxy_is_no_address(self):
        request = RequestFactory().get(
            "/",
            REMOTE_ADDR="127.0.0.1",
            HTTP_X_FORWARDED_FOR="<script>alert(1)</script>",
        )

        assert client_address(request) == "127.0.0.1"


@pytest.mark.django_db
class TestRow66SignInByGuessing:
    def test_is_stopped_for_the_account_and_for_the_address(self):
        for _ in range(8):
            guard_sign_in(account="row-66@a.example", address="203.0.113.66")
        with pytest.raises(LimitReached):
            guard_sign_in(account="row-66@a.example", address="203.0.113.66")

        for number in range(60):
            try:
                guard_sign_in(
                    account=f"row-66-{number}@a.example", address="203.0.113.66"
                )
            except LimitReached:
                break
        else:
            pytest.fail("one address may try any number of accounts")
