"""What an action answers with: the part that changed, or the page to go back to."""

import json
import uuid
from collections.abc import Mapping
from types import MappingProxyType

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from helpdesk.accounts.http import AgentRequest, private, show, wants_fragment
from inbox.views.asking import conversation_or_404, usual_list
from inbox.views.presenting.composer import composer_for
from inbox.views.presenting.conversation import header_context

NOTHING: Mapping[str, object] = MappingProxyType({})


def header_again(request: AgentRequest, pk: int, *, refusal: str = "") -> HttpResponse:
    """Answer with the bar above the timeline, and a sentence if it was refused."""
    if not wants_fragment(request):
        if refusal:
            messages.error(request, refusal)
        return redirect("inbox:conversation", pk)
    topic = conversation_or_404(request, pk)
    context = header_context(topic, agent=request.user, view=usual_list(request))
    response = show(
        request, "inbox/_header.html", context, status=422 if refusal else 200
    )
    return changed(response, pk, words=refusal)


def composer_again(
    request: AgentRequest, pk: int, *, refusal: str = ""
) -> HttpResponse:
    """Answer with a fresh composer; the timeline fetches itself."""
    if not wants_fragment(request):
        if refusal:
            messages.error(request, refusal)
        return redirect("inbox:conversation", pk)
    topic = conversation_or_404(request, pk)
    context = {
        "conversation": topic,
        "composer": composer_for(topic, agent=request.user, error=refusal),
    }
    status = 409 if refusal else 200
    return changed(show(request, "inbox/_composer.html", context, status=status), pk)


def composer_stays(pk: int, *, seen_seq: int) -> HttpResponse:
    """Tell the composer that its words have left and nothing else is different."""
    fresh = {"client_id": str(uuid.uuid4()), "seen_seq": seen_seq}
    sent = {"composer:sent": fresh}
    return changed(private(HttpResponse(status=204)), pk, events=sent)


def changed(
    response: HttpResponse,
    pk: int,
    *,
    words: str = "",
    events: Mapping[str, object] = NOTHING,
) -> HttpResponse:
    """Tell the open page which conversation is different now, and what else is."""
    events = {**events, "conversation:changed": {"target": "body", "id": pk}}
    if words:
        events["toast"] = {"target": "body", "text": words}
    response["HX-Trigger"] = json.dumps(events)
    return response
