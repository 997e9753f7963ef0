"""Agents and their teams."""

import factory

from helpdesk.accounts.models import Team, User
from helpdesk.accounts.roles import Role

PASSWORD = "correct-horse-battery"


class UserFactory(factory.django.DjangoModelFactory):
    """An active agent who may answer; their password is `PASSWORD`."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    class Params:
        admin = factory.Trait(role=Role.ADMIN)
        lead = factory.Trait(role=Role.LEAD)
        viewer = factory.Trait(role=Role.VIEWER)

    email = factory.Sequence(lambda n: f"agent{n}@desk.example")
    name = factory.Sequence(lambda n: f"Agent {n}")
    role = Role.AGENT

    @classmethod
    def _create(cls, model_class, *args, **fields):
        fields.setdefault("password", PASSWORD)
        return model_class.objects.create_user(*args, **fields)


class TeamFactory(factory.django.DjangoModelFactory):
    """A team; `TeamFactory(members=[agent])` fills it."""

    class Meta:
        model = Team
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Team {n}")

    @factory.post_generation
    def members(self, create, agents, **_):
        if create and agents:
            self.members.set(agents)
