"""Tell the story: each step by the same means as if it happened today.

What customers write goes through the journal and the whole pipeline, what agents write
through their actions and out to the post office; only the time is another.
"""

import contextlib
import logging
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from channels_ingest.actions.journal import record_inbound
from channels_ingest.delivering import deliver_due
from channels_ingest.drain import drain_channel
from channels_ingest.fingerprint import mail_key
from channels_ingest.models import MAX_ATTEMPTS, InboundEvent
from channels_ingest.reading_pool import ReadingPool
from helpdesk.accounts.models import Team, User
from helpdesk.core.files import store_file
from helpdesk.core.html import linkify
from helpdesk.demo.models import DemoState
from helpdesk.demo.opening import end_story, open_shop
from helpdesk.demo.papers import paper_named
from helpdesk.demo.post_office import open_post_office
from helpdesk.demo.script import Step, Story, Topic, load_story
from helpdesk.demo.story_chats import ChatTelling
from helpdesk.demo.story_mail import (
    Envelope,
    bounce_of,
    broken_request,
    last_reply,
    letter_of,
)
from inbox.actions.assignment import assign_conversation, assign_team
from inbox.actions.conversations import (
    close_conversation,
    mark_as_spam,
    mark_read,
    set_priority,
    snooze_conversation,
    wait_for_customer,
)
from inbox.actions.drafts import Wording, add_upload, save_draft
from inbox.actions.labels import add_tag, get_or_create_tag
from inbox.actions.messages import Recipients, Writing, add_note, send_reply
from inbox.actions.receiving import StoredAttachment
from inbox.models import Channel, Conversation, Priority

_CLIENT_IDS = uuid.UUID("6b1c2f4e-93d5-4d57-9d36-0c8c4d1a2b11")
RETRY_PAUSE = timedelta(minutes=20)


def tell_story(*, say: Callable[[str], None] = lambda _: None) -> bool:
    """Seed the desk; return whether there was anything left to tell.

    Goes on where it was interrupted. What was told is never told again.

    :raises DeskInUse: if there are agents of somebody else
    """
    story = load_story()
    state = open_shop(story=story, now=timezone.now())
    if state.is_told:
        return False
    with (
        _quietly(),
        _without_waiting_for_the_disk(),
        open_post_office(),
        ReadingPool(size=1) as pool,
    ):
        teller = _Teller(story=story, state=state, pool=pool)
        steps = story.steps()
        for number, step in enumerate(steps):
            if number >= state.steps_told:
                teller.tell(step, number=number)
            if number % 50 == 0:
                say(f"{number} of {len(steps)}")
    end_story()
    return True


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """What the story breaks on purpose is no news on the terminal."""
    reader = logging.getLogger("channels_ingest.drain")
    before = reader.level
    reader.setLevel(logging.ERROR)
    try:
        yield
    finally:
        reader.setLevel(before)


@contextlib.contextmanager
def _without_waiting_for_the_disk() -> Iterator[None]:
    """A story can be told again, so no step of it need be on disk at once."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        yield
        cursor.execute("RESET synchronous_commit")


class _Teller(ChatTelling):
    """Does what the steps say, and remembers which conversation is which topic's."""

    def __init__(self, *, story: Story, state: DemoState, pool: ReadingPool) -> None:
        self._story = story
        self._state = state
        self._pool = pool
        self._channels = {
            facts["key"]: Channel.objects.get(address=facts["address"])
            for facts in story.channels
        }
        self._channels["chat"] = Channel.objects.select_related("brand").get(
            address=story.chat["key"]
        )
        self._agents = {
            key: User.objects.get(email=colleague.email)
            for key, colleague in story.colleagues.items()
        }

    def tell(self, step: Step, *, number: int) -> None:
        topic = self._story.topics[step.topic]
        at = self._state.began_at - step.ago
        client_id = uuid.uuid5(_CLIENT_IDS, f"{step.topic} {number}")
        getattr(self, f"_{step.does}")(step, topic, at, client_id)
        self._state.steps_told = number + 1
        DemoState.objects.filter(pk=1).update(
            steps_told=number + 1, topics=self._state.topics
        )

    def _id(self, topic: Topic) -> int:
        return int(self._state.topics[topic.key])

    def _by(self, step: Step) -> User:
        return self._agents[step.by]

    def _mail(self, step: Step, topic: Topic, at: datetime, _: uuid.UUID) -> None:
        channel = self._channels[topic.to]
        known = self._state.topics.get(topic.key)
        letter = letter_of(
            step,
            story=self._story,
            channel=channel,
            answers=last_reply(known) if known else None,
            at=at,
        )
        self._receive(letter, topic=topic, at=at)

    def _receive(self, letter: Envelope, *, topic: Topic, at: datetime) -> None:
        channel = self._channels[topic.to]
        recorded = record_inbound(
            channel_id=channel.pk,
            source=letter.source,
            raw=letter.raw,
            dedupe_key=mail_key(letter.raw),
            headers=letter.headers,
            now=at,
        )
        drain_channel(channel_id=channel.pk, pool=self._pool, now=at)
        event = InboundEvent.objects.only("conversation_id").get(pk=recorded.event_id)
        if event.conversation_id and topic.key not in self._state.topics:
            self._state.topics[topic.key] = event.conversation_id

    def _bounce(self, step: Step, topic: Topic, at: datetime, _: uuid.UUID) -> None:
        self._receive(bounce_of(step, self._id(topic), at=at), topic=topic, at=at)

    def _broken(self, step: Step, topic: Topic, at: datetime, _: uuid.UUID) -> None:
        """A request that was cut off: it is tried as often as any, then put aside."""
        self._receive(broken_request(step), topic=topic, at=at)
        for attempt in range(1, MAX_ATTEMPTS):
            later = at + attempt * RETRY_PAUSE
            channel_id = self._channels[topic.to].pk
            drain_channel(channel_id=channel_id, pool=self._pool, now=later)

    def _sort(self, step: Step, topic: Topic, at: datetime, _: uuid.UUID) -> None:
        if topic.key not in self._state.topics:
            return
        pk = self._id(topic)
        actor = self._agents[topic.assignee or "sam"]
        if topic.team:
            team = Team.objects.get(name=topic.team)
            assign_team(conversation_id=pk, team=team, actor=actor, now=at)
        for name in topic.tags:
            tag = get_or_create_tag(name=name)
            add_tag(conversation_id=pk, tag=tag, actor=actor, now=at)
        if topic.priority:
            priority = Priority[topic.priority.upper()]
            set_priority(conversation_id=pk, priority=priority, actor=actor, now=at)
        if topic.assignee:
            assign_conversation(conversation_id=pk, assignee=actor, actor=actor, now=at)
        if topic.is_read:
            mark_read(conversation_id=pk, agent=actor)

    def _reply(
        self, step: Step, topic: Topic, at: datetime, client_id: uuid.UUID
    ) -> None:
        conversation = Conversation.objects.select_related("identity").get(
            pk=self._id(topic)
        )
        author = self._by(step)
        identity = conversation.identity
        assert identity is not None
        to = {"name": identity.display_name, "handle": identity.value}
        send_reply(
            conversation_id=conversation.pk,
            author=author,
            writing=Writing(
                text=step.text,
                html=_paragraphs(step.text),
                upload_ids=_uploads(conversation, author, step),
            ),
            recipients=Recipients(
                to=[to],
                cc=[{"name": "", "handle": cc} for cc in step.details.get("cc", ())],
            ),
            client_id=client_id,
            now=at,
        )
        deliver_due(now=at)

    def _note(
        self, step: Step, topic: Topic, at: datetime, client_id: uuid.UUID
    ) -> None:
        add_note(
            conversation_id=self._id(topic),
            author=self._by(step),
            writing=Writing(text=step.text, html=_paragraphs(step.text)),
            mentioned=[self._agents[key] for key in step.details.get("mention", ())],
            client_id=client_id,
            now=at,
        )

    def _draft(self, step: Step, topic: Topic, at: datetime, _: uuid.UUID) -> None:
        conversation = Conversation.objects.select_related("identity").get(
            pk=self._id(topic)
        )
        identity = conversation.identity
        assert identity is not None
        save_draft(
            conversation=conversation,
            agent=self._by(step),
            wording=Wording(
                text=step.text,
                html=_paragraphs(step.text),
                to=({"name": identity.display_name, "handle": identity.value},),
                seen_seq=conversation.last_seq,
            ),
        )

    def _close(self, step: Step, topic: Topic, at: datetime, _: uuid.UUID) -> None:
        close_conversation(
            conversation_id=self._id(topic), actor=self._by(step), now=at
        )

    def _wait(self, step: Step, topic: Topic, at: datetime, _: uuid.UUID) -> None:
        wait_for_customer(conversation_id=self._id(topic), actor=self._by(step), now=at)

    def _spam(self, step: Step, topic: Topic, at: datetime, _: uuid.UUID) -> None:
        mark_as_spam(conversation_id=self._id(topic), actor=self._by(step), now=at)

    def _snooze(self, step: Step, topic: Topic, at: datetime, _: uuid.UUID) -> None:
        snooze_conversation(
            conversation_id=self._id(topic),
            until=self._state.began_at + timedelta(days=int(step.text.rstrip("d"))),
            actor=self._by(step),
            now=at,
        )


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{linkify(part)}</p>" for part in text.split("\n\n"))


def _uploads(conversation: Conversation, author: User, step: Step) -> list[uuid.UUID]:
    return [
        add_upload(
            conversation=conversation, agent=author, file=_stored(str(name))
        ).public_id
        for name in step.details.get("files", ())
    ]


def _stored(name: str) -> StoredAttachment:
    paper = paper_named(name)
    file = store_file(paper.content)
    return StoredAttachment(
        name=paper.name,
        content_type=paper.content_type,
        size=file.size,
        sha256=file.sha256,
        stored_name=file.stored_name,
    )
