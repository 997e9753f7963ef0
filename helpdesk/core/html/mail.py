"""HTML of a mail, made fit to show among our own pages."""

import html as entities
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import nh3

from helpdesk.core.html.parsing import bounded, rewrite
from helpdesk.core.html.policy import (
    LINK_REL,
    LINK_SCHEMES,
    MAIL_ATTRIBUTES,
    MAIL_TAGS,
    OWN_ATTRIBUTES,
    STYLE_PROPERTIES,
)
from helpdesk.core.html.urls import content_id, safe_image
from helpdesk.core.html.writer import Rules, Writer

_RULES: Final = Rules(tags=MAIL_TAGS, attributes=MAIL_ATTRIBUTES)
# The second, independent pass: a parser that builds the tree a browser builds.
_CLEANER: Final = nh3.Cleaner(
    tags=set(MAIL_TAGS),
    attributes={
        name: set(MAIL_ATTRIBUTES.get(name, ()))
        | (set(OWN_ATTRIBUTES.get(name, ())) - {"rel", "target"})
        for name in MAIL_ATTRIBUTES.keys() | OWN_ATTRIBUTES.keys()
    },
    url_schemes=set(LINK_SCHEMES) | {"data"},
    link_rel=LINK_REL,
    set_tag_attribute_values={"a": {"target": "_blank"}},
    filter_style_properties=set(STYLE_PROPERTIES),
    strip_comments=True,
)
# Exact on what `_CLEANER` writes: it leaves no angle bracket inside a tag.
_WAITING_IMAGE: Final = re.compile(r'<img([^<>]*?) data-src="([^"<>]*)"')
_INLINE_IMAGE: Final = re.compile(r'<img([^<>]*?) data-cid="([^"<>]*)"')
_LOADING: Final = ' referrerpolicy="no-referrer" loading="lazy"'
_INVISIBLE: Final = re.compile(
    r"(?:^|;)(?:display:none|(?:max-)?(?:width|height):[01](?:\.\d+)?px)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeHtml:
    """HTML that neither runs, loads nor submits anything, and what was held back."""

    html: str
    remote_images: tuple[str, ...] = ()
    """Addresses of pictures that load only after `allow_remote_images`."""
    inline_images: tuple[str, ...] = ()
    """Content ids that `html` still shows as places to fill."""
    tracking_pixels: int = 0
    """Invisible remote pictures. They were removed and do not come back."""
    is_truncated: bool = False


def sanitize_mail(
    html: str, *, inline_images: Mapping[str, str] | None = None
) -> SafeHtml:
    """Return `html` without anything that runs, loads, submits or escapes.

    Takes time in proportion to the length, and cuts what is longer than
    `policy.MAX_CHARACTERS`.

    :param inline_images: addresses of ours by content id. What is not in it stays
        as a place that `place_inline_images` can fill later.
    """
    document, is_truncated = bounded(html)
    writer = _MailWriter(inline_images or {})
    return SafeHtml(
        html=_CLEANER.clean(rewrite(document, writer)),
        remote_images=tuple(dict.fromkeys(writer.remote_images)),
        inline_images=tuple(dict.fromkeys(writer.inline_images)),
        tracking_pixels=writer.tracking_pixels,
        is_truncated=is_truncated,
    )


def allow_remote_images(html: str) -> str:
    """Let the pictures that `sanitize_mail` held back load, without a referrer."""
    if " data-src=" not in html:
        return html
    return _WAITING_IMAGE.sub(rf'<img\1 src="\2"{_LOADING}', html)


def place_inline_images(html: str, urls: Mapping[str, str]) -> str:
    """Show the attached pictures that the text refers to by content id.

    :param urls: addresses of ours by content id
    """
    if " data-cid=" not in html:
        return html

    def place(match: re.Match[str]) -> str:
        url = urls.get(entities.unescape(match.group(2)))
        if url is None:
            return match.group(0)
        return f'<img{match.group(1)} src="{entities.escape(url)}"'

    return _INLINE_IMAGE.sub(place, html)


class _MailWriter(Writer):
    def __init__(self, inline_images: Mapping[str, str]) -> None:
        super().__init__(_RULES)
        self._urls = inline_images
        self.remote_images: list[str] = []
        self.inline_images: list[str] = []
        self.tracking_pixels = 0

    def image_attributes(self, attributes: dict[str, str]) -> dict[str, str] | None:
        source = attributes.get("src") or ""
        name = content_id(source)
        if name:
            return self._inline_image(name)
        url = safe_image(source)
        if not url:
            return {} if attributes.get("alt") else None
        if url.startswith("data:"):
            return {"src": url}
        if _is_invisible(attributes):
            self.tracking_pixels += 1
            return None
        self.remote_images.append(url)
        return {"data-src": url}

    def _inline_image(self, name: str) -> dict[str, str]:
        url = self._urls.get(name)
        if url is not None:
            return {"src": url}
        self.inline_images.append(name)
        return {"data-cid": name}


def _is_invisible(attributes: dict[str, str]) -> bool:
    sizes = [(attributes.get(name) or "").strip() for name in ("width", "height")]
    given = [size.removesuffix("px") for size in sizes if size]
    if given and all(size in {"0", "1", "2"} for size in given):
        return True
    style = (attributes.get("style") or "").replace(" ", "").lower()
    return bool(_INVISIBLE.search(style))
