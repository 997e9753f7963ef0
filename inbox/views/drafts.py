"""What is being written: kept on the server while somebody types."""

import uuid

from django.http import Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from helpdesk.accounts import roles
from helpdesk.accounts.http import AgentRequest, private, show, wants_fragment
from helpdesk.accounts.models import User
from helpdesk.core.files import attachment_response, image_response
from inbox.actions.drafts import (
    AlreadySent,
    TooManyFiles,
    discard_draft,
    remove_upload,
    save_draft,
)
from inbox.forms import DraftForm
from inbox.models import Conversation, Upload
from inbox.permissions import may_see
from inbox.views.asking import conversation_or_404, needs
from inbox.views.files import handed_out
from inbox.views.presenting.composer import composer_for
from inbox.views.uploading import FileTooLarge, keep_file


@require_http_methods(["POST", "DELETE"])
@needs(roles.NOTE)
def draft(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Keep the words, or forget them."""
    topic = conversation_or_404(request, pk)
    if request.method == "DELETE" or request.POST.get("discard"):
        return _discard(request, topic)
    form = DraftForm(request.POST)
    if not form.is_valid():
        return private(HttpResponse(_("Not saved"), status=422))
    try:
        save_draft(
            conversation=topic,
            agent=request.user,
            wording=form.wording(),
            client_id=form.cleaned_data["client_id"],
        )
    except AlreadySent:
        return private(HttpResponse(status=204))
    if not wants_fragment(request):
        return redirect("inbox:conversation", pk)
    return private(HttpResponse(_("Saved")))


def _discard(request: AgentRequest, topic: Conversation) -> HttpResponse:
    discard_draft(conversation=topic, agent=request.user)
    context = {
        "conversation": topic,
        "composer": composer_for(topic, agent=request.user),
    }
    return show(request, "inbox/_composer.html", context)


@require_http_methods(["POST", "DELETE"])
@needs(roles.NOTE)
def upload(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Put a file into the draft, or take the one named by `id` out again."""
    topic = conversation_or_404(request, pk)
    if request.method == "DELETE":
        return _take_out(request, topic)
    file = request.FILES.get("file")
    if file is None:
        return _upload_refused(_("There is no file."))
    is_inline = request.POST.get("inline") == "1"
    try:
        kept = keep_file(request, topic, file, is_inline=is_inline)
    except FileTooLarge:
        return _upload_refused(_("The file is too large to be sent by mail."))
    except TooManyFiles:
        return _upload_refused(_("There are too many files."))
    return private(JsonResponse(_as_json(kept)))


def _upload_refused(words: str) -> HttpResponse:
    return private(JsonResponse({"error": words}, status=422))


def _as_json(upload: Upload) -> dict[str, object]:
    return {
        "id": str(upload.public_id),
        "name": upload.name,
        "size": upload.size,
        "content_id": upload.content_id,
        "is_inline": upload.is_inline,
        "url": reverse("inbox:upload-file", args=[upload.public_id]),
    }


def _take_out(request: AgentRequest, topic: Conversation) -> HttpResponse:
    try:
        public_id = uuid.UUID(request.GET.get("id", ""))
        remove_upload(conversation=topic, public_id=public_id, agent=request.user)
    except (ValueError, Upload.DoesNotExist) as error:
        raise Http404 from error
    return private(HttpResponse(status=204))


@require_safe
@needs(roles.NOTE)
def upload_file(request: AgentRequest, public_id: uuid.UUID) -> HttpResponseBase:
    """Show the agent a file of their own draft."""
    own = _own_upload(request, public_id)
    return handed_out(image_response if own.is_inline else attachment_response, own)


def _own_upload(request: AgentRequest, public_id: uuid.UUID) -> Upload:
    """A draft's files are its owner's alone, as long as they see the conversation."""
    own = Upload.objects.filter(
        public_id=public_id,
        agent=request.user,
        conversation__in=Conversation.objects.visible_to(request.user),
    ).first()
    if own is None:
        raise Http404
    return own


@require_safe
@needs(roles.NOTE)
def mentions(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Colleagues whom a note can call: those who may see the conversation."""
    topic = conversation_or_404(request, pk)
    colleagues = [
        {"id": agent.pk, "name": agent.name}
        for agent in User.objects.active().order_by("name", "id")
        if may_see(agent, topic)
    ]
    return private(JsonResponse({"agents": colleagues}))
