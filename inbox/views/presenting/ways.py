"""The ways to answer as the composer offers them, each with the reason why."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils import timezone
from django.utils.text import capfirst
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from inbox.models import Conversation, Draft
from inbox.models.draft import DraftMode
from inbox.queries.ways import Chat, Mail, Ways
from inbox.recipients import (
    Addressing,
    Correspondence,
    has_more_readers,
    reply_to,
    reply_to_all,
    typed,
)
from inbox.whereabouts import left_at


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
    """Why it cannot be chosen; empty if it can."""
    is_chosen: bool = False
    is_after_gap: bool = False

    @property
    def mode(self) -> str:
        return self.value.partition("-")[0]


def options_of(
    conversation: Conversation,
    *,
    topic: Correspondence,
    ways: Ways,
    draft: Draft | None,
    gone: str,
) -> list[ComposerOption]:
    """Return every way to write, one of them chosen: the draft's, else the usual.

    :param gone: what `gone_words` says
    """
    offered = [
        *(
            _by_chat(conversation, topic, ways, draft, gone=gone)
            if ways.is_chat
            else _by_mail(conversation, topic, draft)
        ),
        ComposerOption(
            value=DraftMode.NOTE,
            title=_("Note"),
            icon="notebook-pen",
            kind="note",
            why=_("Only colleagues see it"),
            is_after_gap=True,
        ),
    ]
    chosen = _chosen(offered, wanted=_wanted(draft) or _usual(conversation, topic))
    return [replace(it, is_chosen=it is chosen) for it in offered]


def _wanted(draft: Draft | None) -> str:
    return (draft.way or draft.mode) if draft else ""


def _usual(conversation: Conversation, topic: Correspondence) -> str:
    if conversation.is_chat:
        return DraftMode.CHAT
    return DraftMode.REPLY_ALL if has_more_readers(topic) else DraftMode.REPLY


def _chosen(offered: list[ComposerOption], *, wanted: str) -> ComposerOption:
    open_ones = [it for it in offered if not it.reason]
    fitting = (it for it in open_ones if it.value == wanted)
    # To somebody else nothing goes unless it is wanted.
    usual = (it for it in open_ones if it.mode != DraftMode.FORWARD)
    return next(fitting, None) or next(usual)


def _by_mail(
    conversation: Conversation, topic: Correspondence, draft: Draft | None
) -> Iterator[ComposerOption]:
    yield _mail_option(
        DraftMode.REPLY,
        title=_("Reply"),
        icon="reply",
        addressing=reply_to(topic),
        why=_why_by_mail(conversation, topic),
    )
    yield from _to_all(topic, draft)
    yield _forward(_("The earlier mail goes along. The customer does not see it"))


def _by_chat(
    conversation: Conversation,
    topic: Correspondence,
    ways: Ways,
    draft: Draft | None,
    *,
    gone: str,
) -> Iterator[ComposerOption]:
    name = first_name_of(conversation)
    for chat in ways.chats:
        yield _chat_option(chat, conversation=conversation, name=name, gone=gone)
    yield from _mails(conversation, topic, ways, gone=gone)
    if ways.mailbox is not None:
        yield from _to_all(topic, draft)
        why = _("The last message goes along by mail. The customer does not see it")
        yield _forward(why)


def gone_words(conversation: Conversation) -> str:
    """Say when the customer of a chat left the site; empty while they may be there."""
    now = timezone.now()
    at = left_at(conversation, now=now)
    if at is None:
        return ""
    return _("%(name)s left the site %(time)s ago") % {
        "name": capfirst(first_name_of(conversation)),
        "time": timesince(at, now, depth=1),
    }


def _chat_option(
    chat: Chat, *, conversation: Conversation, name: str, gone: str
) -> ComposerOption:
    if gone:
        why = _("%(gone)s: they find the answer when they come back") % {"gone": gone}
    elif conversation.channel_id == chat.channel.pk:
        why = _("Answering where %(name)s last wrote, by chat") % {"name": name}
    else:
        why = _("%(name)s has also written by chat") % {"name": name}
    return ComposerOption(
        value=chat.value,
        title=_("Chat") if chat.value == DraftMode.CHAT else chat.channel.name,
        icon=f"channel-{chat.channel.kind}",
        kind=chat.channel.kind,
        why=why,
        reason=_closed(chat),
    )


def _closed(chat: Chat) -> str:
    if chat.is_forgotten:
        return forgotten_words()
    if not chat.is_open:
        return _("%(channel)s is switched off") % {"channel": chat.channel.name}
    return ""


def forgotten_words() -> str:
    """Say why nothing can be written to somebody who wanted to be forgotten."""
    return _("The visitor deleted their data: nobody reads this chat any more")


def _mails(
    conversation: Conversation, topic: Correspondence, ways: Ways, *, gone: str
) -> Iterator[ComposerOption]:
    if ways.mailbox is None:
        brand = conversation.channel.brand.name
        yield _no_mail(_("%(brand)s has no mailbox to send from") % {"brand": brand})
        return
    for index, mail in enumerate(ways.mails):
        option = _mail_option(
            mail.value,
            title=mail.to[0]["handle"] if index else _("Email"),
            icon="mail",
            addressing=Addressing(to=mail.to),
            why=_why_of(mail, conversation=conversation, topic=topic, gone=gone),
        )
        yield replace(option, reason=_undeliverable(mail))
    if not ways.mails:
        name = first_name_of(conversation)
        yield _no_mail(_("No mail address of %(name)s is known") % {"name": name})


def _no_mail(reason: str) -> ComposerOption:
    return ComposerOption(
        value=DraftMode.REPLY, title=_("Email"), icon="mail", reason=reason
    )


def _undeliverable(mail: Mail) -> str:
    if not mail.undeliverable_reason:
        return ""
    return _("Mail to %(address)s does not arrive: %(reason)s") % {
        "address": mail.to[0]["handle"],
        "reason": mail.undeliverable_reason,
    }


def _why_of(
    mail: Mail, *, conversation: Conversation, topic: Correspondence, gone: str
) -> str:
    if mail.is_claimed:
        return _("Not proven: typed by the visitor")
    if not conversation.is_chat and mail.value == DraftMode.REPLY:
        return _why_by_mail(conversation, topic)
    if gone:
        return _("%(gone)s: by email it reaches them") % {"gone": gone}
    name = first_name_of(conversation)
    return _("By email to %(name)s. The answer comes back here") % {"name": name}


def _to_all(topic: Correspondence, draft: Draft | None) -> Iterator[ComposerOption]:
    is_begun = draft is not None and draft.mode == DraftMode.REPLY_ALL
    if is_begun or has_more_readers(topic):
        yield _mail_option(
            DraftMode.REPLY_ALL,
            title=_("Reply to all"),
            icon="reply-all",
            addressing=reply_to_all(topic),
            why=_("Everybody who was in copy stays in copy"),
        )


def _forward(why: str) -> ComposerOption:
    return _mail_option(
        DraftMode.FORWARD,
        title=_("Forward"),
        icon="forward",
        addressing=Addressing(),
        why=why,
    )


def _mail_option(
    value: str, *, title: str, icon: str, addressing: Addressing, why: str
) -> ComposerOption:
    return ComposerOption(
        value=value,
        title=title,
        icon=icon,
        why=why,
        to=typed(addressing.to),
        cc=typed(addressing.cc),
        bcc=typed(addressing.bcc),
    )


def _why_by_mail(conversation: Conversation, topic: Correspondence) -> str:
    if topic.last_inbound is None:
        return _("By email, from %(channel)s") % {"channel": conversation.channel.name}
    name = first_name_of(conversation)
    if topic.last_inbound.reply_to:
        return _("To the address %(name)s asked for answers at") % {"name": name}
    return _("Answering where %(name)s last wrote, from %(channel)s") % {
        "name": name,
        "channel": conversation.channel.name,
    }


def first_name_of(conversation: Conversation) -> str:
    """Return what to call the customer in a sentence; a claimed name will not do."""
    return conversation.customer.name.split(" ")[0] or _("the customer")
