"""Search: over everything that was ever said, and the palette's quick answers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from customers.models import Customer, Identity
from customers.queries import identities_of_all, search_people
from helpdesk.accounts.http import AgentRequest, show, wants_fragment
from inbox.models import Attachment, TimelineItem
from inbox.queries import cursor_from
from inbox.queries.lists import channel_kinds
from inbox.queries.search import LONGEST_QUERY, SearchPage, search
from inbox.search_terms import CJK, folded, words_of
from inbox.views.asking import refuses_nonsense
from inbox.views.presenting.navigation import navigation

EXCERPT = 180
FEW = 6
_MARK = "<mark>"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """One line: who, what it is about, and the words around the hit."""

    customer: Customer
    name: SafeString
    title: SafeString | str
    url: str
    at: datetime
    excerpt: SafeString | str = ""
    file_name: SafeString | str = ""
    """The attachment that fits, where nothing else on the line does."""
    channel_kind: str = ""


@require_safe
@refuses_nonsense
def search_page(request: AgentRequest) -> HttpResponseBase:
    """Results as a page, as more rows of it, or as options of the palette."""
    query = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_QUERY]
    after = cursor_from(request.GET.get("after", ""))
    found = search(query=query, agent=request.user, after=after)
    results = shown_results(found.items, query=query)
    if request.GET.get("palette") == "1":
        people = people_found(request, query)
        context = {"results": [*people, *results[:FEW]], "query": query}
        return show(request, "inbox/_palette_results.html", context)
    context = {"results": results, "query": query, "next_url": _next(query, found)}
    if after is not None and wants_fragment(request):
        return show(request, "inbox/_search_rows.html", context)
    if after is None:
        context["results"] = [*people_found(request, query), *results]
    context |= navigation(agent=request.user, current="search")
    return show(request, "inbox/search_results.html", context)


def _next(query: str, found: SearchPage) -> str:
    if found.next is None:
        return ""
    here = reverse("inbox:search")
    return f"{here}?{urlencode({'q': query, 'after': str(found.next)})}"


def people_found(request: AgentRequest, query: str) -> list[SearchResult]:
    """Return customers whose name or handle fits."""
    people = search_people(query=query, agent=request.user)
    handles = identities_of_all(people)
    pattern = _pattern(query)
    return [
        SearchResult(
            customer=customer,
            name=marked(customer.display_name, pattern),
            title=marked(_handle(handles[customer.pk]), pattern),
            url=reverse("customers:detail", args=[customer.pk]),
            at=customer.created_at,
            excerpt=_("Customer"),
        )
        for customer in people
    ]


def _handle(identities: Sequence[Identity]) -> str:
    return identities[0].shown_value if identities else ""


def shown_results(items: Sequence[TimelineItem], *, query: str) -> list[SearchResult]:
    pattern = _pattern(query)
    kinds = channel_kinds(item.conversation.channel_id for item in items)
    results = {
        item.pk: SearchResult(
            customer=item.customer,
            name=marked(item.customer.display_name, pattern),
            title=marked(item.conversation.subject, pattern) or item.conversation.title,
            url=reverse("inbox:conversation", args=[item.conversation_id])
            + f"#item-{item.pk}",
            at=item.occurred_at,
            excerpt=highlighted(item.text, pattern),
            channel_kind=kinds[item.conversation.channel_id],
        )
        for item in items
    }
    unexplained = [pk for pk, result in results.items() if not _shows_a_hit(result)]
    for pk, name in _fitting_files(unexplained, pattern).items():
        results[pk] = replace(results[pk], file_name=name)
    return list(results.values())


def _shows_a_hit(result: SearchResult) -> bool:
    return any(_MARK in text for text in (result.name, result.title, result.excerpt))


def _fitting_files(
    item_ids: Sequence[int], pattern: re.Pattern[str] | None
) -> dict[int, SafeString]:
    """Return the first attachment of each item whose name fits, marked."""
    if not item_ids:
        return {}
    rows = Attachment.objects.filter(item_id__in=item_ids).order_by("-id")
    names = [
        (item_id, marked(name, pattern))
        for item_id, name in rows.values_list("item_id", "name")
    ]
    return {item_id: name for item_id, name in names if _MARK in name}


def _pattern(query: str) -> re.Pattern[str] | None:
    terms = {*words_of(query), *CJK.findall(query)}
    if not terms:
        return None
    longest_first = sorted(terms, key=len, reverse=True)
    return re.compile("|".join(re.escape(term) for term in longest_first))


def highlighted(text: str, pattern: re.Pattern[str] | None) -> SafeString:
    """Return the part of `text` around the first hit, with every hit marked."""
    line = " ".join(text[:20_000].split())
    comparable = _same_length_folded(line)
    first = pattern.search(comparable) if pattern else None
    start = max(0, (first.start() if first else 0) - EXCERPT // 3)
    part, compared = line[start : start + EXCERPT], comparable[start : start + EXCERPT]
    before = "…" if start else ""
    after = "…" if start + EXCERPT < len(line) else ""
    return format_html("{}{}{}", before, _marked(part, compared, pattern), after)


def marked(text: str, pattern: re.Pattern[str] | None) -> SafeString:
    """Return `text` with every hit marked."""
    return _marked(text, _same_length_folded(text), pattern)


def _marked(part: str, compared: str, pattern: re.Pattern[str] | None) -> SafeString:
    if pattern is None:
        return mark_safe(escape(part))  # noqa: S308 - escaped
    pieces: list[str] = []
    end = 0
    for hit in pattern.finditer(compared):
        pieces.append(escape(part[end : hit.start()]))
        pieces.append(_MARK + escape(part[hit.start() : hit.end()]) + "</mark>")
        end = hit.end()
    pieces.append(escape(part[end:]))
    return mark_safe("".join(pieces))  # noqa: S308 - every piece is escaped


class _Folding(dict[int, str]):
    """Each character as it is compared, worked out when it first occurs."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        plain = folded(character)
        self[code] = plain if len(plain) == 1 else character
        return self[code]


_FOLDING = _Folding()


def _same_length_folded(text: str) -> str:
    """Fold character by character, so that places in both texts agree."""
    return text.translate(_FOLDING)
