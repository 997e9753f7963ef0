"""The composer: what may be written now, to whom, and why."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from customers.models import Identity
from helpdesk.accounts import roles
from helpdesk.accounts.models import User
from inbox.models import Conversation, Draft, Participant, Upload
from inbox.models.draft import DraftMode
from inbox.queries.ways import addresses_of, mailbox_of, ways_of
from inbox.queries.writing import correspondence_of, draft_of, parts_in, uploads_of
from inbox.recipients import Correspondence, typed
from inbox.threading import without_marks
from inbox.views.presenting.ways import ComposerOption, gone_words, options_of

_NO_MAILBOX = "x"
"""Marks the stamp of a composer that could send no mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDraft:
    mode: str
    html: str = ""
    text: str = ""
    subject: str = ""
    to: str = ""
    cc: str = ""
    bcc: str = ""
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Composer:
    client_id: str
    seen_seq: int
    options: Sequence[ComposerOption]
    draft: ShownDraft
    uploads: Sequence[Upload]
    why: str
    subject: str
    may_organize: bool
    stamp: str = ""
    """Of a chat: as long as it is the same, the ways to answer are the same."""
    error: str = ""


def composer_for(
    conversation: Conversation,
    *,
    agent: User,
    error: str = "",
) -> Composer | None:
    """Return the composer, or None for somebody who only reads."""
    if not agent.can(roles.NOTE):
        return None
    parts = parts_in(conversation)
    topic = correspondence_of(conversation, parts=parts)
    ways = ways_of(conversation, topic=topic, parts=parts)
    draft = draft_of(conversation, agent=agent)
    gone = gone_words(conversation) if ways.is_chat else ""
    options = options_of(conversation, topic=topic, ways=ways, draft=draft, gone=gone)
    chosen = next(option for option in options if option.is_chosen)
    by_mail = next((it for it in options if it.mode == DraftMode.REPLY), chosen)
    return Composer(
        client_id=str(uuid.uuid4()),
        seen_seq=conversation.last_seq,
        options=options,
        draft=_shown_draft(draft, chosen=chosen, by_mail=by_mail),
        uploads=uploads_of(conversation, agent=agent),
        why=chosen.why,
        subject=reply_subject(conversation, topic=topic, mode=chosen.mode),
        may_organize=agent.can(roles.ORGANIZE),
        stamp=_marked(
            _stamp(conversation, parts, ways.addresses, gone),
            has_mailbox=ways.mailbox is not None,
        ),
        error=error,
    )


def is_as_stamped(
    conversation: Conversation, *, stamp: str, parts: Sequence[Participant]
) -> bool:
    """Whether a composer drawn now would look like the one that bears this stamp.

    One that has a mailbox keeps it until something is sent by it: it is not looked up.

    :param parts: what `parts_in` returned
    """
    if stamp.startswith(_NO_MAILBOX) and mailbox_of(conversation) is not None:
        return False
    addresses = addresses_of(conversation)
    now = _stamp(conversation, parts, addresses, gone_words(conversation))
    return bool(now) and stamp.removeprefix(_NO_MAILBOX) == now


def _marked(stamp: str, *, has_mailbox: bool) -> str:
    return stamp if has_mailbox or not stamp else f"{_NO_MAILBOX}{stamp}"


def _stamp(
    conversation: Conversation,
    parts: Sequence[Participant],
    addresses: Sequence[Identity],
    gone: str,
) -> str:
    """Digest all that decides which ways a chat offers, and what is said of them."""
    if not conversation.is_chat:
        return ""
    decisive = (
        get_language(),
        conversation.pk,
        conversation.channel_id,
        conversation.channel.is_active,
        conversation.channel.name,
        conversation.channel.mailbox_id,
        conversation.identity_id,
        conversation.customer_id,
        conversation.customer.name,
        conversation.subject,
        sorted(conversation.claims.items()),
        [(it.identity_id, it.role, it.identity.is_forgotten) for it in parts],
        [(it.pk, it.display_name, it.undeliverable_reason) for it in addresses],
        gone,
    )
    return blake2b(repr(decisive).encode(), digest_size=9).hexdigest()


def _shown_draft(
    draft: Draft | None, *, chosen: ComposerOption, by_mail: ComposerOption
) -> ShownDraft:
    """What the fields hold. By chat, the address that a mail would go to instead."""
    if draft is None:
        shown = by_mail if chosen.mode == DraftMode.CHAT else chosen
        return ShownDraft(mode=chosen.mode, to=shown.to, cc=shown.cc, bcc=shown.bcc)
    return ShownDraft(
        mode=chosen.mode,
        html=draft.html,
        text=draft.text,
        subject=draft.subject,
        to=typed(draft.to),
        cc=typed(draft.cc),
        bcc=typed(draft.bcc),
        updated_at=draft.updated_at,
    )


def reply_subject(
    conversation: Conversation, *, topic: Correspondence, mode: str
) -> str:
    """Return the subject a message gets when the agent types none.

    A name that the team gave the topic stays inside, unless nothing was written yet.
    """
    subject = without_marks(topic.subject or conversation.subject)
    mark = "Fwd" if mode == DraftMode.FORWARD else "Re"
    return f"{mark}: {subject or _('Your message')}"
