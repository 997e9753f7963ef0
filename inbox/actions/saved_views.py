"""Named views of the list: kept, shared, and removed again."""

from dataclasses import replace

from django.db import transaction
from django.db.models import F, Func, Max, Value

from helpdesk.accounts.models import User
from inbox.filters import ListFilter
from inbox.models import SavedView, Tag

MOST_VIEWS = 20


class TooManyViews(Exception):
    """The navigation has no room for more of one agent's views."""


@transaction.atomic
def save_view(
    *, owner: User, name: str, queue: str, narrowed: ListFilter, is_shared: bool
) -> SavedView:
    """Keep a queue as it is narrowed and sorted under a name; the last one wins.

    :raises TooManyViews: if the agent keeps as many as there is room for
    """
    User.objects.select_for_update().get(pk=owner.pk)
    own = SavedView.objects.filter(owner=owner)
    narrowed = _without_deleted_tag(narrowed)
    parameters = {key: it for key, it in narrowed.as_parameters().items() if it}
    view = own.filter(name__iexact=name).first()
    if view is None:
        if own.count() >= MOST_VIEWS:
            raise TooManyViews
        last = own.aggregate(last=Max("position"))["last"]
        view = SavedView(owner=owner, position=0 if last is None else last + 1)
    view.name, view.is_shared = name, is_shared
    view.filters = {"queue": queue, **parameters}
    view.save()
    return view


def _without_deleted_tag(narrowed: ListFilter) -> ListFilter:
    if narrowed.tag_id is None:
        return narrowed
    # Locked, so that no tag is deleted between this look and the commit.
    tag = Tag.objects.select_for_update().filter(pk=narrowed.tag_id).first()
    return narrowed if tag else replace(narrowed, tag_id=None)


def drop_tag_from_views(*, tag_id: int) -> None:
    """Leave a deleted tag out of every view; what else it asks for stays."""
    without = Func(
        F("filters"), Value("tag"), template="(%(expressions)s)", arg_joiner=" - "
    )
    SavedView.objects.filter(filters__tag=str(tag_id)).update(filters=without)


def remove_view(*, view_id: int, owner: User) -> None:
    """Forget one of the agent's own views; one that is gone already is no trouble."""
    SavedView.objects.filter(pk=view_id, owner=owner).delete()
