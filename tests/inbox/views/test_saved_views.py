import pytest
from django.urls import reverse

from helpdesk.accounts.roles import Role
from inbox.actions.labels import delete_tag
from inbox.models import SavedView, Tag
from tests.factories import ConversationFactory, TeamFactory, UserFactory

pytestmark = pytest.mark.django_db


def address(name, key="all", query=""):
    return reverse(f"inbox:{name}", args=[key]) + (f"?{query}" if query else "")


def keep(desk, *, key="all", query="unread=1", **data):
    return desk.post(address("save-view", key, query), data)


def marked_in(page):
    """What the navigation says is open."""
    context = page.context
    entries = [*context["queues"], *context["team_queues"], *context["saved_views"]]
    return [entry.title for entry in entries if entry.is_current]


class TestFilterMenu:
    def test_offers_what_the_list_can_be_narrowed_by(self, part):
        tag = Tag.objects.create(name="Fragile")
        colleague = UserFactory(name="Sam Field")

        page = part.get(address("filter-menu", query=f"tag={tag.pk}")).content.decode()

        assert " selected>Fragile<" in " ".join(page.split())
        assert f'<option value="{colleague.pk}"' in page
        assert "Keep this list as a view" in page

    def test_names_no_team_that_is_none_of_ones_business(self, part, agent):
        TeamFactory(name="Works council", is_private=True)
        TeamFactory(name="Returns", is_private=True, members=[agent])

        page = part.get(address("filter-menu")).content.decode()

        assert "Returns" in page
        assert "Works council" not in page

    def test_of_a_queue_of_ones_own_does_not_ask_whose(self, part):
        page = part.get(address("filter-menu", "mine")).content.decode()

        assert 'name="assignee"' not in page

    def test_is_no_page(self, desk):
        response = desk.get(address("filter-menu", query="unread=1"))

        assert response["Location"] == address("queue", query="unread=1")

    def test_refuses_what_no_list_knows(self, part):
        query = "assignee__password__startswith=a"

        assert part.get(address("filter-menu", query=query)).status_code == 400


class TestSave:
    def test_keeps_the_list_under_its_name(self, desk, agent):
        query = "sort=waiting&unread=1"

        response = keep(desk, query=query, name=" Left behind ")

        view = SavedView.objects.get()
        assert (view.owner, view.name, view.is_shared) == (agent, "Left behind", False)
        assert view.filters == {"queue": "all", "sort": "waiting", "unread": "1"}
        page = desk.get(response["Location"])
        assert marked_in(page) == ["Left behind"]
        assert page.context["view"].title == "Left behind"

    def test_marks_the_queue_as_soon_as_the_list_is_another(self, desk):
        keep(desk, name="Unread")

        assert marked_in(desk.get(address("queue"))) == ["All open"]

    def test_of_the_same_name_is_the_same_view(self, desk):
        keep(desk, name="Late")
        keep(desk, name="late", query="sort=due")

        assert SavedView.objects.get().filters == {"queue": "all", "sort": "due"}

    @pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\0b"])
    def test_needs_a_name(self, desk, name):
        keep(desk, name=name)

        assert not SavedView.objects.exists()

    def test_has_an_end(self, desk):
        for number in range(21):
            page = keep(desk, name=f"View {number}")

        assert SavedView.objects.count() == 20
        assert "You have 20 views" in desk.get(page["Location"]).content.decode()

    @pytest.mark.parametrize(
        ("role", "is_shared"), [(Role.AGENT, False), (Role.LEAD, True)]
    )
    def test_is_shared_by_leads_only(self, client, role, is_shared):
        client.force_login(UserFactory(role=role))

        keep(client, name="For all", is_shared="1")

        assert SavedView.objects.get().is_shared is is_shared

    def test_of_a_private_team_is_nobody_elses(self, desk, part):
        team = TeamFactory(is_private=True)

        response = keep(desk, key=f"team-{team.pk}", name="Theirs")

        assert response.status_code == 404


class TestRemove:
    def test_forgets_an_own_view(self, desk, agent):
        keep(desk, name="Late")

        desk.post(reverse("inbox:remove-view", args=[SavedView.objects.get().pk]))

        assert not SavedView.objects.exists()

    def test_leaves_a_colleagues_view(self, desk):
        view = SavedView.objects.create(
            name="Shared", owner=UserFactory(), is_shared=True, filters={}
        )

        desk.post(reverse("inbox:remove-view", args=[view.pk]))

        assert SavedView.objects.get() == view


class TestDeletedTag:
    @pytest.fixture
    def address_of_it(self):
        tag = Tag.objects.create(name="Abroad")
        number = tag.pk
        delete_tag(tag_id=number)
        return f"tag={number}"

    def test_leaves_a_view_that_opens_with_the_rest(self, desk):
        tag = Tag.objects.create(name="Fragile")
        waiting = ConversationFactory(is_unread=True)
        keep(desk, query=f"tag={tag.pk}&unread=1", name="Parcels")

        delete_tag(tag_id=tag.pk)

        page = desk.get(address("queue", query="unread=1"))
        assert marked_in(page) == ["Parcels"]
        assert [it["pk"] for it in page.context["page"].conversations] == [waiting.pk]

    @pytest.mark.parametrize("name", ["queue", "conversation-list"])
    def test_of_an_old_address_is_an_empty_list(self, part, address_of_it, name):
        ConversationFactory()

        answer = part.get(address(name, query=address_of_it))

        assert answer.status_code == 200
        assert "Nothing fits" in answer.content.decode()

    def test_of_an_old_address_leaves_the_filter_to_be_chosen_anew(
        self, part, address_of_it
    ):
        Tag.objects.create(name="Returned")

        page = part.get(address("filter-menu", query=address_of_it)).content.decode()

        assert "Returned" in page
        assert "Abroad" not in page

    def test_of_an_old_address_lets_a_conversation_open_beside_it(
        self, desk, address_of_it
    ):
        topic = ConversationFactory()
        here = reverse("inbox:conversation", args=[topic.pk])

        answer = desk.get(f"{here}?queue=all&{address_of_it}")

        assert answer.status_code == 200
