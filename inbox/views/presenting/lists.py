"""One queue as the list beside the timeline shows it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext as _

from customers.models import nameless, nameless_visitor
from helpdesk.accounts.models import Team, User, initials_of
from inbox.filters import ListFilter, Sort, filter_from
from inbox.models import DeliveryState, Priority, SavedView
from inbox.queries import ListPage
from inbox.queues import QUEUES, TEAM_PREFIX, UnknownQueue

SORT_TITLES: dict[Sort, Promise] = {
    Sort.NEWEST: gettext_lazy("Newest"),
    Sort.WAITING: gettext_lazy("Longest waiting"),
    Sort.DUE: gettext_lazy("Due first"),
}
TROUBLES: dict[str, Promise] = {
    DeliveryState.FAILED: gettext_lazy("Not sent"),
    DeliveryState.BOUNCED: gettext_lazy("Came back"),
    DeliveryState.UNCONFIRMED: gettext_lazy("Perhaps sent"),
}
ARCHIVES = ("closed", "spam")
"""Nothing in them waits for anybody: they are only sorted by time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SortChoice:
    title: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListView:
    """A queue, narrowed and sorted: its title, its addresses, its choices."""

    key: str
    title: str
    narrowed: ListFilter
    count: str = ""

    @property
    def url(self) -> str:
        return _with_query(self._at("inbox:queue"), self.narrowed.query())

    @property
    def refresh_url(self) -> str:
        return _with_query(self._at("inbox:conversation-list"), self.narrowed.query())

    @property
    def is_unread_only(self) -> bool:
        return self.narrowed.is_unread_only

    @property
    def unread_url(self) -> str:
        unread = None if self.is_unread_only else "1"
        return _with_query(self._at("inbox:queue"), self.narrowed.query(unread=unread))

    @property
    def plain_url(self) -> str:
        """The queue with all that is in it."""
        return self._at("inbox:queue")

    @property
    def filter_url(self) -> str:
        return _with_query(self._at("inbox:filter-menu"), self.narrowed.query())

    @property
    def save_url(self) -> str:
        return _with_query(self._at("inbox:save-view"), self.narrowed.query())

    @property
    def is_narrowed(self) -> bool:
        return replace(self.narrowed, sort=Sort.NEWEST) != ListFilter()

    @property
    def sort_title(self) -> str:
        return str(SORT_TITLES[self.narrowed.sort])

    @property
    def sorts(self) -> list[SortChoice]:
        offered = [Sort.NEWEST] if self.key in ARCHIVES else list(Sort)
        return [
            SortChoice(
                title=str(SORT_TITLES[sort]),
                url=_with_query(
                    self._at("inbox:queue"), self.narrowed.query(sort=sort.value)
                ),
                is_current=sort == self.narrowed.sort,
            )
            for sort in offered
        ]

    @property
    def empty_title(self) -> str:
        if self.is_unread_only:
            return _("Nothing unread")
        if self.is_narrowed:
            return _("Nothing fits")
        if self.key in ("mine", "unassigned", "all"):
            return _("Nobody is waiting")
        if self.key == "chats":
            return _("Nobody is chatting")
        return _("Nothing here")

    @property
    def empty_text(self) -> str:
        if self.is_narrowed:
            return _("Choose less in the filter above to see more.")
        if self.key == "mine":
            return _("Conversations assigned to you appear here.")
        if self.key == "chats":
            return _("Open conversations of your website and your app appear here.")
        return _("Conversations appear here by themselves as soon as there are some.")

    @property
    def conversation_query(self) -> str:
        """What an address of a conversation carries, so that the list stays."""
        queue = "" if self.key == "mine" else self.key
        rest = self.narrowed.query()
        return "&".join(part for part in (queue and f"queue={queue}", rest) if part)

    def conversation_url(self, pk: int) -> str:
        return _with_query(
            reverse("inbox:conversation", args=[pk]), self.conversation_query
        )

    def _at(self, name: str) -> str:
        return reverse(name, args=[self.key])


def _with_query(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


def view_title(key: str, *, agent: User) -> str:
    """Return how a queue is called.

    :raises UnknownQueue: if there is none for this agent
    """
    if key in QUEUES:
        return str(QUEUES[key].label)
    pk = key.removeprefix(TEAM_PREFIX)
    if key.startswith(TEAM_PREFIX) and pk.isdecimal() and len(pk) < 18:
        team = Team.objects.filter(pk=int(pk)).first()
        if team is not None and may_open_team(agent, team):
            return team.name
    raise UnknownQueue(key)


def may_open_team(agent: User, team: Team) -> bool:
    if agent.is_admin or not team.is_private:
        return True
    return team.members.filter(pk=agent.pk).exists()


Row = dict[str, Any]
"""One line of the list as plain words: templates read those the fastest."""
TONES = {Priority.URGENT: "danger", Priority.HIGH: "warn"}


def waiting_words(since: datetime, *, patience: int, now: datetime) -> Row | None:
    """Return what marks a chat that nobody answers; the browser counts on."""
    if not patience:
        return None
    return {
        "since": since,
        "after": patience,
        "is_overdue": (now - since).total_seconds() >= patience,
    }


class _RowMaker:
    """Dresses rows; what is the same for all of them is worked out once."""

    def __init__(self, *, view: ListView, page: ListPage) -> None:
        self._company = page.company
        path, _mark, query = view.conversation_url(0).partition("?")
        self._before, _zero, self._after = path.partition("0")
        self._query = f"?{query}" if query else ""
        self._nobody, self._visitor = nameless(), nameless_visitor()
        self._select = gettext("Select %(name)s")
        self._priorities = {value: str(words) for value, words in Priority.choices}
        self._assignees: dict[int, Row] = {}
        self._now = timezone.now()
        self._is_archive = view.key in ARCHIVES

    def row(self, it: Any) -> Row:
        known = self._company.names.get(it.customer_id, "")
        name = known or self._nameless(it.customer_id)
        at = timezone.localtime(it.last_activity_at)
        author = self._company.agents.get(it.preview_agent_id or 0)
        trouble = self._company.troubled.get(it.pk, "")
        tone = TONES.get(Priority(it.priority), "")
        until = it.snoozed_until
        return {
            "pk": it.pk,
            "url": f"{self._before}{it.pk}{self._after}{self._query}",
            "is_unread": it.is_unread,
            "name": name,
            "initials": initials_of(known),
            "color_index": it.customer_id % 12,
            "channel_kind": self._company.kinds[it.channel_id],
            "select_label": self._select % {"name": name},
            "at": at.isoformat(timespec="seconds"),
            "at_text": f"{at:%H:%M}",
            "subject": it.subject or self._no_subject(it),
            "preview": it.preview,
            "preview_author": author.first_name if author else "",
            "snoozed_text": date_format(timezone.localtime(until)) if until else "",
            "due_at": it.due_at,
            "waiting": self._waiting(it),
            "priority": self._priorities[it.priority] if tone else "",
            "priority_tone": tone,
            "tags": named_tags(it, self._company.tags),
            "attachment_count": it.attachment_count,
            "trouble": str(TROUBLES.get(trouble, "")),
            "assignee": self._assignee(it.assignee_id),
        }

    def _nameless(self, customer_id: int) -> str:
        is_visitor = customer_id in self._company.visitors
        return self._visitor if is_visitor else self._nobody

    def _no_subject(self, it: Any) -> str:
        is_chat = it.channel_id in self._company.patience
        return gettext("Chat") if is_chat else gettext("No subject")

    def _waiting(self, it: Any) -> Row | None:
        """Return since when a chat waits for an answer, if it is one."""
        if it.waiting_since is None or self._is_archive:
            return None
        return waiting_words(
            it.waiting_since,
            patience=self._company.patience.get(it.channel_id, 0),
            now=self._now,
        )

    def _assignee(self, pk: int | None) -> Row | None:
        agent = self._company.agents.get(pk or 0)
        if agent is None:
            return None
        return self._assignees.setdefault(
            agent.pk,
            {
                "name": agent.name,
                "initials": agent.initials,
                "color_index": agent.color_index,
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPage:
    conversations: Sequence[Row]
    is_first: bool
    next_url: str
    next_page_url: str


def shown_page(page: ListPage, *, view: ListView, is_first: bool) -> ShownPage:
    """Dress one page of a list."""
    maker = _RowMaker(view=view, page=page)
    rows = [maker.row(it) for it in page.conversations]
    query = view.narrowed.query(after=str(page.next)) if page.next else ""
    here = reverse("inbox:conversation-list", args=[view.key])
    whole = reverse("inbox:queue", args=[view.key])
    return ShownPage(
        conversations=rows,
        is_first=is_first,
        next_url=f"{here}?{query}" if query else "",
        next_page_url=f"{whole}?{query}" if query else "",
    )


def named_tags(row: Any, names: dict[int, str]) -> list[str]:
    return [names[tag_id] for tag_id in row.tag_ids if tag_id in names]


def saved_view_filter(saved: SavedView) -> tuple[str, ListFilter]:
    """Return the queue and the filter that a saved view stands for.

    :raises BadFilter: if it holds something the list does not know
    """
    parameters = {name: str(value) for name, value in saved.filters.items()}
    queue = parameters.pop("queue", "all")
    return queue, filter_from(parameters)
