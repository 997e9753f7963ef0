"""Every text there is, in every language that is offered."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.utils.translation import to_locale

LOCALES = [to_locale(code) for code, _ in settings.LANGUAGES if code != "en"]
CHAT_ONLY = "pt"
"""What visitors of a chat are spoken to in, and the desk is not offered in."""
VISITORS_READ = ("helpdesk/chat/", "helpdesk/api/v1/chat/", "templates/chat/")
FOLDER = Path(settings.LOCALE_PATHS[0])
SOURCES = ("channels_ingest", "customers", "helpdesk", "inbox", "templates")
LEFT_OUT = shutil.ignore_patterns("locale", "__pycache__")
_HOLE = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
_TAG = re.compile(r"</?\w+[^>]*>")


def catalog(locale, *, compiled=False):
    read, ending = (polib.mofile, "mo") if compiled else (polib.pofile, "po")
    return read(str(FOLDER / locale / "LC_MESSAGES" / f"django.{ending}"))


def keys(entries):
    return {(entry.msgctxt, entry.msgid) for entry in entries}


def texts(entry):
    return list(entry.msgstr_plural.values()) or [entry.msgstr]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """The texts as they stand in the code today, each with where it does."""
    if shutil.which("xgettext") is None:
        pytest.skip("collecting texts needs gettext, which is not installed")
    # In a copy: the texts of a folder go to the nearest `locale`.
    copy = tmp_path_factory.mktemp("project")
    for name in SOURCES:
        shutil.copytree(settings.BASE_DIR / name, copy / name, ignore=LEFT_OUT)
    (copy / "helpdesk" / "locale").mkdir()
    shutil.copy(settings.BASE_DIR / "manage.py", copy)
    subprocess.run(
        [sys.executable, "manage.py", "makemessages", "--locale", "eo"],
        cwd=copy,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "helpdesk.settings",
            "TRIBUTARY_DATA_DIR": str(copy / "var"),
        },
        check=True,
        capture_output=True,
        timeout=120,
    )
    return polib.pofile(str(next(copy.glob("helpdesk/locale/eo/**/django.po"))))


def is_read_by_visitors(entry):
    return any(path.startswith(VISITORS_READ) for path, _ in entry.occurrences)


@pytest.mark.parametrize("locale", LOCALES)
def test_desk_has_every_text_and_no_other(locale, found):
    assert keys(catalog(locale)) == keys(found)


def test_chat_has_every_text_in_one_language_more(found):
    read = keys(entry for entry in found if is_read_by_visitors(entry))

    assert keys(catalog(CHAT_ONLY)) == read


@pytest.mark.parametrize("locale", [*LOCALES, CHAT_ONLY])
class TestCatalog:
    def test_translates_every_text(self, locale):
        open_ones = [it.msgid for it in catalog(locale) if not it.translated()]

        assert not open_ones

    def test_keeps_what_is_filled_in_and_marked_up(self, locale):
        for entry in catalog(locale):
            for text in texts(entry)[-1:]:
                meant = entry.msgid_plural or entry.msgid
                assert sorted(_HOLE.findall(text)) == sorted(_HOLE.findall(meant))
                assert sorted(_TAG.findall(text)) == sorted(_TAG.findall(meant))

    def test_is_compiled_as_it_is_written(self, locale):
        written = {(it.msgctxt, it.msgid): texts(it) for it in catalog(locale)}
        compiled = {
            (it.msgctxt, it.msgid): texts(it) for it in catalog(locale, compiled=True)
        }

        assert compiled == written, "run `make messages`"
