"""The composer: what may be written now, to whom, and why."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from helpdesk.accounts import roles
from helpdesk.accounts.models import User
from inbox.models import Conversation, Draft, Upload
from inbox.models.draft import DraftMode
from inbox.queries.writing import correspondence_of, draft_of, uploads_of
from inbox.recipients import (
    Addressing,
    Correspondence,
    has_more_readers,
    reply_to,
    reply_to_all,
    typed,
)
from inbox.threading import without_marks


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposerOption:
    """One way to write: its recipients, and one line that says why it is offered."""

    value: str
    title: str
    icon: str
    kind: str = "email"
    why: str = ""
    to: str = ""
    cc: str = ""
    bcc: str = ""
    reason: str = ""
    is_chosen: bool = False
    is_disabled: bool = False
    is_after_gap: bool = False


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
    topic = correspondence_of(conversation)
    draft = draft_of(conversation, agent=agent)
    mode = draft.mode if draft else _usual_mode(topic)
    options = _options(conversation, topic=topic, mode=mode)
    chosen = next(option for option in options if option.is_chosen)
    return Composer(
        client_id=str(uuid.uuid4()),
        seen_seq=conversation.last_seq,
        options=options,
        draft=_shown_draft(draft, chosen=chosen),
        uploads=uploads_of(conversation, agent=agent),
        why=chosen.why,
        subject=reply_subject(conversation, topic=topic, mode=mode),
        may_organize=agent.can(roles.ORGANIZE),
        error=error,
    )


def _usual_mode(topic: Correspondence) -> str:
    return DraftMode.REPLY_ALL if has_more_readers(topic) else DraftMode.REPLY


def _options(
    conversation: Conversation, *, topic: Correspondence, mode: str
) -> list[ComposerOption]:
    options = [
        _option(
            DraftMode.REPLY,
            title=_("Reply"),
            icon="reply",
            addressing=reply_to(topic),
            why=_why(conversation, topic),
            mode=mode,
        )
    ]
    if has_more_readers(topic) or mode == DraftMode.REPLY_ALL:
        options.append(
            _option(
                DraftMode.REPLY_ALL,
                title=_("Reply to all"),
                icon="reply-all",
                addressing=reply_to_all(topic),
                why=_("Everybody who was in copy stays in copy"),
                mode=mode,
            )
        )
    forward = _option(
        DraftMode.FORWARD,
        title=_("Forward"),
        icon="forward",
        addressing=Addressing(),
        why=_("The earlier mail goes along. The customer does not see it"),
        mode=mode,
    )
    note = _option(
        DraftMode.NOTE,
        title=_("Note"),
        icon="notebook-pen",
        addressing=Addressing(),
        why=_("Only colleagues see it"),
        mode=mode,
    )
    return [*options, forward, note]


def _option(
    value: str, *, title: str, icon: str, addressing: Addressing, why: str, mode: str
) -> ComposerOption:
    return ComposerOption(
        value=value,
        title=title,
        icon=icon,
        kind="note" if value == DraftMode.NOTE else "email",
        why=why,
        to=typed(addressing.to),
        cc=typed(addressing.cc),
        bcc=typed(addressing.bcc),
        is_chosen=value == mode,
        is_after_gap=value == DraftMode.NOTE,
    )


def _why(conversation: Conversation, topic: Correspondence) -> str:
    if topic.last_inbound is None:
        return _("By email, from %(channel)s") % {"channel": conversation.channel.name}
    name = conversation.customer.name.split(" ")[0] or _("the customer")
    if topic.last_inbound.reply_to:
        return _("To the address %(name)s asked for answers at") % {"name": name}
    return _("Answering where %(name)s last wrote, from %(channel)s") % {
        "name": name,
        "channel": conversation.channel.name,
    }


def _shown_draft(draft: Draft | None, *, chosen: ComposerOption) -> ShownDraft:
    if draft is None:
        return ShownDraft(mode=chosen.value, to=chosen.to, cc=chosen.cc, bcc=chosen.bcc)
    return ShownDraft(
        mode=draft.mode,
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
