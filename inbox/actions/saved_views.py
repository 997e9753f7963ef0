"""Named views of the list: kept, shared, and removed again."""

from django.db import transaction
from django.db.models import Max

from helpdesk.accounts.models import User
from inbox.filters import ListFilter
from inbox.models import SavedView

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


def remove_view(*, view_id: int, owner: User) -> None:
    """Forget one of the agent's own views; one that is gone already is no trouble."""
    SavedView.objects.filter(pk=view_id, owner=owner).delete()
