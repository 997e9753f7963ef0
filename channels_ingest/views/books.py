"""The books: what came in against what became of it, for admins."""

from datetime import timedelta

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from channels_ingest.queries import ledger_days, ledger_differences
from helpdesk.accounts import roles
from helpdesk.accounts.http import AgentRequest, needs, private, show

DAYS_SHOWN = 30


@require_safe
@needs(roles.CONFIGURE)
def books(request: AgentRequest) -> HttpResponseBase:
    """One line for each channel and day."""
    since = timezone.now().date() - timedelta(days=DAYS_SHOWN)
    context = {
        "days": ledger_days(since=since),
        "differences": ledger_differences(since=since).count(),
    }
    return show(request, "channels_ingest/books.html", context)


@require_safe
@needs(roles.CONFIGURE)
def banner(request: AgentRequest) -> HttpResponseBase:
    """A line for the desk while some books do not add up; nothing otherwise."""
    since = timezone.now().date() - timedelta(days=DAYS_SHOWN)
    differences = ledger_differences(since=since).count()
    if not differences:
        return private(HttpResponse(""))
    return show(
        request, "channels_ingest/_books_banner.html", {"differences": differences}
    )
