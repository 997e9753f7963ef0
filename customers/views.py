"""Pages about people: who they are, what they said, and which of them are one."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from customers.actions import (
    AlreadyMerged,
    MergeAlreadyUndone,
    describe_customer,
    mark_not_the_same,
    merge_customers,
    save_notes,
    undo_merge,
)
from customers.forms import CustomerForm, MergeForm, NotesForm
from customers.models import Customer, Merge
from customers.presenting import panel_context, shown_merge, shown_row
from customers.queries import customer_page, identities_of, merges_of
from customers.sight import visible_customers
from helpdesk.accounts import roles
from helpdesk.accounts.http import AgentRequest, needs, private, show, wants_fragment

LONGEST_QUERY = 100


def customer_or_404(request: AgentRequest, pk: int) -> Customer:
    """Return a customer the agent may see; all others do not exist."""
    customer = visible_customers(request.user).filter(pk=pk).first()
    if customer is None:
        raise Http404
    return customer


@require_safe
def customer_list(request: AgentRequest) -> HttpResponseBase:
    """Everybody who ever wrote, by name."""
    query = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_QUERY]
    page = customer_page(agent=request.user, query=query, after=_place(request))
    rows = [shown_row(it, page.identities[it.pk]) for it in page.customers]
    context = {"customers": rows, "query": query, "next_url": _next_url(query, page)}
    part = "customers/_rows.html" if "after" in request.GET else "customers/list.html"
    is_part = wants_fragment(request) and part == "customers/_rows.html"
    return show(request, part if is_part else "customers/list.html", context)


def _place(request: AgentRequest) -> tuple[str, int] | None:
    pk = request.GET.get("after", "")
    if not (pk.isascii() and pk.isdecimal() and len(pk) < 18):
        return None
    return request.GET.get("name", "").replace("\0", ""), int(pk)


def _next_url(query: str, page: Any) -> str:
    if page.next is None:
        return ""
    name, pk = page.next
    return f"?{urlencode({'q': query, 'name': name, 'after': pk})}"


@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: AgentRequest, pk: int) -> HttpResponseBase:
    """One person: who, reachable on, what was merged, their whole timeline."""
    kept_pk = _merged_into(request, pk)
    if kept_pk is not None:
        return redirect("customers:detail", kept_pk)
    customer = customer_or_404(request, pk)
    form = CustomerForm(request.POST or None, instance=customer)
    if request.method == "POST" and _described(request, form, pk):
        return redirect("customers:detail", pk)
    context = {
        **panel_context(customer, agent=request.user),
        "form": form,
        "merges": [shown_merge(merge) for merge in merges_of(customer)],
    }
    status = 422 if form.errors else 200
    return show(request, "customers/detail.html", context, status=status)


def _merged_into(request: AgentRequest, pk: int) -> int | None:
    """Return whom an old address leads to."""
    merged = Customer.objects.filter(
        pk=pk, merged_into__in=visible_customers(request.user)
    ).first()
    return merged.merged_into_id if merged else None


def _described(request: AgentRequest, form: CustomerForm, pk: int) -> bool:
    if not request.user.can(roles.EDIT_CUSTOMER):
        raise PermissionDenied
    if not form.is_valid():
        return False
    describe_customer(customer_id=pk, **form.cleaned_data)
    messages.success(request, _("Saved."))
    return True


@require_safe
def panel(request: AgentRequest, pk: int) -> HttpResponseBase:
    """The rail beside the timeline."""
    customer = customer_or_404(request, pk)
    if not wants_fragment(request):
        return redirect("customers:detail", pk)
    conversation = request.GET.get("conversation", "")
    context = panel_context(customer, agent=request.user, conversation=conversation)
    return show(request, "customers/panel.html", context)


@require_POST
@needs(roles.EDIT_CUSTOMER)
def notes(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Keep the notes of the rail."""
    customer_or_404(request, pk)
    form = NotesForm(request.POST)
    if not form.is_valid():
        return private(HttpResponse(_("Not saved"), status=422))
    save_notes(customer_id=pk, notes=form.cleaned_data["notes"])
    if wants_fragment(request):
        return private(HttpResponse(status=204))
    return redirect("customers:detail", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(roles.MERGE)
def merge(request: AgentRequest, pk: int, other_pk: int) -> HttpResponseBase:
    """Show both sides of a merge, and do it, or never ask again."""
    kept, absorbed = customer_or_404(request, pk), customer_or_404(request, other_pk)
    if kept == absorbed or kept.merged_into_id or absorbed.merged_into_id:
        raise Http404
    if request.method != "POST":
        return _merge_preview(request, kept, absorbed)
    form = MergeForm(request.POST)
    if not form.is_valid():
        return _merge_preview(request, kept, absorbed)
    if form.cleaned_data["answer"] == "different":
        mark_not_the_same(one_id=pk, other_id=other_pk, actor=request.user)
    else:
        _merge(request, kept, absorbed)
    return _person_again(request, pk)


def _merge_preview(
    request: AgentRequest, kept: Customer, absorbed: Customer
) -> HttpResponse:
    context = {
        "kept": kept,
        "absorbed": absorbed,
        "kept_identities": identities_of(kept),
        "absorbed_identities": identities_of(absorbed),
        "swap_url": reverse("customers:merge", args=[absorbed.pk, kept.pk]),
    }
    return show(request, "customers/merge.html", context)


def _merge(request: AgentRequest, kept: Customer, absorbed: Customer) -> None:
    reasons = [request.POST.get("reason", "")[:60] or "agent"]
    try:
        merge_customers(
            kept_id=kept.pk,
            absorbed_id=absorbed.pk,
            actor=request.user,
            reasons=reasons,
        )
    except AlreadyMerged:
        messages.warning(request, _("Somebody merged them a moment ago."))
    else:
        words = _("%(name)s is one person now.") % {"name": kept.display_name}
        messages.success(request, words)


def _person_again(request: AgentRequest, pk: int) -> HttpResponse:
    if not wants_fragment(request):
        return redirect("customers:detail", pk)
    customer = customer_or_404(request, pk)
    context = panel_context(customer, agent=request.user)
    return show(request, "customers/panel.html", context)


@require_POST
@needs(roles.MERGE)
def unmerge(request: AgentRequest, pk: int, merge_pk: int) -> HttpResponseBase:
    """Take two people apart again."""
    customer_or_404(request, pk)
    if not Merge.objects.filter(pk=merge_pk, kept_id=pk).exists():
        raise Http404
    try:
        undo_merge(merge_id=merge_pk, actor=request.user)
    except MergeAlreadyUndone:
        messages.warning(request, _("Somebody took them apart a moment ago."))
    else:
        messages.success(request, _("They are two people again."))
    return redirect("customers:detail", pk)


@require_safe
@needs(roles.MERGE)
def merge_choice(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Find whom to merge a customer with."""
    customer = customer_or_404(request, pk)
    query = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_QUERY]
    page = customer_page(agent=request.user, query=query)
    rows = [
        shown_row(it, page.identities[it.pk]) for it in page.customers if it.pk != pk
    ]
    context = {"customer": customer, "customers": rows, "query": query}
    return show(request, "customers/merge_choice.html", context)
