"""The mail lab: a page that shows how a mail is read and stores nothing."""

from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from channels_ingest.lab import look_into
from channels_ingest.lab_form import LabForm
from channels_ingest.reading_pool import shared_pool
from helpdesk.accounts import roles
from helpdesk.accounts.http import AgentRequest, needs, show


@require_http_methods(["GET", "HEAD", "POST"])
@needs(roles.CONFIGURE)
def mail_lab(request: AgentRequest) -> HttpResponseBase:
    """Take a file or pasted source and show all there is to say about it."""
    if request.method != "POST":
        return show(request, "channels_ingest/mail_lab.html", {"form": LabForm()})
    form = LabForm(request.POST, request.FILES)
    if not form.is_valid():
        return show(
            request, "channels_ingest/mail_lab.html", {"form": form}, status=422
        )
    found = look_into(
        form.cleaned_data["raw"],
        channel=form.cleaned_data["channel"],
        pool=shared_pool(),
        now=timezone.now(),
    )
    context = {"form": form, "found": found, "message": found.message}
    return show(request, "channels_ingest/mail_lab.html", context)
