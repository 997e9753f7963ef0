"""Tags on conversations."""

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Func, Max

from helpdesk.accounts.models import User
from helpdesk.core.events import emit
from inbox.actions.appending import append_event, lock_conversation
from inbox.actions.saved_views import drop_tag_from_views
from inbox.events import TagDeleted, TagPartlyCleared
from inbox.models import Conversation, Tag

WINDOW = 2000
"""Among how many conversations a deleted tag is looked for at once."""


class TagNameEmpty(Exception):
    """A tag needs at least one visible character."""


def get_or_create_tag(*, name: str) -> Tag:
    """Return the tag of that name in any case, making it if need be.

    :raises TagNameEmpty: if nothing visible is left of the name
    """
    name = " ".join(name.split())[:60]
    if not name:
        raise TagNameEmpty
    tag = Tag.objects.filter(name__iexact=name).first()
    if tag is not None:
        return tag
    try:
        with transaction.atomic():
            return Tag.objects.create(name=name)
    except IntegrityError:
        return Tag.objects.get(name__iexact=name)


@transaction.atomic
def add_tag(
    *,
    conversation_id: int,
    tag: Tag,
    actor: User | None,
    now: datetime | None = None,
) -> Conversation:
    """Label the conversation. Twice is once."""
    conversation = lock_conversation(conversation_id)
    if tag.pk in conversation.tag_ids:
        return conversation
    conversation.tag_ids = [*conversation.tag_ids, tag.pk]
    append_event(
        conversation,
        name="tagged",
        actor_id=actor.pk if actor else None,
        now=now,
        tag=tag.name,
    )
    conversation.save()
    return conversation


@transaction.atomic
def remove_tag(*, conversation_id: int, tag: Tag, actor: User | None) -> Conversation:
    """Take the label off."""
    conversation = lock_conversation(conversation_id)
    if tag.pk not in conversation.tag_ids:
        return conversation
    conversation.tag_ids = [pk for pk in conversation.tag_ids if pk != tag.pk]
    append_event(
        conversation,
        name="untagged",
        actor_id=actor.pk if actor else None,
        tag=tag.name,
    )
    conversation.save()
    return conversation


@transaction.atomic
def change_tags(
    *,
    conversation_id: int,
    added: Iterable[Tag],
    removed: Iterable[Tag],
    actor: User | None,
) -> Conversation:
    """Take some labels off and put others on; what is named in neither stays."""
    conversation = lock_conversation(conversation_id)
    for tag in removed:
        conversation = remove_tag(conversation_id=conversation_id, tag=tag, actor=actor)
    for tag in added:
        conversation = add_tag(conversation_id=conversation_id, tag=tag, actor=actor)
    return conversation


@transaction.atomic
def delete_tag(*, tag_id: int) -> None:
    """Forget a tag, in saved views too; twice does nothing more.

    Conversations lose it soon after, for there may be many.
    """
    deleted, _ = Tag.objects.filter(pk=tag_id).delete()
    if deleted:
        drop_tag_from_views(tag_id=tag_id)
        emit(TagDeleted(tag_id=tag_id))


@transaction.atomic
def clear_tag(*, tag_id: int, after: int = 0, window: int = WINDOW) -> None:
    """Take a deleted tag off the next conversations, and announce how far that is.

    Closed ones are in no index by tag, so all are walked in the order of their ids.
    Nothing is said on timelines: a word is gone, nothing happened to the customer.
    """
    cleared_to = after + window
    carrying = Conversation.objects.filter(
        pk__gt=after, pk__lte=cleared_to, tag_ids__contains=[tag_id]
    )
    carrying.update(tag_ids=Func(F("tag_ids"), tag_id, function="array_remove"))
    last = Conversation.objects.aggregate(last=Max("pk"))["last"] or 0
    if cleared_to < last:
        emit(TagPartlyCleared(tag_id=tag_id, cleared_to=cleared_to))
