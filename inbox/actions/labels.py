"""Tags on conversations."""

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction

from helpdesk.accounts.models import User
from inbox.actions.appending import append_event, lock_conversation
from inbox.models import Conversation, Tag


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
def set_tags(
    *, conversation_id: int, tags: Iterable[Tag], actor: User | None
) -> Conversation:
    """Label the conversation with exactly these tags."""
    conversation = lock_conversation(conversation_id)
    wanted = {tag.pk: tag for tag in tags}
    dropped = Tag.objects.filter(pk__in=set(conversation.tag_ids) - set(wanted))
    for tag in dropped.order_by("id"):
        conversation = remove_tag(conversation_id=conversation_id, tag=tag, actor=actor)
    for tag in wanted.values():
        conversation = add_tag(conversation_id=conversation_id, tag=tag, actor=actor)
    return conversation
