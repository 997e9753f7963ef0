import pytest

from helpdesk.realtime.groups import (
    NO_TEAM,
    agent_group,
    groups_of,
    groups_to_tell,
    team_group,
)
from inbox.models import Conversation
from tests.factories.accounts import TeamFactory, UserFactory
from tests.factories.inbox import ConversationFactory

pytestmark = pytest.mark.django_db


class TestGroupsOf:
    def test_follows_what_an_agent_may_see(self):
        own, public, private = (
            TeamFactory(),
            TeamFactory(),
            TeamFactory(is_private=True),
        )
        agents = {
            sight: UserFactory(sight=sight) for sight in ("all", "teams", "assigned")
        }
        for agent in agents.values():
            own.members.add(agent)

        joined = {sight: groups_of(agent) for sight, agent in agents.items()}

        assert team_group(private.pk) not in joined["all"]
        assert team_group(public.pk) in joined["all"]
        assert joined["teams"] == {
            agent_group(agents["teams"].pk),
            NO_TEAM,
            team_group(own.pk),
        }
        assert joined["assigned"] == {agent_group(agents["assigned"].pk)}

    def test_gives_nothing_to_somebody_who_left(self):
        assert groups_of(UserFactory(is_active=False)) == set()

    @pytest.mark.parametrize("sight", ["all", "teams", "assigned"])
    def test_agrees_with_the_list(self, sight):
        """Whoever is told of a change sees it in the list, and the other way round."""
        agent = UserFactory(sight=sight)
        own, public = TeamFactory(), TeamFactory()
        private = TeamFactory(is_private=True)
        own.members.add(agent)
        for team in (None, own, public, private):
            for assignee in (None, agent, UserFactory()):
                ConversationFactory(team=team, assignee=assignee)
        joined = groups_of(agent)
        visible = set(
            Conversation.objects.visible_to(agent).values_list("pk", flat=True)
        )

        told = {
            conversation.pk
            for conversation in Conversation.objects.all()
            if joined
            & groups_to_tell(
                team_ids={conversation.team_id}, agent_ids={conversation.assignee_id}
            )
        }

        assert told == visible
