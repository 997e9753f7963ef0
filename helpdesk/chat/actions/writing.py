"""What visitors write: checked, journalled, and read from there like a mail."""

import uuid
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone

from channels_ingest.actions.journal import Recorded
from channels_ingest.handing_in import hand_in
from channels_ingest.models import EventState, InboundEvent
from channels_ingest.providers.chat.payload import (
    SOURCE,
    ChatMessage,
    external_id_of,
    packed,
    topic_key_of,
)
from channels_ingest.providers.chat.settings import ChatSettings, chat_settings
from helpdesk.chat.answers import Answered, asks, read_answers
from helpdesk.chat.file_rules import check_files
from helpdesk.chat.models import ChatState, Visitor
from helpdesk.chat.queries import conversation_of, conversations_of, identities_of
from helpdesk.chat.rules import check_reply, check_start, rules_for
from helpdesk.chat.turns import one_at_a_time
from inbox.contract import Attachment
from inbox.models import Conversation
from inbox.models.conversation import ACTIVE

MAX_TEXT: Final = 10_000
LATE: Final = timedelta(days=7)
"""A device may have been without a network for so long; its clock is not believed."""

SEEN_AGAIN: Final = timedelta(minutes=1)
"""So exactly is it kept when a visitor was last here."""


class ConversationUnknown(Exception):
    """There is no such conversation, or the visitor takes no part in it."""


class NothingWritten(Exception):
    """A message without words, without files and without a filled-in form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One message as a visitor hands it to us; types are right, nothing else is."""

    client_id: uuid.UUID
    conversation: uuid.UUID | None = None
    topic: uuid.UUID | None = None
    text: str = ""
    files: tuple[Attachment, ...] = ()
    form: Mapping[str, object] = field(default_factory=dict)
    page: Mapping[str, str] = field(default_factory=dict)
    invitation: str = ""
    """The key of the invitation that it answers."""
    sent_at: datetime | None = None


def accept_message(
    *, visitor: Visitor, written: Written, now: datetime | None = None
) -> Recorded:
    """Keep a visitor's message for ever; it is on disk when this returns.

    The same `client_id` again changes nothing, whatever became of the topic meanwhile.

    :raises ConversationUnknown: if it would go where the visitor takes no part
    :raises MayNotStart: by the channel's rules, as the next two
    :raises MayNotHaveSeveral: if another topic of theirs is open
    :raises MayNotReplyToClosed: if the conversation is closed for good
    :raises FormInvalid: if answers are missing or make no sense
    :raises NothingWritten: if there is nothing in it
    :raises FilesNotTaken: or another exception of `helpdesk.chat.file_rules`, for what
        is wrong with its files
    """
    now = now or timezone.now()
    settings = chat_settings(visitor.channel.config)
    with _turn_of(visitor, written, settings):
        return _accept(visitor, written, settings, now=now)


def _turn_of(
    visitor: Visitor, written: Written, settings: ChatSettings
) -> AbstractContextManager[None]:
    """Let tabs and devices that write at once see each other's topics."""
    if rules_for(visitor, settings).may_have_several:
        return nullcontext()
    return one_at_a_time(visitor.identity.customer_id)


def _accept(
    visitor: Visitor, written: Written, settings: ChatSettings, *, now: datetime
) -> Recorded:
    try:
        conversation, is_begun = _place(visitor, written)
        _check_rules(visitor, written, settings, conversation, is_begun=is_begun)
        answers = _answers(visitor, written, settings, is_begun=is_begun)
        _check_content(written, settings=settings, answers=answers)
    except Exception:
        # What was taken before stays taken, though the rules say no by now.
        earlier = _taken_before(visitor, written)
        if earlier is None:
            raise
        return earlier
    _claim(visitor, answers=answers, written=written, now=now)
    return _journal(visitor, written, settings, conversation, answers=answers, now=now)


def _place(visitor: Visitor, written: Written) -> tuple[Conversation | None, bool]:
    """Return the conversation it goes to, and whether its topic has begun at all.

    A topic may have begun though its first message has not been read yet.
    """
    if written.conversation is not None:
        try:
            return conversation_of(visitor, written.conversation), True
        except Conversation.DoesNotExist:
            raise ConversationUnknown from None
    mine = conversations_of(visitor)
    key = _topic_key(visitor, written)
    of_topic = mine.filter(references__key=key).order_by("id")
    if (found := of_topic.first()) is not None:
        return found, True
    if _waiting(visitor).filter(headers__topic=key).exists():
        return None, True
    # It may have been read between the two questions.
    found = of_topic.first()
    return found, found is not None


def _check_rules(
    visitor: Visitor,
    written: Written,
    settings: ChatSettings,
    conversation: Conversation | None,
    *,
    is_begun: bool,
) -> None:
    rules = rules_for(visitor, settings)
    if conversation is not None:
        is_one_more = not (rules.may_have_several or _goes_on(conversation))
        count = _open_topics(visitor) if is_one_more else 0
        check_reply(rules, is_open=conversation.is_open, open_conversations=count)
    elif not is_begun:
        count = 0 if rules.may_have_several else _open_topics(visitor)
        check_start(rules, open_conversations=count)


def _goes_on(conversation: Conversation) -> bool:
    """Whether it is open, and its visitor has not ended it."""
    ended = ChatState.objects.filter(pk=conversation.pk, ended_at__isnull=False)
    return conversation.is_open and not ended.exists()


def _open_topics(visitor: Visitor) -> int:
    """Return how many topics of theirs go on; those not read yet do so, too."""
    devices = Visitor.objects.filter(identity__in=identities_of(visitor))
    mine = [str(public_id) for public_id in devices.values_list("public_id", flat=True)]
    waiting = _waiting(visitor).filter(headers__visitor__in=mine)
    topics = waiting.exclude(headers__topic="").values_list("headers__topic")
    going_on = conversations_of(visitor).filter(ACTIVE, chat__ended_at=None)
    return going_on.count() + topics.distinct().count()


def _answers(
    visitor: Visitor, written: Written, settings: ChatSettings, *, is_begun: bool
) -> Answered:
    is_asked = asks(settings, is_known=visitor.is_proven) and not is_begun
    return read_answers(written.form, settings=settings, is_required=is_asked)


def _check_content(
    written: Written, *, settings: ChatSettings, answers: Answered
) -> None:
    if not (written.text.strip() or written.files or answers.lines):
        raise NothingWritten
    if written.files:
        check_files(written.files, settings=settings)


def _taken_before(visitor: Visitor, written: Written) -> Recorded | None:
    key = _external_id(visitor, written)
    rows = InboundEvent.objects.filter(channel_id=visitor.channel_id, dedupe_key=key)
    pk = rows.values_list("pk", flat=True).first()
    return None if pk is None else Recorded(event_id=pk, is_new=False)


def _claim(
    visitor: Visitor, *, answers: Answered, written: Written, now: datetime
) -> None:
    """Keep what they say about themselves, and where they are."""
    changed = []
    if answers.claimed_email:
        visitor.claimed_email = answers.claimed_email
        changed.append("claimed_email")
    if answers.claimed_name:
        visitor.claimed_name = answers.claimed_name
        changed.append("claimed_name")
    if written.page and {**written.page, "at": ""} != {**visitor.page, "at": ""}:
        visitor.page = {**written.page, "at": now.isoformat()}
        changed.append("page")
    if changed or abs(now - visitor.last_seen_at) >= SEEN_AGAIN:
        visitor.last_seen_at = now
        visitor.save(update_fields=[*changed, "last_seen_at"])


def _journal(
    visitor: Visitor,
    written: Written,
    settings: ChatSettings,
    conversation: Conversation | None,
    *,
    answers: Answered,
    now: datetime,
) -> Recorded:
    message = ChatMessage(
        client_id=str(written.client_id),
        visitor_id=str(visitor.public_id),
        handle=visitor.identity.value,
        scope=visitor.identity.scope,
        name=visitor.claimed_name,
        is_proven=visitor.is_proven,
        conversation_id=conversation.pk if conversation else None,
        topic_key=str(written.topic) if written.topic else "",
        text=written.text,
        sent_at=min(max(written.sent_at or now, now - LATE), now),
        files=written.files,
        details=_details(written, settings=settings, answers=answers),
    )
    return hand_in(
        channel=visitor.channel,
        source=SOURCE,
        raw=packed(message),
        dedupe_key=_external_id(visitor, written),
        headers={
            "visitor": str(visitor.public_id),
            "topic": "" if conversation else _topic_key(visitor, written),
        },
        now=now,
    )


def _details(
    written: Written, *, settings: ChatSettings, answers: Answered
) -> dict[str, Any]:
    invitations = {each.key: each.text for each in settings.invitations}
    return {
        "form": [dict(line) for line in answers.lines],
        "page": dict(written.page),
        "invitation": invitations.get(written.invitation, ""),
    }


def _external_id(visitor: Visitor, written: Written) -> str:
    return external_id_of(
        visitor_id=str(visitor.public_id), client_id=str(written.client_id)
    )


def _topic_key(visitor: Visitor, written: Written) -> str:
    return topic_key_of(visitor_id=str(visitor.public_id), key=str(written.topic))


def _waiting(visitor: Visitor) -> QuerySet[InboundEvent]:
    return InboundEvent.objects.filter(
        channel_id=visitor.channel_id, state=EventState.NEW, source=SOURCE
    )
