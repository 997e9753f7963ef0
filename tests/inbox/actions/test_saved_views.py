import pytest

from inbox.actions.labels import delete_tag
from inbox.actions.saved_views import save_view
from inbox.filters import ListFilter
from inbox.models import SavedView, Tag
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


class TestSaveView:
    def test_keeps_no_tag_that_was_deleted_meanwhile(self):
        tag = Tag.objects.create(name="Fragile")
        narrowed = ListFilter(tag_id=tag.pk, assignee="none")
        delete_tag(tag_id=tag.pk)

        save_view(
            owner=UserFactory(),
            name="Late",
            queue="all",
            narrowed=narrowed,
            is_shared=False,
        )

        assert SavedView.objects.get().filters == {"queue": "all", "assignee": "none"}
