"""Who may do what with which conversation; pages, sockets and files all ask here."""

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet

from helpdesk.accounts import roles
from helpdesk.accounts.models import User
from helpdesk.core.prepared import Prepared
from inbox.models import Attachment, Conversation, TimelineItem
from inbox.onlooker import Onlooker


def may_see(agent: User, conversation: Conversation) -> bool:
    return Conversation.objects.visible_to(agent).filter(pk=conversation.pk).exists()


def visible_conversation(agent: User, pk: int) -> Conversation:
    """Return a conversation that `agent` may see.

    :raises Conversation.DoesNotExist: if there is none, or not for this agent
    """
    for conversation in _visible(Onlooker(agent), pk=pk):
        return conversation
    raise Conversation.DoesNotExist


@Prepared
def _visible(onlooker: Onlooker, *, pk: int) -> QuerySet[Conversation]:
    return (
        Conversation.objects.visible_to(onlooker.agent)
        .select_related("customer", "channel", "team", "identity")
        .defer("channel__config")
        .filter(pk=pk)
    )


def visible_item(agent: User, *, conversation_id: int, item_id: int) -> TimelineItem:
    """Return an item of a conversation that `agent` may see.

    :raises TimelineItem.DoesNotExist: if there is none, or it belongs elsewhere
    """
    return TimelineItem.objects.select_related("conversation", "channel").get(
        pk=item_id,
        conversation_id=conversation_id,
        conversation__in=Conversation.objects.visible_to(agent),
    )


def visible_attachment(agent: User, public_id: str) -> Attachment:
    """:raises Attachment.DoesNotExist: if there is none, or not for this agent"""
    return Attachment.objects.select_related("item").get(
        public_id=public_id,
        item__conversation__in=Conversation.objects.visible_to(agent),
    )


def require(agent: User, capability: str) -> None:
    """:raises PermissionDenied: if the agent's role does not grant `capability`"""
    if not agent.can(capability):
        raise PermissionDenied


def may_reply(agent: User) -> bool:
    return agent.can(roles.REPLY)


def may_be_assigned(agent: User, conversation: Conversation) -> bool:
    """Whether a conversation can be given to `agent` without hiding it from them."""
    if not agent.can(roles.REPLY):
        return False
    team = conversation.team
    if team is None or not team.is_private or agent.is_admin:
        return True
    return team.members.filter(pk=agent.pk).exists()
