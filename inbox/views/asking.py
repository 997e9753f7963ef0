"""What every view of the desk asks first: who, which conversation, which list."""

from functools import wraps

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, QueryDict
from django.http.response import HttpResponseBase

from helpdesk.accounts.http import AgentRequest, P, View, needs
from inbox.filters import BadFilter, ListFilter, filter_from
from inbox.models import Conversation, TimelineItem
from inbox.permissions import visible_conversation
from inbox.queries import BadCursor, Cursor, cursor_from
from inbox.queues import UnknownQueue
from inbox.views.presenting.lists import ARCHIVES, ListView, view_title


def refuses_nonsense(view: View[P]) -> View[P]:
    """Answer 400 to filters and places that no page of ours makes."""

    @wraps(view)
    def guarded(
        request: AgentRequest, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except (BadFilter, BadCursor) as error:
            raise BadRequest from error

    return guarded


def conversation_or_404(request: AgentRequest, pk: int) -> Conversation:
    """Return a conversation that the agent may see; all others do not exist."""
    try:
        return visible_conversation(request.user, pk)
    except Conversation.DoesNotExist as error:
        raise Http404 from error


def item_or_404(request: AgentRequest, pk: int) -> TimelineItem:
    """Return an item of a conversation that the agent may see."""
    visible = Conversation.objects.visible_to(request.user)
    item = (
        TimelineItem.objects.select_related(
            "conversation__customer", "channel", "identity", "agent"
        )
        .filter(pk=pk, conversation__in=visible)
        .first()
    )
    if item is None:
        raise Http404
    return item


def own_parameters(request: HttpRequest, *without: str) -> dict[str, str]:
    """Return the query's parameters but for those the view reads itself."""
    return {name: value for name, value in _items(request.GET) if name not in without}


def _items(parameters: QueryDict) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in parameters.items()]


def list_view(request: AgentRequest, key: str, *without: str) -> ListView:
    """Read which list is meant, from its name and the query.

    :raises BadFilter: for parameters that no list knows
    """
    narrowed = filter_from(own_parameters(request, "after", *without))
    return view_of(request, key, narrowed)


def view_of(request: AgentRequest, key: str, narrowed: ListFilter) -> ListView:
    if key in ARCHIVES and narrowed.sort != ListFilter().sort:
        raise BadFilter("sort")
    try:
        title = view_title(key, agent=request.user)
    except UnknownQueue as error:
        raise Http404 from error
    return ListView(key=key, title=title, narrowed=narrowed)


def list_beside(request: AgentRequest) -> ListView:
    """Return the list that an address of a conversation names, else the usual one."""
    return list_view(request, request.GET.get("queue", "mine"), "queue")


def usual_list(request: AgentRequest) -> ListView:
    return view_of(request, "mine", ListFilter())


def place_in_list(request: HttpRequest) -> Cursor | None:
    """:raises BadCursor: if it is no place"""
    return cursor_from(request.GET.get("after", ""))


__all__ = [
    "conversation_or_404",
    "item_or_404",
    "list_beside",
    "list_view",
    "needs",
    "place_in_list",
    "refuses_nonsense",
    "usual_list",
]
