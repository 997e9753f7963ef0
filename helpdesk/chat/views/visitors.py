"""Who is on the site now: for leads, and beside a conversation."""

from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from customers.sight import visible_customers
from helpdesk.accounts.http import AgentRequest, show, wants_fragment
from helpdesk.chat.presenting import guests_on_the_site, where_customer_is


@require_safe
def visitors(request: AgentRequest) -> HttpResponseBase:
    """Everybody who is on the site now; asks again by itself."""
    context = {"guests": guests_on_the_site(agent=request.user, now=timezone.now())}
    part = "visitors/_guests.html" if wants_fragment(request) else "visitors/list.html"
    return show(request, part, context)


@require_safe
def presence(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Where one customer is right now, for the rail beside a conversation."""
    customer = visible_customers(request.user).filter(pk=pk).first()
    if customer is None:
        raise Http404
    at = where_customer_is(customer, now=timezone.now())
    return show(request, "visitors/_presence.html", {"at": at, "customer": customer})
