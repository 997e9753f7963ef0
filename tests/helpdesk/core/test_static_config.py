import json
import os
import re
import subprocess
import sys

import pytest
from django.conf import settings

LOADED = re.compile(r"""{% static ["']([^"']+)["'] %}""")
NEEDED = {"admin/css/base.css", "admin/js/core.js", "icons/sprite.svg"}
UNUSED = ("rest_framework/", "django_htmx/", "gis/")


@pytest.fixture(scope="class")
def collected(tmp_path_factory):
    """What `collectstatic`, run by hand in production, says that there is."""
    folder = tmp_path_factory.mktemp("production")
    command = [sys.executable, "manage.py", "collectstatic", "--noinput"]
    done = subprocess.run(
        command,
        cwd=settings.BASE_DIR,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "helpdesk.settings",
            "TRIBUTARY_ENV": "production",
            "TRIBUTARY_DATA_DIR": str(folder),
            "TRIBUTARY_URL": "https://desk.example",
        },
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    return json.loads((folder / "static" / "staticfiles.json").read_text())["paths"]


class TestCollectStatic:
    def test_names_by_content_all_that_pages_load(self, collected):
        pages = (settings.BASE_DIR / "templates").rglob("*.html")
        loaded = {name for page in pages for name in LOADED.findall(page.read_text())}

        assert "css/base.css" in loaded
        assert (loaded | NEEDED) - set(collected) == set()
        assert all(name != hashed for name, hashed in collected.items())

    def test_leaves_out_what_no_page_of_ours_loads(self, collected):
        assert [name for name in collected if name.startswith(UNUSED)] == []
