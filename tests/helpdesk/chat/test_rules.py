"""What visitors and known users may do."""

import pytest

from channels_ingest.providers.chat.settings import ChatSettings, Rules
from helpdesk.chat.models import Visitor
from helpdesk.chat.rules import (
    MayNotHaveSeveral,
    MayNotReplyToClosed,
    MayNotStart,
    check_reply,
    check_start,
    rules_for,
)

SETTINGS = ChatSettings(
    visitors=Rules(may_start=False), known=Rules(may_reply_to_closed=False)
)


class TestRulesFor:
    @pytest.mark.parametrize(
        ("visitor", "rules"),
        [
            (None, SETTINGS.visitors),
            (Visitor(is_proven=False), SETTINGS.visitors),
            (Visitor(is_proven=True), SETTINGS.known),
        ],
        ids=["nobody", "visitor", "known"],
    )
    def test_are_those_of_whoever_is_proven_or_not(self, visitor, rules):
        assert rules_for(visitor, SETTINGS) is rules

    def test_do_not_follow_claims(self):
        visitor = Visitor(claimed_email="maya@people.example", claimed_name="Maya")

        assert rules_for(visitor, SETTINGS) is SETTINGS.visitors


class TestCheckStart:
    def test_lets_several_begin(self):
        check_start(Rules(), open_conversations=7)

    def test_lets_nobody_begin_who_may_not(self):
        with pytest.raises(MayNotStart):
            check_start(Rules(may_start=False), open_conversations=0)

    def test_lets_one_begin_where_one_is_all(self):
        rules = Rules(may_have_several=False)

        check_start(rules, open_conversations=0)
        with pytest.raises(MayNotHaveSeveral):
            check_start(rules, open_conversations=1)


class TestCheckReply:
    @pytest.mark.parametrize("is_open", [True, False])
    def test_lets_replies_open_again_what_is_closed(self, is_open):
        check_reply(Rules(), is_open=is_open)

    def test_lets_what_is_closed_stay_so(self):
        rules = Rules(may_reply_to_closed=False)

        check_reply(rules, is_open=True)
        with pytest.raises(MayNotReplyToClosed):
            check_reply(rules, is_open=False)
