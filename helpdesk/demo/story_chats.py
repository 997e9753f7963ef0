"""Tell what was written by chat: by the same doors that visitors come in by."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings

from channels_ingest.drain import drain_channel
from channels_ingest.models import InboundEvent
from channels_ingest.providers.chat.payload import visitor_id_of
from channels_ingest.providers.chat.settings import identity_secrets
from helpdesk.chat.actions.ending import end_chat, rate_chat
from helpdesk.chat.actions.reading import mark_seen
from helpdesk.chat.actions.sessions import (
    Claims,
    open_anonymous_session,
    open_known_session,
)
from helpdesk.chat.actions.visits import note_page
from helpdesk.chat.actions.writing import Written, accept_message
from helpdesk.chat.identity import read_identity
from helpdesk.chat.models import Visitor
from helpdesk.chat.pages import Page
from helpdesk.demo.script import Step, Story, Topic
from helpdesk.demo.shop_identity import signed_identity
from inbox.models import Channel, Conversation, Direction, TimelineItem

if TYPE_CHECKING:
    from channels_ingest.reading_pool import ReadingPool
    from helpdesk.demo.models import DemoState


class ChatTelling:
    """The steps of a story that a visitor of the shop takes."""

    _story: Story
    _state: "DemoState"
    _pool: "ReadingPool"
    _channels: dict[str, Channel]

    def _chat(
        self, step: Step, topic: Topic, at: datetime, client_id: uuid.UUID
    ) -> None:
        visitor = self._visitor(topic, at=at)
        known = self._state.topics.get(topic.key)
        begun = Conversation.objects.get(pk=known) if known else None
        recorded = accept_message(
            visitor=visitor,
            written=Written(
                client_id=client_id,
                conversation=begun.public_id if begun else None,
                topic=None if begun else uuid.uuid5(visitor.public_id, topic.key),
                text=step.text,
                page=_page(step.details.get("on", "")),
                invitation=step.details.get("invitation", ""),
                sent_at=at,
            ),
            now=at,
        )
        drain_channel(channel_id=visitor.channel_id, pool=self._pool, now=at)
        event = InboundEvent.objects.only("conversation_id").get(pk=recorded.event_id)
        self._state.topics.setdefault(topic.key, event.conversation_id)

    def _seen(self, _step: Step, topic: Topic, at: datetime, _: uuid.UUID) -> None:
        conversation = self._conversation(topic)
        mark_seen(
            visitor=self._visitor(topic, at=at),
            conversation=conversation,
            seq=conversation.last_seq,
            now=at,
        )

    def _visit(self, step: Step, topic: Topic, at: datetime, _: uuid.UUID) -> None:
        visitor = self._visitor(topic, at=at)
        for line in step.details["visit"]:
            page = _page(line)
            shown = Page(title=page["title"], url=page["url"])
            note_page(visitor_id=visitor.pk, page=shown, now=at)

    def _rate(self, step: Step, topic: Topic, at: datetime, _: uuid.UUID) -> None:
        rate_chat(
            conversation=self._conversation(topic),
            score=int(step.text),
            comment=step.details.get("comment", ""),
            now=at,
        )

    def _end(self, _step: Step, topic: Topic, at: datetime, _: uuid.UUID) -> None:
        end_chat(conversation=self._conversation(topic), now=at)

    def _conversation(self, topic: Topic) -> Conversation:
        return Conversation.objects.get(pk=self._state.topics[topic.key])

    def _visitor(self, topic: Topic, *, at: datetime) -> Visitor:
        """Return the browser that a topic is written in; the first time it is made."""
        known = self._state.topics.get(topic.key)
        if known is None:
            return self._arrive(topic, at=at)
        first = TimelineItem.objects.filter(
            conversation_id=known, direction=Direction.INBOUND
        ).earliest("seq")
        visitors = Visitor.objects.select_related("identity", "channel")
        public_id = visitor_id_of(first.external_id)
        assert public_id is not None
        return visitors.get(public_id=public_id)

    def _arrive(self, topic: Topic, *, at: datetime) -> Visitor:
        channel, facts = self._channels["chat"], topic.visitor
        if not facts.get("is_signed"):
            claims = Claims(
                name=facts.get("name"),
                email=facts.get("email"),
                language=facts.get("language", "en"),
            )
            return open_anonymous_session(
                channel=channel, claims=claims, now=at
            ).visitor
        person = self._story.people[topic.who]
        proof = read_identity(
            signed_identity(person, channel=channel, now=at),
            secrets=identity_secrets(channel.config),
            channel_key=channel.address,
            now=at,
        )
        claims = Claims(language=person.locale)
        session = open_known_session(
            channel=channel, proof=proof, claims=claims, now=at
        )
        return session.visitor


def _page(name: str) -> dict[str, str]:
    """Return what a page of the shop is called, and where it is."""
    if not name:
        return {}
    title, _, path = name.partition(" | ")
    return {"title": title, "url": f"{settings.PUBLIC_URL}/demo/shop/{path}"}
