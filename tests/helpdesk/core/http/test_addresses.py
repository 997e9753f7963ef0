import socket

import pytest

from helpdesk.core.http import (
    AddressForbidden,
    HostNotFound,
    resolve_host,
    url_allowed,
)


@pytest.fixture
def name_server(monkeypatch):
    """Answer every name with the addresses a test puts in."""
    answers = {}

    def getaddrinfo(host, port, *_, **__):
        if host not in answers:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in answers[host]
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return answers


class TestUrlAllowed:
    @pytest.mark.parametrize(
        "url",
        [
            *(
                "https://8.8.8.8",
                "http://8.8.8.8:8080/a?b",
                "https://[2606:4700::1111]",
            ),
            *(
                "https://[64:ff9b::808:808]/",
                "https://172.32.0.1",
                "https://100.128.0.1",
            ),
        ],
    )
    def test_lets_public_addresses_through(self, url):
        assert url_allowed(url)

    @pytest.mark.parametrize(
        "url",
        [
            *(
                "http://127.0.0.1",
                "http://127.255.0.1",
                "http://10.1.2.3",
                "http://0.0.0.0",
            ),
            *("http://172.16.0.1", "http://192.168.0.1", "http://169.254.169.254"),
            *("http://100.64.0.1", "http://100.100.100.200", "http://168.63.129.16"),
            *("http://192.0.0.192", "http://198.18.0.1", "http://224.0.0.1"),
            *("http://240.0.0.1", "http://255.255.255.255", "http://192.88.99.1"),
        ],
    )
    def test_refuses_other_ipv4(self, url):
        assert not url_allowed(url)

    @pytest.mark.parametrize(
        "host",
        [
            *("::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1"),
            *("::ffff:127.0.0.1", "::ffff:7f00:1", "::127.0.0.1", "::ffff:0:127.0.0.1"),
            *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1"),
            *("2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1", "100::1", "3fff::1"),
            *("2a00:1450::5efe:127.0.0.1", "2a00:1450::200:5efe:10.0.0.1", "5f00::1"),
            *("fe80::1%25eth0", "::1%251"),
        ],
    )
    def test_refuses_other_ipv6(self, host):
        assert not url_allowed(f"http://[{host}]/")

    @pytest.mark.parametrize(
        "host",
        [
            *("0", "1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1"),
            *("017700000001", "0177.0.0.1", "127.0.0.1.", "127.0.0.01", "0x", "8.8.8"),
            *("08.8.8.8", "8.8.8.8.", "0x08080808", "134744072", "1.2.3.4.5", "a.0x7f"),
        ],
    )
    def test_refuses_every_other_way_to_write_an_address(self, host):
        assert not url_allowed(f"http://{host}/")

    @pytest.mark.parametrize(
        "url",
        [
            *("", "8.8.8.8", "//8.8.8.8", "ftp://8.8.8.8", "file:///etc/passwd"),
            *("gopher://8.8.8.8", "http://", "http:///a", "http://8.8.8.8:99999"),
            *("http://a@8.8.8.8", "http://a:b@8.8.8.8", "http://127.0.0.1\\@8.8.8.8"),
            *(
                "http://8.8.8.8%00.example",
                "http://exa mple",
                "http://①②⑦.0.0.1",
                "http://[::1",
            ),
            *("http://8.8.8.8\n.example/", "http://🦊", "javascript:alert(1)"),
        ],
    )
    def test_refuses_what_is_no_plain_web_address(self, url):
        assert not url_allowed(url)

    def test_asks_the_name_server(self, name_server):
        name_server["good.example"] = ["8.8.8.8"]
        name_server["inside.example"] = ["10.0.0.1"]

        assert url_allowed("https://good.example/")
        assert not url_allowed("https://inside.example/")
        assert not url_allowed("https://unknown.example/")

    def test_refuses_a_name_of_which_one_address_is_private(self, name_server):
        name_server["mixed.example"] = ["8.8.8.8", "127.0.0.1"]

        assert not url_allowed("https://mixed.example/")


class TestPrivateHosts:
    @pytest.mark.parametrize("allowed", ["inside.example", "10.0.0.0/8", "10.0.0.1"])
    def test_of_our_own_are_reached_when_listed(self, allowed, name_server):
        name_server["inside.example"] = ["10.0.0.1"]

        assert url_allowed("http://inside.example/", private_hosts=[allowed])

    @pytest.mark.parametrize("allowed", ["other.example", "10.1.0.0/16", "example"])
    def test_are_not_reached_through_another(self, allowed, name_server):
        name_server["inside.example"] = ["10.0.0.1"]

        assert not url_allowed("http://inside.example/", private_hosts=[allowed])

    def test_come_from_the_settings(self, settings):
        settings.OUTGOING_PRIVATE_HOSTS = ["127.0.0.1"]

        assert url_allowed("http://127.0.0.1/")

    def test_are_none_unless_set(self, settings):
        settings.OUTGOING_PRIVATE_HOSTS = []

        assert not url_allowed("http://127.0.0.1/")


class TestResolveHost:
    def test_returns_the_addresses_that_were_checked(self, name_server):
        name_server["good.example"] = ["8.8.8.8", "1.1.1.1", "8.8.8.8"]

        assert resolve_host("good.example", port=443) == ["8.8.8.8", "1.1.1.1"]

    def test_tells_a_missing_name_from_a_forbidden_one(self, name_server):
        name_server["inside.example"] = ["127.0.0.1"]

        with pytest.raises(HostNotFound):
            resolve_host("unknown.example", port=443)
        with pytest.raises(AddressForbidden):
            resolve_host("inside.example", port=443)
