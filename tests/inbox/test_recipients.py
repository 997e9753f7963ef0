"""Whom an answer goes to, case by case."""

import pytest

from inbox.recipients import (
    BadAddress,
    Correspondence,
    Letter,
    has_more_readers,
    people_from,
    reply_to,
    reply_to_all,
    typed,
)

OWN = "support@shop.example"
MAYA = "maya@people.example"
BOSS = "boss@people.example"
CARL = "carl@people.example"
EVE = "eve@else.example"


def people(*handles):
    return [{"name": "", "handle": handle} for handle in handles]


def person(handle):
    return {"name": "", "handle": handle}


def topic(*, strangers=(), own=(OWN,), customer=MAYA, **letters):
    return Correspondence(
        customer=person(customer) if customer else None,
        own=frozenset(own),
        strangers=frozenset(strangers),
        **letters,
    )


def mail(sender=MAYA, *, to=(OWN,), cc=(), reply_to=()):
    return Letter(
        sender=person(sender),
        to=people(*to),
        cc=people(*cc),
        reply_to=people(*reply_to),
    )


def sent(*, to=(MAYA,), cc=(), bcc=()):
    return Letter(to=people(*to), cc=people(*cc), bcc=people(*bcc))


def handles(addressing):
    return tuple(
        [person["handle"] for person in part]
        for part in (addressing.to, addressing.cc, addressing.bcc)
    )


CASES = {
    "one to one": (topic(last_inbound=mail()), [MAYA], []),
    "somebody in copy stays": (topic(last_inbound=mail(cc=[BOSS])), [MAYA], [BOSS]),
    "others in To become copies": (
        topic(last_inbound=mail(to=[OWN, CARL], cc=[BOSS])),
        [MAYA],
        [CARL, BOSS],
    ),
    "our own addresses are never answered": (
        topic(
            last_inbound=mail(to=[OWN, "help@shop.example"], cc=["help@shop.example"]),
            own=(OWN, "help@shop.example"),
        ),
        [MAYA],
        [],
    ),
    "case does not hide an own address": (
        topic(last_inbound=mail(to=["Support@Shop.Example"])),
        [MAYA],
        [],
    ),
    "Reply-To is where the answer goes, the sender stays in copy": (
        topic(last_inbound=mail(reply_to=["desk@people.example"])),
        ["desk@people.example"],
        [MAYA],
    ),
    "Reply-To that names us is not followed": (
        topic(last_inbound=mail(reply_to=[OWN])),
        [MAYA],
        [],
    ),
    "a stranger in copy is left out": (
        topic(last_inbound=mail(cc=[EVE, BOSS]), strangers=[EVE]),
        [MAYA],
        [BOSS],
    ),
    "a stranger in Reply-To is left out": (
        topic(last_inbound=mail(reply_to=[EVE]), strangers=[EVE]),
        [MAYA],
        [],
    ),
    "a colleague who answers is answered, the copies stay": (
        topic(last_inbound=mail(BOSS, to=[OWN], cc=[MAYA])),
        [BOSS],
        [MAYA],
    ),
    "who was in copy before is still in copy": (
        topic(last_inbound=mail(), last_outbound=sent(cc=[BOSS])),
        [MAYA],
        [BOSS],
    ),
    "nobody stands in To and Cc": (
        topic(last_inbound=mail(to=[OWN, MAYA], cc=[MAYA, BOSS, BOSS])),
        [MAYA],
        [BOSS],
    ),
    "before anybody wrote it goes to the customer": (topic(), [MAYA], []),
    "without a customer it goes where the last one went": (
        topic(customer=None, last_outbound=sent(to=[CARL])),
        [CARL],
        [],
    ),
    "to nobody when there is nobody": (topic(customer=None), [], []),
}


class TestReplyToAll:
    @pytest.mark.parametrize("case", CASES)
    def test_keeps_whom_it_should(self, case):
        correspondence, to, cc = CASES[case]

        found = handles(reply_to_all(correspondence))

        assert found == (to, cc, [])

    def test_keeps_blind_copies_to_itself(self):
        before = sent(cc=[BOSS], bcc=[CARL, BOSS])

        found = handles(reply_to_all(topic(last_inbound=mail(), last_outbound=before)))

        assert found == ([MAYA], [BOSS], [CARL])


class TestReplyTo:
    @pytest.mark.parametrize("case", CASES)
    def test_answers_the_same_person_and_nobody_else(self, case):
        correspondence, to, _ = CASES[case]

        assert handles(reply_to(correspondence)) == (to, [], [])


class TestHasMoreReaders:
    def test_is_so_only_if_answering_all_reaches_somebody(self):
        assert not has_more_readers(topic(last_inbound=mail()))
        assert has_more_readers(topic(last_inbound=mail(cc=[BOSS])))
        assert not has_more_readers(topic(last_inbound=mail(cc=[EVE]), strangers=[EVE]))


class TestPeopleFrom:
    def test_reads_names_and_addresses(self):
        found = people_from('"Rivera, Maya" <Maya@People.example>; boss@people.example')

        assert found == (
            {"name": "Rivera, Maya", "handle": MAYA},
            {"name": "", "handle": BOSS},
        )

    def test_reads_what_it_writes(self):
        written = (
            {"name": 'Maya "May" Rivera, Dr.', "handle": MAYA},
            {"name": "李伟", "handle": CARL},
        )

        assert [it["handle"] for it in people_from(typed(written))] == [MAYA, CARL]

    def test_takes_everybody_once(self):
        assert len(people_from(f"{MAYA}, Maya <{MAYA}>, {MAYA.upper()}")) == 1

    @pytest.mark.parametrize(
        "field",
        ["maya", "maya@", "<>", "a@b", f"{MAYA}, nonsense", "x@y.example\0", "@"],
    )
    def test_refuses_what_mail_cannot_reach(self, field):
        with pytest.raises(BadAddress):
            people_from(field)

    def test_refuses_a_crowd(self):
        crowd = ", ".join(f"p{n}@people.example" for n in range(101))

        with pytest.raises(BadAddress):
            people_from(crowd)

    def test_makes_no_header_of_line_breaks(self):
        found = people_from(f"{MAYA}\r\nBcc: x <{CARL}>")

        assert all("\n" not in it["name"] + it["handle"] for it in found)
