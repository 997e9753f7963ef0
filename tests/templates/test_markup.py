"""What holds for every template: known icons, nothing inline, styles that exist."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SPRITE = (ROOT / "static/icons/sprite.svg").read_text()
ICONS = frozenset(re.findall(r'<symbol id="([\w-]+)"', SPRITE))

NAMED_ICON = re.compile(r'(?:_icon\.html" with name|\bicon)="([a-z][\w-]*)"')
STYLE_ATTRIBUTE = re.compile(r"<[^>{%]*\sstyle=")
INLINE_STYLE = re.compile(r"<style\b")
INLINE_SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)")
SCRIPT_ATTRIBUTE = re.compile(r"\s(?:on[a-z]+|hx-on[:\w-]*)=")


def names_of(path):
    return str(path.relative_to(ROOT / "templates"))


@pytest.fixture(params=TEMPLATES, ids=names_of)
def markup(request):
    return request.param.read_text()


class TestEveryTemplate:
    def test_names_only_icons_of_the_sprite(self, markup):
        named = set(NAMED_ICON.findall(markup))

        assert named <= ICONS

    def test_has_no_inline_style(self, markup):
        assert not STYLE_ATTRIBUTE.search(markup)
        assert not INLINE_STYLE.search(markup)

    def test_has_no_inline_script(self, markup):
        assert not INLINE_SCRIPT.search(markup)
        assert not SCRIPT_ATTRIBUTE.search(markup)


class TestSprite:
    def test_holds_each_icon_once(self):
        identifiers = re.findall(r'<symbol id="([\w-]+)"', SPRITE)

        assert len(identifiers) == len(set(identifiers))

    @pytest.mark.parametrize("source", ["lucide.txt", "simple-icons.txt"])
    def test_holds_everything_its_lists_name(self, source):
        wanted = (ROOT / "static/icons" / source).read_text().split()
        prefix = "channel-" if source == "simple-icons.txt" else ""

        assert {f"{prefix}{name}" for name in wanted} <= ICONS


class TestStylesheets:
    def test_use_only_tokens_that_exist(self):
        sheets = [path.read_text() for path in (ROOT / "static/css").glob("*.css")]
        defined = set(re.findall(r"(--[a-z-]+):", "".join(sheets)))

        used = set(re.findall(r"var\((--[a-z-]+)", "".join(sheets)))

        assert used <= defined

    def test_load_nothing_from_other_hosts(self):
        for path in (ROOT / "static/css").glob("*.css"):
            assert not re.search(r"url\(\s*[\"']?(?:https?:)?//", path.read_text())
