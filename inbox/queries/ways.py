"""The ways that an answer can go: by which channel, to whom, and what is in the way."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import F, QuerySet

from customers.models import Identity, IdentityKind
from helpdesk.core.prepared import Prepared
from inbox.models import Channel, Conversation, Kind, Participant, TimelineItem
from inbox.models.conversation import ParticipantRole
from inbox.models.draft import DraftMode
from inbox.recipients import Correspondence, Person, reply_to, without_tag

MAIL = "email"
MOST_ADDRESSES = 3
CLAIMED = "reply-claimed"
CHAT_SCOPE = "channel:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A chat that the customer takes part in."""

    value: str
    """What the composer calls it: `chat`, or `chat-7` by another channel."""
    channel: Channel
    to: Person
    is_forgotten: bool = False
    """The customer deleted their data: nobody reads there any more."""

    @property
    def is_open(self) -> bool:
        is_there = self.channel.is_active and self.channel.is_fetched
        return is_there and not self.is_forgotten


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mailbox of the customer's, or one that a visitor says is theirs."""

    value: str
    """`reply`, `reply-12` for another address, `reply-claimed`."""
    to: tuple[Person, ...]
    is_claimed: bool = False
    undeliverable_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """All ways to the customer of one conversation."""

    is_chat: bool = False
    """Whether the customer has written by chat, even if no chat is open any more."""
    chats: Sequence[Chat] = ()
    mails: Sequence[Mail] = ()
    mailbox: Channel | None = None
    """What mail leaves by; None if there is no mailbox to send it from."""
    addresses: Sequence[Identity] = ()
    """The customer's own, as `addresses_of` returned them."""

    def chat(self, value: str) -> Chat | None:
        return next((it for it in self.chats if it.value == value), None)


def ways_of(
    conversation: Conversation, *, topic: Correspondence, parts: Sequence[Participant]
) -> Ways:
    """Return how the customer can be reached.

    By chat only where they have written by chat in this very conversation.

    :param topic: who has mailed whom
    :param parts: what `parts_in` returned
    """
    identities = _chat_identities(conversation, parts)
    if not identities and not conversation.channel.is_fetched:
        mail = Mail(value=DraftMode.REPLY, to=reply_to(topic).to)
        return Ways(mails=[mail], mailbox=conversation.channel)
    addresses = addresses_of(conversation)
    return Ways(
        is_chat=True,
        chats=list(_chats(identities, usual=conversation.channel)),
        mails=_mails(conversation, topic=topic, addresses=addresses),
        mailbox=mailbox_of(conversation),
        addresses=addresses,
    )


def chats_of(conversation: Conversation, *, parts: Sequence[Participant]) -> Ways:
    """Return how the customer can be reached by chat, and nothing else.

    :param parts: what `parts_in` returned
    """
    identities = _chat_identities(conversation, parts)
    chats = list(_chats(identities, usual=conversation.channel))
    return Ways(is_chat=bool(identities), chats=chats)


def _chat_identities(
    conversation: Conversation, parts: Sequence[Participant]
) -> list[Identity]:
    """Return the handles of chats, that of the customer's last words first.

    Those that nobody reads any more come last.
    """
    found = [part.identity for part in parts if part.role != ParticipantRole.STRANGER]
    if conversation.identity is not None:
        found.insert(0, conversation.identity)
    chats = [it for it in found if it.kind == IdentityKind.CHAT]
    return sorted(chats, key=lambda it: it.is_forgotten)


def _chats(identities: Sequence[Identity], *, usual: Channel) -> Iterator[Chat]:
    """Return one chat for each channel that is still there.

    :param usual: the channel of the conversation, which is known already
    """
    by_channel: dict[int, Identity] = {}
    for identity in identities:
        by_channel.setdefault(_channel_id(identity), identity)
    channels = {usual.pk: usual}
    others = [pk for pk in by_channel if pk not in channels]
    if others:
        channels |= Channel.objects.defer("config").in_bulk(others)
    found = [(channels[pk], it) for pk, it in by_channel.items() if pk in channels]
    for index, (channel, identity) in enumerate(found):
        value = f"{DraftMode.CHAT}-{channel.pk}" if index else DraftMode.CHAT
        person = {"name": identity.display_name, "handle": identity.value}
        yield Chat(
            value=value,
            channel=channel,
            to=person,
            is_forgotten=identity.is_forgotten,
        )


def _channel_id(identity: Identity) -> int:
    pk = identity.scope.removeprefix(CHAT_SCOPE)
    return int(pk) if pk.isdecimal() else 0


def _mails(
    conversation: Conversation, *, topic: Correspondence, addresses: Sequence[Identity]
) -> list[Mail]:
    """Return the address of the last mail, then the others, at last what is claimed."""
    claim = _claim(conversation, topic=topic)
    claimed = claim.to[0]["handle"] if claim else ""
    found = []
    answered = reply_to(topic).to
    if answered and (topic.last_inbound or answered[0]["handle"] != claimed):
        found.append(Mail(value=DraftMode.REPLY, to=answered))
    taken = {person["handle"] for it in found for person in it.to}
    for identity in addresses:
        if identity.value not in taken | topic.excluded():
            found.append(_mail_to(identity, is_first=not found))
    taken |= {person["handle"] for it in found for person in it.to}
    return [*found, claim] if claim and claimed not in taken else found


def _claim(conversation: Conversation, *, topic: Correspondence) -> Mail | None:
    claimed = str(conversation.claims.get("email", ""))
    if not claimed or without_tag(claimed) in topic.own:
        return None
    name = str(conversation.claims.get("name", ""))
    return Mail(value=CLAIMED, to=({"name": name, "handle": claimed},), is_claimed=True)


def _mail_to(identity: Identity, *, is_first: bool) -> Mail:
    return Mail(
        value=DraftMode.REPLY if is_first else f"{DraftMode.REPLY}-{identity.pk}",
        to=({"name": identity.display_name, "handle": identity.value},),
        undeliverable_reason=identity.undeliverable_reason,
    )


def mailbox_of(conversation: Conversation) -> Channel | None:
    """Return the mailbox of the conversation, else that of its chat or its brand."""
    channel = conversation.channel
    if channel.kind == MAIL:
        return channel
    found = (
        _last_used(conversation_id=conversation.pk)
        or (_active_mailbox(pk=channel.mailbox_id) if channel.mailbox_id else [])
        or _of_brand(brand_id=channel.brand_id)
    )
    return found[0] if found else None


def addresses_of(conversation: Conversation) -> list[Identity]:
    """Return the customer's own addresses: what arrives first, then the last used."""
    return _addresses(customer_id=conversation.customer_id)


@Prepared
def _addresses(*, customer_id: int) -> QuerySet[Identity]:
    return Identity.objects.filter(
        customer_id=customer_id, kind=IdentityKind.EMAIL
    ).order_by(
        F("undeliverable_reason").asc(),
        F("last_used_at").desc(nulls_last=True),
        "id",
    )[:MOST_ADDRESSES]


def _mailboxes() -> QuerySet[Channel]:
    return Channel.objects.active().filter(kind=MAIL).defer("config")


@Prepared
def _last_used(*, conversation_id: int) -> QuerySet[Channel]:
    last = TimelineItem.objects.filter(
        conversation_id=conversation_id,
        kind=Kind.MESSAGE,
        channel__kind=MAIL,
        channel__is_active=True,
    ).order_by("-seq")
    return _mailboxes().filter(pk__in=last.values("channel_id")[:1])


@Prepared
def _active_mailbox(*, pk: int) -> QuerySet[Channel]:
    return _mailboxes().filter(pk=pk)


@Prepared
def _of_brand(*, brand_id: int) -> QuerySet[Channel]:
    return _mailboxes().filter(brand_id=brand_id).order_by("id")[:1]
