"""Play the customer: write to the desk, and read what it sends. Sample desk only."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from helpdesk.accounts.http import show
from helpdesk.core.html import sanitize_mail
from helpdesk.demo.actions import (
    note_answered,
    pause_visitors,
    resume_visitors,
    state_of_demo,
)
from helpdesk.demo.forms import AnswerForm, LetterForm
from helpdesk.demo.models import ReceivedMail
from helpdesk.demo.queries import mailboxes, newest_number, received_by
from helpdesk.demo.script import load_story
from helpdesk.demo.sending import Author, NotHandedIn, answer_mail, write_to_us
from helpdesk.demo.visitors import MOST_LETTERS, author_at

FRAME_POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def only_in_demo(view: View[P]) -> View[P]:
    """Let everybody in on a sample desk, and nobody anywhere else."""

    @wraps(view)
    def guarded(
        request: HttpRequest, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        if not settings.DEMO or settings.PRODUCTION:
            raise Http404
        return view(request, *args, **kwargs)

    return cast("View[P]", login_not_required(guarded))


@only_in_demo
@require_safe
def play(request: HttpRequest) -> HttpResponseBase:
    """One mailbox, with a letter to write and what has come."""
    chosen = _chosen(request)
    return _page(request, LetterForm(initial=_who(chosen)), chosen=chosen)


@only_in_demo
@require_POST
def write(request: HttpRequest) -> HttpResponseBase:
    """Send a new mail to the desk, through the door that everybody uses."""
    form = LetterForm(request.POST, request.FILES)
    if not form.is_valid():
        chosen = str(request.POST.get("address", ""))[:200].lower()
        return _page(request, form, chosen=chosen, status=422)
    address = form.cleaned_data["address"]
    known = author_at(address)
    name = form.cleaned_data["name"] or known.name
    channel = form.cleaned_data["to"]
    try:
        write_to_us(
            author=Author(name=name, address=address, language=known.language),
            to=f"{channel.from_name} <{channel.address}>",
            subject=" ".join(form.cleaned_data["subject"].split()),
            text=form.cleaned_data["text"],
            papers=form.papers(),
            now=timezone.now(),
        )
    except NotHandedIn:
        form.add_error(None, _not_taken())
        return _page(request, form, chosen=address, status=422)
    return _sent(request, address)


@only_in_demo
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Answer a mail that came from the desk; it lands in the same conversation."""
    mail = get_object_or_404(ReceivedMail, pk=pk)
    form = AnswerForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, _("Write something first."))
        return redirect(_address_of_page(mail.address))
    try:
        answer_mail(
            author=author_at(mail.address),
            mail=mail,
            text=form.cleaned_data["text"],
            papers=form.papers(),
            now=timezone.now(),
        )
    except NotHandedIn:
        messages.error(request, _not_taken())
        return redirect(_address_of_page(mail.address))
    note_answered(mail_id=mail.pk, now=timezone.now())
    return _sent(request, mail.address)


@only_in_demo
@require_safe
def mailbox(request: HttpRequest) -> HttpResponseBase:
    """What has come since; 204 while there is nothing new."""
    address, after = _chosen(request), request.GET.get("after", "")
    number = (
        int(after) if after.isascii() and after.isdecimal() and len(after) < 15 else 0
    )
    mails = received_by(address, after=number)
    if not mails:
        return HttpResponse(status=204)
    return show(request, "demo/_arrivals.html", _arrivals(address, mails))


@only_in_demo
@require_safe
@xframe_options_sameorigin
def mail_html(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The formatted part of a mail, for a frame in which nothing can run."""
    mail = get_object_or_404(ReceivedMail, pk=pk)
    # Safe: it comes straight from the sanitizer.
    html = mark_safe(sanitize_mail(mail.html).html)  # noqa: S308
    context = {"html": html, "title": mail.subject}
    response = show(request, "inbox/item_html.html", context)
    response["Content-Security-Policy"] = FRAME_POLICY
    return response


@only_in_demo
@require_POST
def visitors(request: HttpRequest) -> HttpResponseBase:
    """Let visitors rest, or write again."""
    if request.POST.get("are") == "paused":
        pause_visitors()
        messages.success(request, _("Nobody writes by themselves now."))
    else:
        resume_visitors()
        messages.success(request, _("Customers write again, one every half minute."))
    return redirect(_address_of_page(str(request.POST.get("as", ""))[:200]))


def _chosen(request: HttpRequest) -> str:
    wanted = str(request.GET.get("as", "")).strip().lower()[:200]
    return wanted or next(iter(load_story().people.values())).email


def _who(address: str) -> dict[str, str]:
    author = author_at(address)
    return {"name": author.name, "address": author.address}


def _page(
    request: HttpRequest, form: LetterForm, *, chosen: str, status: int = 200
) -> HttpResponseBase:
    state = state_of_demo()
    context = {
        "form": form,
        "people": mailboxes(chosen=chosen),
        "is_paused": state.is_paused or not settings.DEMO_VISITORS,
        "is_full": state.letters_written >= MOST_LETTERS,
        "smtp_port": settings.SMTP_PORT,
        **_arrivals(chosen, received_by(chosen)),
    }
    return show(request, "demo/play.html", context, status=status)


def _arrivals(address: str, mails: Any) -> dict[str, Any]:
    return {
        "chosen": address,
        "mails": mails,
        "answer_form": AnswerForm(auto_id=False),
        "newest": newest_number(address),
    }


def _sent(request: HttpRequest, address: str) -> HttpResponseBase:
    messages.success(request, _("Sent. It is on the desk in a moment."))
    return redirect(_address_of_page(address))


def _address_of_page(address: str) -> str:
    query = f"?{urlencode({'as': address})}" if address else ""
    return f"{reverse('demo:play')}{query}"


def _not_taken() -> str:
    return _("The desk's mail server did not take it. Try again in a moment.")
