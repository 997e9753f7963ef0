"""What the code itself must not do; rows of SECURITY.md by number."""

import ast
import pickle
from pathlib import Path

import pytest
from django.conf import settings

from channels_ingest.reading_child import outcome_from
from helpdesk.core.cache import JSONSerializer


class Bomb:
    """Touches a file when it is read back from a pickle."""

    def __init__(self, witness):
        self.witness = witness

    def __reduce__(self):
        return Path.touch, (self.witness,)

    def went_off(self):
        return self.witness.exists()


@pytest.fixture
def bomb(tmp_path):
    return Bomb(tmp_path / "witness")


ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("helpdesk", "inbox", "customers", "channels_ingest")
MODULES = sorted(
    path
    for folder in FOLDERS
    for path in (ROOT / folder).rglob("*.py")
    if not {"migrations", "rehearsal"} & set(path.parts)
)


def names_called(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def trees():
    return [(path, ast.parse(path.read_text("utf-8"))) for path in MODULES]


class TestRow80CommandInjection:
    def test_no_shell_is_started(self):
        shells = [
            str(path.relative_to(ROOT))
            for path, tree in trees()
            for name, call in names_called(tree)
            if name in {"os.system", "os.popen", "subprocess.getoutput", "eval", "exec"}
            or name.startswith(("os.spawn", "commands."))
            or any(
                keyword.arg == "shell"
                and not (
                    isinstance(keyword.value, ast.Constant)
                    and keyword.value.value is False
                )
                for keyword in call.keywords
            )
        ]

        assert shells == []

    def test_there_is_code_to_look_at(self):
        assert len(MODULES) > 30


class TestRow85UnsafeDeserialisation:
    FORBIDDEN = {"pickle", "cPickle", "dill", "shelve", "marshal", "jsonpickle"}
    # Parent and child of one process talk so; the parent takes only listed values.
    OVER_OWN_PIPE = {"reading_child.py", "reading_pool.py"}

    def test_no_module_reads_objects_from_bytes(self):
        readers = [
            f"{path.relative_to(ROOT)}: {name}"
            for path, tree in trees()
            for name in imported(tree)
            if name.partition(".")[0] in self.FORBIDDEN
            and path.name not in self.OVER_OWN_PIPE
        ]

        assert readers == []

    def test_yaml_is_only_read_safely(self):
        unsafe = [
            str(path.relative_to(ROOT))
            for path, tree in trees()
            for name, _ in names_called(tree)
            if name in {"yaml.load", "yaml.unsafe_load", "yaml.full_load"}
        ]

        assert unsafe == []

    def test_sessions_cache_and_queue_hold_json(self):
        assert settings.SESSION_SERIALIZER.endswith("JSONSerializer")
        assert settings.CELERY_TASK_SERIALIZER == "json"
        assert settings.CELERY_ACCEPT_CONTENT == ["json"]
        for cache in settings.CACHES.values():
            assert "json" in cache["OPTIONS"]["serializer"].lower()

    def test_a_pickled_cache_entry_is_not_run(self, bomb):
        with pytest.raises(ValueError):  # noqa: PT011
            JSONSerializer().loads(pickle.dumps(bomb))

        assert not bomb.went_off()

    def test_an_answer_of_the_reading_child_is_not_run(self, bomb):
        with pytest.raises(pickle.UnpicklingError):
            outcome_from(pickle.dumps(bomb))

        assert not bomb.went_off()


class TestRow53NoRendererOnTheServer:
    RENDERERS = {
        "weasyprint",
        "pdfkit",
        "xhtml2pdf",
        "imgkit",
        "playwright",
        "reportlab",
    }

    def test_no_module_draws_pages(self):
        drawing = [
            f"{path.relative_to(ROOT)}: {name}"
            for path, tree in trees()
            for name in imported(tree)
            if name.partition(".")[0] in self.RENDERERS
        ]

        assert drawing == []
