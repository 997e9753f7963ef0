import pytest
from django.core.files.base import ContentFile

from helpdesk.core.static import StaticStorage

SOURCE = """/** What it is. */
import { b } from "./b.js";

// Why.
b(/** @type {any} */ (1));
"""


@pytest.fixture
def collected(tmp_path):
    """Collect files as `collectstatic` does; return what is served by their names."""

    def collect(files):
        storage = StaticStorage(location=tmp_path, base_url="/static/")
        for name, source in files.items():
            storage.save(name, ContentFile(source.encode()))
        for _, _, outcome in storage.post_process(
            {name: (storage, name) for name in files}
        ):
            assert not isinstance(outcome, Exception), outcome
        return {name: tmp_path / storage.stored_name(name) for name in files}

    return collect


class TestStaticStorage:
    def test_serves_the_widget_without_a_byte_too_many(self, collected):
        served = collected({"widget/a.js": SOURCE, "widget/b.js": "export let b;\n"})

        script = served["widget/a.js"].read_text()
        name = served["widget/b.js"].name
        assert script == f'import {{ b }} from "./{name}";\nb((1));\n'

    def test_leaves_everything_else_as_it_is_written(self, collected):
        served = collected({"js/a.js": SOURCE, "js/b.js": "export let b;\n"})

        assert served["js/a.js"].read_text().startswith("/** What it is. */\n")
