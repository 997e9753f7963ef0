"""Who is responsible: a person, a team, or nobody yet."""

from datetime import datetime

from django.db import transaction

from helpdesk.accounts.models import Team, User
from helpdesk.core.events import emit
from inbox.actions.appending import announce_change, append_event, lock_conversation
from inbox.events import ConversationAssigned, ConversationTeamChanged
from inbox.models import Conversation
from inbox.permissions import may_be_assigned


class CannotBeAssigned(Exception):
    """The agent's role or the team's privacy does not allow it."""


@transaction.atomic
def assign_conversation(
    *,
    conversation_id: int,
    assignee: User | None,
    actor: User | None,
    now: datetime | None = None,
) -> Conversation:
    """Hand the conversation to `assignee`, or to nobody.

    :raises CannotBeAssigned: if they could not answer it
    """
    conversation = lock_conversation(conversation_id)
    if assignee is not None and not may_be_assigned(assignee, conversation):
        raise CannotBeAssigned
    previous_id = conversation.assignee_id
    if previous_id == (assignee.pk if assignee else None):
        return conversation
    conversation.assignee = assignee
    append_event(
        conversation,
        name="assigned" if assignee else "released",
        actor_id=actor.pk if actor else None,
        now=now,
        assignee=assignee.name if assignee else "",
        assignee_id=assignee.pk if assignee else None,
    )
    conversation.save()
    announce_change(conversation, previous_assignee_id=previous_id)
    emit(
        ConversationAssigned(
            conversation_id=conversation.pk,
            assignee_id=conversation.assignee_id,
            previous_assignee_id=previous_id,
            actor_id=actor.pk if actor else None,
            cursor=conversation.last_seq,
        )
    )
    return conversation


@transaction.atomic
def release_orphaned(*, now: datetime, limit: int = 100) -> int:
    """Hand to nobody what is assigned to agents who may not sign in; return how many.

    Teams stay. What is closed stays too: it finds its way when it opens again. What
    somebody is changing at the moment is left for the next time.
    """
    # The few ids are read first, so that each batch is read from an index.
    gone = list(User.objects.filter(is_active=False).values_list("pk", flat=True))
    left_behind = list(
        Conversation.objects.active()
        .select_for_update(skip_locked=True)
        .filter(assignee_id__in=gone)
        .order_by("assignee_id", "-last_activity_at", "-id")
        .values_list("pk", flat=True)[:limit]
    )
    for pk in left_behind:
        assign_conversation(conversation_id=pk, assignee=None, actor=None, now=now)
    return len(left_behind)


@transaction.atomic
def assign_team(
    *,
    conversation_id: int,
    team: Team | None,
    actor: User | None,
    now: datetime | None = None,
) -> Conversation:
    """Hand the conversation to a team; an assignee who cannot see it is released."""
    conversation = lock_conversation(conversation_id)
    previous_id = conversation.team_id
    if previous_id == (team.pk if team else None):
        return conversation
    previous_assignee_id = conversation.assignee_id
    conversation.team = team
    assignee = conversation.assignee
    if assignee is not None and not may_be_assigned(assignee, conversation):
        conversation.assignee = None
    append_event(
        conversation,
        name="team",
        actor_id=actor.pk if actor else None,
        now=now,
        team=team.name if team else "",
    )
    conversation.save()
    announce_change(
        conversation,
        previous_team_ids=(previous_id,),
        previous_assignee_id=previous_assignee_id,
    )
    emit(
        ConversationTeamChanged(
            conversation_id=conversation.pk,
            team_id=conversation.team_id,
            previous_team_id=previous_id,
            actor_id=actor.pk if actor else None,
        )
    )
    return conversation
