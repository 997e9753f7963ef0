import random
from contextlib import contextmanager

import pytest
from aiosmtpd.controller import Controller

from helpdesk.rehearsal.chaos.mailers import (
    NO_ANSWER,
    TAKEN,
    Correspondence,
    MailServer,
    hand_over,
)
from helpdesk.rehearsal.chaos.sink import token_of
from helpdesk.rehearsal.installation import free_ports


class Desk:
    """Answers each mail with the next code of a list, then with 250."""

    def __init__(self, *codes):
        self.codes, self.mails = list(codes), []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        code = self.codes.pop(0) if self.codes else TAKEN
        if code == TAKEN:
            self.mails.append(envelope.content)
        return f"{code} as told"


@contextmanager
def listening(*codes):
    desk = Desk(*codes)
    (port,) = free_ports(1)
    controller = Controller(desk, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield desk, port
    finally:
        controller.stop()


def correspondence(**fields):
    return Correspondence(
        number=1, to="support@shop.example", chance=random.Random(1), **fields
    )


class TestHandOver:
    @pytest.mark.parametrize("code", [TAKEN, 451, 552])
    def test_tells_the_answer(self, code):
        with listening(code) as (_, port):
            said = hand_over(port=port, sender="a@b.example", to="c@d.example", raw=b"")

        assert said == code

    def test_tells_that_nobody_answered(self):
        (port,) = free_ports(1)

        said = hand_over(port=port, sender="a@b.example", to="c@d.example", raw=b"")

        assert said == NO_ANSWER


class TestMailServer:
    def test_goes_on_only_when_a_mail_was_taken(self):
        one = correspondence()
        with listening(451, 451) as (desk, port):
            server = MailServer([one], port=port, rounds=6, pace_seconds=0)
            server.start()
            server.join(30)

        expected = [one.message_id(index) for index in correspondence().order(6)]
        assert one.taken == expected
        assert one.answers == {451: 2, TAKEN: len(desk.mails)}


class TestCorrespondence:
    def test_writes_the_same_mail_again(self):
        one = correspondence(padding=2000)

        assert one.mail(3) == one.mail(3)
        assert len(one.mail(3)) > 2000
        assert one.mail(3) != one.mail(4)


class TestTokenOf:
    def test_knows_an_answer_by_its_own_words_and_not_by_quoted_ones(self):
        new, old = f"answer-{1:032x}", f"answer-{2:032x}"

        raw = f"Content-Type: text/plain\r\n\r\nHello\r\n{new}\r\n> {old}\r\n".encode()

        assert token_of(raw) == new
