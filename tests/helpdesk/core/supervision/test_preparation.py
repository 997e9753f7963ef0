import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import connection

from helpdesk.core.supervision import preparation


@pytest.mark.django_db
class TestMigrate:
    def test_has_nothing_to_do_when_the_tables_are_current(self):
        assert preparation.migrate() == 0
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")


class TestCollectStatic:
    @pytest.fixture(autouse=True)
    def _as_outside_tests(self, settings, tmp_path):
        settings.STATIC_ROOT = tmp_path / "static"
        settings.STORAGES = {
            **settings.STORAGES,
            "staticfiles": {"BACKEND": "helpdesk.core.static.StaticStorage"},
        }

    def test_names_files_by_content_and_compresses_them(self, settings):
        assert preparation.collect_static() is True

        served = settings.STATIC_ROOT / staticfiles_storage.stored_name("css/base.css")
        assert served.name != "base.css"
        assert served.with_name(f"{served.name}.br").exists()
        assert served.with_name(f"{served.name}.gz").exists()

    def test_does_it_once(self):
        preparation.collect_static()

        assert preparation.collect_static() is False


class TestEmptyMetrics:
    def test_forgets_the_numbers_of_processes_that_are_gone(self, settings, tmp_path):
        settings.DATA_DIR = tmp_path
        (tmp_path / "metrics").mkdir()
        (tmp_path / "metrics" / "counter_1.db").touch()

        preparation.empty_metrics()

        assert list((tmp_path / "metrics").iterdir()) == []
