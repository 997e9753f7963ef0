"""Who answers on a channel."""

import pytest

from helpdesk.chat.people import MOST_SHOWN, people_of
from tests.factories import ChannelFactory, TeamFactory, UserFactory

pytestmark = pytest.mark.django_db


class TestPeopleOf:
    def test_are_a_few_and_those_available_first(self):
        UserFactory(name="Away", is_available=False)
        UserFactory.create_batch(MOST_SHOWN)

        people = people_of(ChannelFactory())

        assert len(people) == MOST_SHOWN
        assert all(it.is_available for it in people)

    def test_are_those_who_may_reply(self):
        UserFactory(name="Viewer", role="viewer")
        UserFactory(name="Gone", is_active=False)
        agent = UserFactory(name="Noor")

        assert people_of(ChannelFactory()) == [agent]

    def test_of_a_team_are_its_members(self):
        team, agent = TeamFactory(), UserFactory(name="Noor")
        team.members.add(agent)
        UserFactory(name="Elsewhere")

        assert people_of(ChannelFactory(team=team)) == [agent]
