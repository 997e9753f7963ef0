"""Writing: replies, forwards and notes, taking one back, sending one again."""

import contextlib
from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from helpdesk.accounts import roles
from helpdesk.accounts.http import AgentRequest, show, wants_fragment
from inbox.actions.answering import answer, undo_answer
from inbox.actions.delivery import send_again
from inbox.actions.drafts import take_along
from inbox.actions.messages import (
    NoRecipients,
    NothingWritten,
    SomethingHappened,
    add_note,
)
from inbox.actions.participants import NotAStranger, let_in
from inbox.actions.taking_back import TooLateToUndo
from inbox.forms import ReplyForm
from inbox.models import Conversation, Delivery, Participant, TimelineItem, Upload
from inbox.models.draft import DraftMode
from inbox.permissions import require
from inbox.queries.timeline import timeline_page
from inbox.queries.writing import (
    changes_since,
    newest_message,
    parts_in,
    uploads_of,
)
from inbox.views.answers import changed, composer_again, composer_stays
from inbox.views.asking import conversation_or_404, item_or_404, needs
from inbox.views.presenting.composer import is_as_stamped
from inbox.views.presenting.conversation import timeline_context
from inbox.views.sending import TooMuch, WayClosed, chosen_reply
from inbox.views.uploading import keep_posted_files


@require_POST
@needs(roles.NOTE)
def reply(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Send what the composer holds, or say what stands in the way."""
    topic = conversation_or_404(request, pk)
    posted = _files_that_come_along(request, topic)
    uploads = uploads_of(topic, agent=request.user)
    form = ReplyForm(request.POST, uploads=uploads, posted=posted)
    if not form.is_valid():
        return _refused(request, topic, _errors(form))
    try:
        return _write(request, topic, form)
    except SomethingHappened as happened:
        return _somebody_was_faster(request, topic, since=happened.since)
    except NoRecipients:
        return _refused(request, topic, [_("Say whom it goes to.")])
    except NothingWritten:
        return _refused(request, topic, [_("Write something first.")])
    except (WayClosed, TooMuch) as refusal:
        return _refused(request, topic, [str(refusal)])


def _files_that_come_along(request: AgentRequest, topic: Conversation) -> list[Upload]:
    """Files posted with the words, and those of the mail that is forwarded."""
    kept = keep_posted_files(request, topic)
    if request.POST.get("mode") != DraftMode.FORWARD:
        return kept
    newest = newest_message(topic)
    if newest is not None:
        kept += take_along(item=newest, agent=request.user)
    return kept


def _write(request: AgentRequest, topic: Conversation, form: ReplyForm) -> HttpResponse:
    if form.is_note:
        add_note(
            conversation_id=topic.pk,
            author=request.user,
            writing=form.writing(),
            mentioned=form.mentioned(topic),
            client_id=form.cleaned_data["client_id"],
        )
        return composer_again(request, topic.pk)
    require(request.user, roles.REPLY)
    parts = parts_in(topic)
    chosen = chosen_reply(form, topic, parts=parts)
    item = answer(conversation_id=topic.pk, author=request.user, reply=chosen)
    if _composer_stays(request, topic, form=form, parts=parts):
        return composer_stays(topic.pk, seen_seq=max(item.seq, topic.last_seq))
    return composer_again(request, topic.pk)


def _composer_stays(
    request: AgentRequest,
    topic: Conversation,
    *,
    form: ReplyForm,
    parts: Sequence[Participant],
) -> bool:
    """Whether a fresh composer would look like the one that it was written in.

    One that can go on as it is says in `ways` what it offers.
    """
    stamp = request.POST.get("ways", "")
    is_usual = form.way == DraftMode.CHAT and topic.is_chat and not form.all_uploads
    return bool(
        stamp
        and is_usual
        and wants_fragment(request)
        and is_as_stamped(topic, stamp=stamp, parts=parts)
    )


def _errors(form: ReplyForm) -> list[str]:
    return [str(error) for errors in form.errors.values() for error in errors]


def _refused(
    request: AgentRequest, topic: Conversation, errors: list[str]
) -> HttpResponse:
    if wants_fragment(request):
        context = {"errors": errors}
        return show(request, "inbox/_composer_errors.html", context, status=422)
    for error in errors:
        messages.error(request, error)
    return redirect("inbox:conversation", topic.pk)


def _somebody_was_faster(
    request: AgentRequest, topic: Conversation, *, since: int
) -> HttpResponse:
    newer = changes_since(topic, seq=since)
    context = {
        "conversation": topic,
        "changes": [_change(item) for item in newer],
        "seen_seq": newer[-1].seq if newer else since,
    }
    if wants_fragment(request):
        return show(request, "inbox/_send_guard.html", context, status=409)
    context |= {"posted": _posted(request)}
    return show(request, "inbox/send_guard.html", context, status=409)


def _posted(request: AgentRequest) -> list[tuple[str, str]]:
    """What was sent, to send it again without a script."""
    skipped = ("csrfmiddlewaretoken", "seen_seq_confirmed")
    return [
        (name, value)
        for name, values in request.POST.lists()
        if name not in skipped
        for value in values
    ]


def _change(item: TimelineItem) -> str:
    words = " ".join(item.text.split())[:160]
    if item.agent is not None:
        return _("%(name)s answered: %(words)s") % {
            "name": item.agent.name,
            "words": words,
        }
    who = str(item.identity.customer) if item.identity else _("The customer")
    return _("%(name)s wrote: %(words)s") % {"name": who, "words": words}


@require_POST
@needs(roles.REPLY)
def undo_send(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Take an answer back into the composer while it has not left."""
    item = item_or_404(request, pk)
    if item.agent_id != request.user.pk:
        raise Http404
    try:
        undo_answer(item_id=pk, actor=request.user)
    except TooLateToUndo:
        words = _("It has left already.")
        return composer_again(request, item.conversation_id, refusal=words)
    return composer_again(request, item.conversation_id)


@require_POST
@needs(roles.REPLY)
def retry(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Send a message once more that did not arrive, or perhaps did not."""
    item = item_or_404(request, pk)
    if not Delivery.objects.filter(pk=pk).exists():
        raise Http404
    send_again(item_id=pk)
    return _items_again(request, item.conversation_id)


@require_POST
@needs(roles.REPLY)
def let_stranger_in(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Make whoever wrote this message part of the conversation."""
    item = item_or_404(request, pk)
    with contextlib.suppress(NotAStranger):
        let_in(
            conversation_id=item.conversation_id,
            identity_id=item.identity_id or 0,
            actor=request.user,
        )
    return _items_again(request, item.conversation_id)


def _items_again(request: AgentRequest, pk: int) -> HttpResponse:
    if not wants_fragment(request):
        return redirect("inbox:conversation", pk)
    topic = conversation_or_404(request, pk)
    page = timeline_page(conversation=topic)
    context = timeline_context(topic, page=page, agent=request.user)
    return changed(show(request, "inbox/timeline.html", context), pk)
