"""Filters and orders of lists; rows of SECURITY.md by number."""

import pytest
from django.urls import reverse

from inbox.models import SavedView
from tests.factories import TimelineItemFactory
from tests.security.desk import opened

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]


LOOKUPS = [
    "channel__config__startswith=a",
    "assignee__password__startswith=a",
    "customer__identities__value__regex=.*",
    "id__in=1",
    "team__members__password=x",
    "q__password=a",
]
SORTS = ["channel__config", "-assignee__password", "?", "id; DROP TABLE x", "<script>"]


class TestRow30LookupsInFilters:
    @pytest.mark.parametrize("lookup", LOOKUPS)
    def test_are_refused_before_anything_is_read(
        self, desk, lookup, django_assert_max_num_queries
    ):
        for name in ("inbox:queue", "inbox:conversation-list"):
            with django_assert_max_num_queries(2):
                response = desk.get(f"{reverse(name, args=['all'])}?{lookup}")
            assert response.status_code == 400

    @pytest.mark.parametrize("lookup", LOOKUPS)
    def test_of_a_saved_view_are_never_run(self, desk, agent, lookup):
        name, _, value = lookup.partition("=")
        SavedView.objects.create(name="Evil", owner=agent, filters={name: value})

        page = desk.get(reverse("inbox:queue", args=["all"]))

        assert page.status_code == 200
        assert b"Evil" not in page.content

    @pytest.mark.parametrize("lookup", LOOKUPS)
    def test_change_no_other_page(self, desk, lookup):
        topic = TimelineItemFactory().conversation

        assert desk.get(f"{opened(topic)}?{lookup}").status_code == 400
        assert desk.get(f"{reverse('customers:list')}?{lookup}").status_code == 200


class TestRow31SortOracle:
    @pytest.mark.parametrize("sort", SORTS)
    def test_is_refused(self, desk, sort):
        response = desk.get(reverse("inbox:queue", args=["all"]), {"sort": sort})

        assert response.status_code == 400
