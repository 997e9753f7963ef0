"""Chat channels, and visitors of websites and apps."""

import uuid

import factory

from channels_ingest.adapters.webchat.adapter import WebchatAdapter
from customers.models import IdentityKind
from helpdesk.chat.models import Visitor
from helpdesk.chat.tokens import hash_of, token_of
from tests.factories.customers import CustomerFactory, IdentityFactory
from tests.factories.inbox import ChannelFactory

SECRET = "only-this-browser-knows"
IDENTITY_SECRET = "shop-and-desk-share-this-secret-of-theirs"


class WebchatChannelFactory(ChannelFactory):
    """A widget that may stand at shop.example; `chat={…}` sets it up further."""

    class Params:
        chat = {}

    kind = "webchat"
    name = factory.Sequence(lambda n: f"Chat {n}")
    address = factory.Sequence(lambda n: f"chat-test{n}")
    capabilities = factory.LazyFunction(WebchatAdapter.capabilities.as_json)
    config = factory.LazyAttribute(
        lambda channel: {
            "chat": {
                "domains": ["shop.example"],
                "identity_secrets": [IDENTITY_SECRET],
                **channel.chat,
            }
        }
    )


class ApiChannelFactory(WebchatChannelFactory):
    """A channel for a company's own app."""

    kind = "api"
    name = factory.Sequence(lambda n: f"App {n}")
    address = factory.Sequence(lambda n: f"chat-app{n}")


class VisitorFactory(factory.django.DjangoModelFactory):
    """An anonymous visitor; `proven="42"` is the shop's user 42, who showed it.

    `bearer_of(visitor)` is what their browser sends.
    """

    class Meta:
        model = Visitor

    class Params:
        proven = ""
        customer = factory.SubFactory(CustomerFactory)

    public_id = factory.LazyFunction(uuid.uuid4)
    channel = factory.SubFactory(WebchatChannelFactory)
    identity = factory.SubFactory(
        IdentityFactory,
        customer=factory.SelfAttribute("..customer"),
        kind=IdentityKind.CHAT,
        scope=factory.LazyAttribute(
            lambda identity: f"channel:{identity.factory_parent.channel.pk}"
        ),
        value=factory.LazyAttribute(
            lambda identity: (
                f"user:{identity.factory_parent.proven}"
                if identity.factory_parent.proven
                else f"visitor:{identity.factory_parent.public_id}"
            )
        ),
        mailbox="",
    )
    token_hash = hash_of(SECRET)
    is_proven = factory.LazyAttribute(lambda visitor: bool(visitor.proven))


def bearer_of(visitor):
    """Return the headers that a browser of this visitor sends."""
    return {"authorization": f"Bearer {token_of(visitor, secret=SECRET)}"}
