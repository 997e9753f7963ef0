"""What a customer's conversations add to their pages."""

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from customers.models import Customer
from customers.sight import visible_customers
from helpdesk.accounts.http import AgentRequest, show, wants_fragment
from inbox.models import Conversation
from inbox.queries import cursor_from
from inbox.queries.timeline import customer_topics
from inbox.views.asking import refuses_nonsense
from inbox.views.presenting.conversation import ShownTopic, shown_topics

IN_THE_RAIL = 6


def _customer_or_404(request: AgentRequest, pk: int) -> Customer:
    customer = visible_customers(request.user).filter(pk=pk).first()
    if customer is None:
        raise Http404
    return customer


@require_safe
def topics_card(request: AgentRequest, pk: int) -> HttpResponseBase:
    """The customer's topics as a card of the rail, but for the one that is open."""
    customer = _customer_or_404(request, pk)
    if not wants_fragment(request):
        return redirect("customers:detail", pk)
    found = customer_topics(customer_id=pk, agent=request.user, limit=IN_THE_RAIL + 1)
    others = [it for it in found.topics if str(it.pk) != request.GET.get("except")]
    context = {
        "customer": customer,
        "topics": [_link(topic) for topic in others[:IN_THE_RAIL]],
        "has_more": found.next is not None,
    }
    return show(request, "inbox/_topics_card.html", context)


def _link(topic: Conversation) -> ShownTopic:
    return ShownTopic(topic, channels=())


@require_safe
@refuses_nonsense
def customer_timeline(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Every topic of the customer, the newest first, each to unfold in place."""
    customer = _customer_or_404(request, pk)
    before = cursor_from(request.GET.get("before", ""))
    found = customer_topics(customer_id=pk, agent=request.user, before=before)
    context = {
        "customer": customer,
        "topics": shown_topics(found.topics),
        "next_url": f"?before={found.next}" if found.next else "",
    }
    if wants_fragment(request):
        return show(request, "inbox/_customer_topics.html", context)
    return redirect("customers:detail", pk)
