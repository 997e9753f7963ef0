"""Files that came or left with a message, for those who may see the conversation."""

import uuid

from django.http import Http404
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from helpdesk.accounts.http import AgentRequest
from helpdesk.core.files import attachment_response, image_response
from inbox.models import Attachment
from inbox.permissions import visible_attachment


@require_safe
def file(request: AgentRequest, public_id: uuid.UUID) -> HttpResponseBase:
    """Hand an attachment out as a download."""
    found = _found(request, public_id)
    try:
        return attachment_response(stored_name=found.stored_name, name=found.name)
    except FileNotFoundError as error:
        raise Http404 from error


@require_safe
def image(request: AgentRequest, public_id: uuid.UUID) -> HttpResponseBase:
    """Show a picture in the page, or hand out as a download what is none."""
    found = _found(request, public_id)
    try:
        return image_response(stored_name=found.stored_name, name=found.name)
    except FileNotFoundError as error:
        raise Http404 from error


def _found(request: AgentRequest, public_id: uuid.UUID) -> Attachment:
    try:
        return visible_attachment(request.user, str(public_id))
    except Attachment.DoesNotExist as error:
        raise Http404 from error
