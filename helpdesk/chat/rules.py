"""What somebody may do by chat: one set of rules for visitors, one for known users."""

from channels_ingest.providers.chat.settings import ChatSettings, Rules
from helpdesk.chat.models import Visitor


class MayNotStart(Exception):
    """Only somebody else may begin a conversation here, such as a signed-in user."""


class MayNotReplyToClosed(Exception):
    """The conversation is closed, and its customer may not open it again."""


class MayNotHaveSeveral(Exception):
    """There is one open conversation already, and one is all they may have."""


def rules_for(visitor: Visitor | None, settings: ChatSettings) -> Rules:
    """Return the rules that hold for somebody; None is whoever has not written yet."""
    is_known = visitor is not None and visitor.is_proven
    return settings.known if is_known else settings.visitors


def check_start(rules: Rules, *, open_conversations: int) -> None:
    """Check that a new conversation may begin beside those that are open.

    :raises MayNotStart: if none may begin
    :raises MayNotHaveSeveral: if one at a time is all
    """
    if not rules.may_start:
        raise MayNotStart
    if open_conversations and not rules.may_have_several:
        raise MayNotHaveSeveral


def check_reply(rules: Rules, *, is_open: bool, open_conversations: int = 0) -> None:
    """Check that something may be written into an existing conversation.

    :param open_conversations: beside which it would be one more
    :raises MayNotReplyToClosed: if it is closed and has to stay so
    :raises MayNotHaveSeveral: if one at a time is all
    """
    if not is_open and not rules.may_reply_to_closed:
        raise MayNotReplyToClosed
    if open_conversations and not rules.may_have_several:
        raise MayNotHaveSeveral
