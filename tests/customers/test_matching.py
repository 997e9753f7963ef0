import pytest

from customers.matching import Profile, Reason, matches_of, reason_for


def person(pk=1, name="", *addresses, **facts):
    return Profile(pk=pk, name=name, addresses=addresses, **facts)


CASES = {
    "a tag in the address": (
        person(1, "Maya", "maya@rivera.example"),
        person(2, "", "maya+shop@rivera.example"),
        Reason.SAME_MAILBOX,
    ),
    "dots where they are ignored": (
        person(1, "", "maya.rivera@gmail.com"),
        person(2, "", "mayarivera@googlemail.com"),
        Reason.SAME_MAILBOX,
    ),
    "a claimed address": (
        person(1, "Maya", claimed=("maya+shop@rivera.example",)),
        person(2, "Somebody Else", "maya@rivera.example"),
        Reason.CLAIMED_ADDRESS,
    ),
    "two who claim the same": (
        person(1, "", claimed=("maya@rivera.example",)),
        person(2, "", claimed=("maya@rivera.example",)),
        None,
    ),
    "dots elsewhere": (
        person(1, "", "maya.rivera@rivera.example"),
        person(2, "", "mayarivera@rivera.example"),
        None,
    ),
    "name and company": (
        person(1, "Maya Rivera", company="Fjord AS"),
        person(2, "maya  RIVERA", company="fjord as"),
        Reason.SAME_NAME_AND_COMPANY,
    ),
    "name and domain": (
        person(1, "Maya Rivera", "maya@fjord.example"),
        person(2, "Maya Rivera", "m.rivera@fjord.example"),
        Reason.SAME_NAME_AND_DOMAIN,
    ),
    "a free mail domain says nothing": (
        person(1, "Maya Rivera", "maya1@gmail.com"),
        person(2, "Maya Rivera", "maya2@gmail.com"),
        Reason.SAME_NAME,
    ),
    "name and place": (
        person(1, "Maya Rivera", location="Lyon"),
        person(2, "Maya Rivera", location="lyon"),
        Reason.SAME_NAME_AND_PLACE,
    ),
    "accents": (person(1, "José Núñez"), person(2, "Jose Nunez"), Reason.SAME_NAME),
    "the address spells the name": (
        person(1, "Maya Rivera"),
        person(2, "", "maya.rivera@web.de"),
        Reason.NAME_IN_ADDRESS,
    ),
    "one word is no name": (person(1, "Maya"), person(2, "Maya"), None),
    "nothing in common": (person(1, "Maya Rivera"), person(2, "Sam Field"), None),
    "nothing known": (person(1), person(2), None),
    "same domain, other name": (
        person(1, "Maya Rivera", "maya@fjord.example"),
        person(2, "Sam Field", "sam@fjord.example"),
        None,
    ),
}


class TestReasonFor:
    @pytest.mark.parametrize("case", CASES)
    def test_is_the_same_from_both_sides(self, case):
        one, other, reason = CASES[case]

        assert reason_for(one, other) == reason
        assert reason_for(other, one) == reason


class TestMatchesOf:
    def test_puts_the_surest_first_and_leaves_oneself_out(self):
        maya = person(1, "Maya Rivera", "maya@fjord.example")
        weak = person(2, "Maya Rivera")
        strong = person(3, "", "maya+x@fjord.example")

        found = matches_of(maya, [weak, maya, strong])

        assert [match.pk for match in found] == [3, 2]
