"""Files that came or left with a message, for those who may see the conversation."""

import uuid
from collections.abc import Callable
from functools import partial

from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from helpdesk.accounts.http import AgentRequest
from helpdesk.core.files import attachment_response, image_response, sound_response
from inbox.models import Attachment, Upload
from inbox.permissions import visible_attachment


@require_safe
def file(request: AgentRequest, public_id: uuid.UUID) -> HttpResponseBase:
    """Hand an attachment out as a download."""
    return handed_out(attachment_response, _found(request, public_id))


@require_safe
def image(request: AgentRequest, public_id: uuid.UUID) -> HttpResponseBase:
    """Show a picture in the page, or hand out as a download what is none."""
    return handed_out(image_response, _found(request, public_id))


@require_safe
def sound(request: AgentRequest, public_id: uuid.UUID) -> HttpResponseBase:
    """Let a sound be played in the page, or hand out as a download what is none."""
    wanted = request.headers.get("Range", "")
    respond = partial(sound_response, wanted=wanted)
    return handed_out(respond, _found(request, public_id))


def handed_out(
    respond: Callable[..., FileResponse], kept: Attachment | Upload
) -> FileResponse:
    """Answer with a stored file; 404 if its bytes are gone."""
    try:
        return respond(stored_name=kept.stored_name, name=kept.name)
    except FileNotFoundError as error:
        raise Http404 from error


def _found(request: AgentRequest, public_id: uuid.UUID) -> Attachment:
    try:
        return visible_attachment(request.user, str(public_id))
    except Attachment.DoesNotExist as error:
        raise Http404 from error
