"""A visitor's side of the API, with the reader of the journal behind it."""

import json
import uuid
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import Client

from channels_ingest.drain import drain_all
from channels_ingest.models import InboundEvent
from channels_ingest.providers.chat.payload import unpacked
from channels_ingest.sole_reader import _LOCKS
from helpdesk.core.outbox import relay_all
from inbox.actions.messages import Recipients, Writing, add_note, send_reply
from inbox.models import Conversation
from tests.factories import VisitorFactory
from tests.factories.chat import bearer_of

ROOT = "/api/v1/chat/"


class Browser:
    """What one visitor's browser does."""

    def __init__(self, visitor=None, **fields):
        self.visitor = visitor or VisitorFactory(**fields)
        self._client = Client(raise_request_exception=True)
        self.headers = {}

    def get(self, path, **query):
        return self._client.get(ROOT + path, query, headers=bearer_of(self.visitor))

    def post(self, path, body=None, **fields):
        return self._client.post(
            ROOT + path,
            json.dumps(fields if body is None else body),
            content_type="application/json",
            headers=bearer_of(self.visitor) | self.headers,
        )

    def post_raw(self, path, content, content_type="application/json"):
        return self._client.generic(
            "POST",
            ROOT + path,
            content,
            content_type=content_type,
            headers=bearer_of(self.visitor),
        )

    def post_files(self, *files, **message):
        parts = {"message": json.dumps(message_of(**message)), "files": list(files)}
        return self._client.post(
            f"{ROOT}messages/", parts, headers=bearer_of(self.visitor)
        )

    def write(self, text="Is it blue?", **fields):
        return self.post("messages/", message_of(text=text, **fields))

    def begin(self, text="Is it blue?", **fields):
        """Begin a topic and have it read; return its conversation."""
        return self.begin_with(str(uuid.uuid4()), text, **fields)

    def begin_with(self, topic, text="Is it blue?", **fields):
        """Begin a topic of this key."""
        answer = self.write(text, topic=topic, **fields)
        assert answer.status_code == 202, answer.content
        settle()
        key = f"chat:{self.visitor.public_id}:{topic}"
        return Conversation.objects.get(references__key=key)

    def begin_again(self, conversation, text="And one more thing"):
        """Write into a conversation, and have it read."""
        answer = self.write(text, conversation=str(conversation.public_id))
        assert answer.status_code == 202, answer.content
        settle()

    def listed(self):
        return self.get("conversations/").json()["results"]

    def messages(self, conversation, **query):
        path = f"conversations/{conversation.public_id}/messages/"
        return self.get(path, **query).json()["results"]

    def messages_everywhere(self):
        return [
            message
            for shown in self.listed()
            for message in self.get(f"conversations/{shown['id']}/messages/").json()[
                "results"
            ]
        ]


def message_of(**fields):
    if "conversation" not in fields and "topic" not in fields:
        fields["topic"] = str(uuid.uuid4())
    return {"client_id": str(uuid.uuid4()), **fields}


@contextmanager
def reader_elsewhere(channel):
    """Have another process read the channel, for longer than anybody waits."""
    other = connection.copy()
    try:
        with other.cursor() as cursor, pytest.MonkeyPatch.context() as patched:
            patched.setattr("channels_ingest.drain.LONGEST_WAIT", 0)
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [_LOCKS, channel.pk])
            yield
    finally:
        other.close()


def settle():
    """Read what is journalled, and let the outbox be worked off."""
    drain_all()
    relay_all()


def answer_in(conversation, *, agent, text="Yes, it is.", html=""):
    item = send_reply(
        conversation_id=conversation.pk,
        author=agent,
        writing=Writing(text=text, html=html),
        recipients=Recipients(to=[{"name": "", "handle": "visitor"}]),
    )
    relay_all()
    return item


def note_in(conversation, *, agent, text="Watch out, a difficult one."):
    item = add_note(
        conversation_id=conversation.pk, author=agent, writing=Writing(text=text)
    )
    relay_all()
    return item


def journalled():
    """Return what waits to be read, as the adapter reads it."""
    return [unpacked(bytes(it.raw)) for it in InboundEvent.objects.order_by("id")]


def below(conversation, word=""):
    """Return where the API has what belongs to this conversation."""
    return f"conversations/{conversation.public_id}/{word}"


def error_of(answer):
    return answer.json()["error"]
