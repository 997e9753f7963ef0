"""From what the composer sent to the answer: by which channel, to whom, what fits."""

from collections.abc import Sequence

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from inbox.actions.answering import Reply
from inbox.forms import ReplyForm
from inbox.models import Channel, Conversation, Participant
from inbox.models.draft import DraftMode
from inbox.queries.ways import Ways, chats_of, ways_of
from inbox.queries.writing import correspondence_of
from inbox.views.presenting.composer import reply_subject
from inbox.views.presenting.ways import forgotten_words


class WayClosed(Exception):
    """The customer cannot be reached like this, or not any more; says why."""


class TooMuch(Exception):
    """More than the channel carries; says how much it does."""


def chosen_reply(
    form: ReplyForm, conversation: Conversation, *, parts: Sequence[Participant]
) -> Reply:
    """Return the answer that a valid form holds.

    :param parts: what `parts_in` returned
    :raises WayClosed: if the chosen way is not open
    :raises TooMuch: if the channel does not carry so much
    """
    mode = form.cleaned_data["mode"]
    if mode == DraftMode.CHAT:
        return _by_chat(form, chats_of(conversation, parts=parts))
    topic = correspondence_of(conversation, parts=parts)
    ways = ways_of(conversation, topic=topic, parts=parts)
    if ways.mailbox is None:
        raise WayClosed(_("There is no mailbox to send it from."))
    subject = reply_subject(conversation, topic=topic, mode=mode)
    return form.by_mail(channel=ways.mailbox, subject=subject)


def _by_chat(form: ReplyForm, ways: Ways) -> Reply:
    chat = ways.chat(form.way)
    if chat is not None and chat.is_forgotten:
        raise WayClosed(forgotten_words())
    if chat is None or not chat.is_open:
        raise WayClosed(_("This chat is not open any more. Answer by email."))
    reply = form.by_chat(channel=chat.channel, to=chat.to)
    _refuse_too_much(chat.channel, text=reply.writing.text, form=form)
    return reply


def _refuse_too_much(channel: Channel, *, text: str, form: ReplyForm) -> None:
    can = channel.capabilities
    limit = int(can.get("text_limit") or 0)
    if limit and len(text) > limit:
        words = _("A message by chat holds up to %(limit)s characters.")
        raise TooMuch(words % {"limit": limit})
    size = sum(upload.size for upload in form.uploads)
    most = int(can.get("file_bytes") or 0) if can.get("takes_files") else 0
    if size > most:
        words = _("Files of a message by chat hold up to %(size)s together.")
        raise TooMuch(words % {"size": filesizeformat(most)})
