"""Which customers an agent sees: those of conversations they see."""

from django.db.models import Exists, OuterRef, Q

from customers.sight import declare_sight
from helpdesk.accounts.models import User
from inbox.models import Conversation


def sees_a_conversation(agent: User) -> Q:
    """Keep customers with a visible conversation, and those who never had any."""
    visible = Conversation.objects.visible_to(agent).filter(customer=OuterRef("pk"))
    of_theirs = Conversation.objects.filter(customer=OuterRef("pk"))
    return Q(Exists(visible)) | (~Q(Exists(of_theirs)) & Q(merged_into=None))


def declare() -> None:
    declare_sight(sees_a_conversation)
