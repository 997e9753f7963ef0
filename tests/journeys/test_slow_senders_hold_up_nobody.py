"""Whoever sends slowly, on a bad line or on purpose, keeps no page from anybody."""

import contextlib
import socket
from urllib.parse import urlsplit

import httpx

SENDERS = 14
"""More than there are threads for pages; one address may do as much."""
UNFINISHED = (
    "POST /api/v1/chat/sessions/ HTTP/1.1\r\nHost: {host}\r\n"
    "Content-Type: application/json\r\nContent-Length: 2000\r\n\r\n{{"
)


def test_slow_senders_hold_up_nobody(desk):
    place = urlsplit(desk.url)
    with contextlib.ExitStack() as senders:
        for _ in range(SENDERS):
            sender = socket.create_connection((place.hostname, place.port), timeout=20)
            senders.enter_context(sender)
            sender.sendall(UNFINISHED.format(host=place.netloc).encode())

        answers = [httpx.get(f"{desk.url}/readyz", timeout=20) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200] * 4
