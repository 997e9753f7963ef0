"""Which messages belong together, by what their headers say.

Nothing in here decides what a message may join: headers are a stranger's words. For
that there are the signed ids of `signed_ids`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from email.message import Message

from channels_ingest.adapters.email.message_ids import (
    message_ids_in,
    normalize_message_id,
    parent_ids,
)
from channels_ingest.adapters.email.signed_ids import (
    read_bounce_address,
    read_message_id,
    read_reply_address,
    sign_bounce_address,
    sign_message_id,
    sign_reply_address,
)

__all__ = [
    "ThreadedMessage",
    "message_ids_in",
    "normalize_message_id",
    "parent_ids",
    "read_bounce_address",
    "read_message_id",
    "read_reply_address",
    "sign_bounce_address",
    "sign_message_id",
    "sign_reply_address",
    "thread_keys",
    "threaded_message",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadedMessage:
    """The headers of one message that place it in its thread."""

    id: str
    """The caller's own name for the message."""
    message_id: str
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


def threaded_message(name: str, message: Message) -> ThreadedMessage:
    """Take the headers that matter for threading out of `message`."""
    return ThreadedMessage(
        id=name,
        message_id=str(message.get("Message-ID", "")),
        in_reply_to=tuple(map(str, message.get_all("In-Reply-To", []))),
        references=tuple(map(str, message.get_all("References", []))),
    )


class _Groups:
    """Disjoint sets of ids, joined in any order in nearly linear time."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def find(self, item: str) -> str:
        self._parent.setdefault(item, item)
        root = item
        while self._parent[root] != root:
            root = self._parent[root]
        while self._parent[item] != root:
            self._parent[item], item = root, self._parent[item]
        return root

    def join(self, first: str, second: str) -> None:
        # The root of the first stays: keys depend on the mailbox's order alone.
        self._parent[self.find(second)] = self.find(first)


def thread_keys(messages: Iterable[ThreadedMessage]) -> dict[str, str]:
    """Give every message of a mailbox the key of its thread.

    Messages are together when one names the other, or both name the same third, even
    if the mailbox does not hold it. Subjects play no part. A message without an id is
    on its own unless it names others. Further copies of a message, as folders hold
    them, are that same message: they have no key of their own.
    """
    groups = _Groups()
    names: dict[str, str] = {}
    for message in messages:
        own = normalize_message_id(message.message_id)
        name = f"id:{own}" if own else f"message:{message.id}"
        names.setdefault(name, message.id)
        groups.find(name)
        for parent in parent_ids(
            in_reply_to=message.in_reply_to, references=message.references
        ):
            groups.join(f"id:{parent}", name)
    return {each: groups.find(name) for name, each in names.items()}
