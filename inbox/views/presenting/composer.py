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
from inbox.queries.ways import ways_of
from inbox.queries.writing import correspondence_of, draft_of, parts_in, uploads_of
from inbox.recipients import Correspondence, typed
from inbox.threading import without_marks
from inbox.views.presenting.ways import ComposerOption, options_of


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
    parts = parts_in(conversation)
    topic = correspondence_of(conversation, parts=parts)
    ways = ways_of(conversation, topic=topic, parts=parts)
    draft = draft_of(conversation, agent=agent)
    options = options_of(conversation, topic=topic, ways=ways, draft=draft)
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
        error=error,
    )


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
