import logging
import os
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from helpdesk.core.files import open_file, store_file
from inbox.actions.files import delete_stray_files
from inbox.models import Attachment, Upload
from tests.factories import (
    ChannelFactory,
    ConversationFactory,
    TimelineItemFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
OLD = timedelta(days=2, minutes=1)
YOUNG = timedelta(days=2) - timedelta(minutes=1)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def store(settings, tmp_path, now):
    settings.MEDIA_ROOT = tmp_path / "files"

    def store(ago=OLD):
        name = store_file(b"a").stored_name
        at = (now - ago).timestamp()
        os.utime(settings.MEDIA_ROOT / name, (at, at))
        return name

    return store


@pytest.fixture
def attached(store):
    name = store()
    Attachment.objects.create(
        item=TimelineItemFactory(), name="a.txt", stored_name=name
    )
    return name


def is_there(name):
    try:
        open_file(name).close()
    except FileNotFoundError:
        return False
    return True


class TestDeleteStrayFiles:
    def test_keeps_what_belongs_to_a_channel(self, store, attached, now):
        logo, other = store(), store()
        ChannelFactory(capabilities={"files": [logo]})
        ChannelFactory(capabilities={"files": []})

        assert delete_stray_files(now=now) == 1

        assert (is_there(logo), is_there(other)) == (True, False)

    def test_deletes_what_no_row_names(self, store, attached, now):
        stray = store()

        assert delete_stray_files(now=now) == 1

        assert not is_there(stray)
        assert is_there(attached)

    def test_keeps_what_stands_in_a_draft(self, store, attached, now):
        uploaded = store()
        Upload.objects.create(
            conversation=ConversationFactory(),
            agent=UserFactory(),
            name="a.txt",
            stored_name=uploaded,
        )

        assert delete_stray_files(now=now) == 0
        assert is_there(uploaded)

    def test_keeps_what_is_younger_than_two_days(self, store, attached, now):
        young = store(ago=YOUNG)

        assert delete_stray_files(now=now) == 0
        assert is_there(young)

    def test_deletes_nothing_when_the_database_knows_no_file(self, store, now, caplog):
        stray = store()

        assert delete_stray_files(now=now) == 0

        assert is_there(stray)
        assert "knows no file" in caplog.text

    def test_says_how_many_and_never_which(self, store, attached, now, caplog):
        stray = store()

        with caplog.at_level(logging.INFO):
            delete_stray_files(now=now)

        assert "1 files that no message names are deleted" in caplog.text
        assert stray[6:] not in caplog.text

    def test_looks_names_up_in_an_index(self):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")

        plan = Attachment.objects.filter(stored_name__in=["a", "b"]).explain()

        assert "attachment_stored_name" in plan
