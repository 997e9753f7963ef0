"""The smallest parts of every page, drawn hundreds of times: icons and avatars.

They are tags and no templates because a page includes a hundred of them. Each is put
together once for the same words and remembered.
"""

from functools import lru_cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()
MOST_REMEMBERED = 4096


@register.simple_tag
def icon(name: str, **options: str) -> SafeString:
    """Draw an icon of the sprite: `{% icon "x" label=_("Close") class="mirrors" %}`.

    With a label it speaks for itself; without one it is decoration.
    """
    label = str(options.get("label") or "")
    return _icon(name, label, options.get("class", ""), _sprite())


@register.simple_tag
def channel_glyph(kind: str) -> SafeString:
    """Draw the sign of a kind of channel."""
    return _icon(f"channel-{kind}", "", "", _sprite())


@register.simple_tag
def avatar(initials: str, color_index: int = 0, **options: str) -> SafeString:
    """Draw somebody's initials on their color, with the sign of `channel_kind`."""
    kind = options.get("channel_kind", "")
    sprite = _sprite()
    return _avatar(initials, color_index, options.get("class", ""), kind, sprite)


@lru_cache
def _sprite() -> str:
    return static("icons/sprite.svg")


@lru_cache(maxsize=MOST_REMEMBERED)
def _icon(name: str, label: str, classes: str, sprite: str) -> SafeString:
    named = (("role", "img"), ("aria-label", label))
    attributes = named if label else (("aria-hidden", "true"),)
    return format_html(
        '<svg class="{}"{}><use href="{}#{}"/></svg>',
        f"icon {classes}".strip(),
        format_html_join("", ' {}="{}"', attributes),
        sprite,
        name,
    )


@lru_cache(maxsize=MOST_REMEMBERED)
def _avatar(
    initials: str, color_index: int, classes: str, kind: str, sprite: str
) -> SafeString:
    sign = format_html(
        '<span class="avatar-channel k-{}">{}</span>',
        kind,
        _icon(f"channel-{kind}", "", "", sprite),
    )
    return format_html(
        '<span class="{}" aria-hidden="true">{}{}</span>',
        f"avatar c{color_index or 0} {classes}".strip(),
        initials,
        sign if kind else "",
    )
