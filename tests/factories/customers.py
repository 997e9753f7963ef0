"""People and their handles."""

import factory

from customers.mailboxes import mailbox_of
from customers.models import Customer, Identity, IdentityKind


class CustomerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Customer

    name = factory.Sequence(lambda n: f"Customer {n}")


class IdentityFactory(factory.django.DjangoModelFactory):
    """A mail address of a customer."""

    class Meta:
        model = Identity

    customer = factory.SubFactory(CustomerFactory)
    kind = IdentityKind.EMAIL
    value = factory.Sequence(lambda n: f"customer{n}@people.example")
    mailbox = factory.LazyAttribute(lambda identity: mailbox_of(identity.value))
    display_name = factory.LazyAttribute(lambda identity: identity.customer.name)
