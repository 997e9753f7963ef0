"""HTML that people here write: answers, notes, signatures, automatic answers."""

from collections.abc import Iterable
from typing import Final

import nh3

from helpdesk.core.html.parsing import bounded, rewrite
from helpdesk.core.html.policy import (
    COMPOSE_ATTRIBUTES,
    COMPOSE_TAGS,
    LINK_REL,
    LINK_SCHEMES,
)
from helpdesk.core.html.urls import content_id
from helpdesk.core.html.writer import Rules, Writer

_RULES: Final = Rules(tags=COMPOSE_TAGS, attributes=COMPOSE_ATTRIBUTES)
_CLEANER: Final = nh3.Cleaner(
    tags=set(COMPOSE_TAGS),
    attributes={name: set(kept) for name, kept in COMPOSE_ATTRIBUTES.items()}
    | {"img": {"alt", "height", "width", "data-cid", "src"}},
    url_schemes=set(LINK_SCHEMES),
    link_rel=LINK_REL,
    set_tag_attribute_values={"a": {"target": "_blank"}},
    strip_comments=True,
)


def sanitize_compose(html: str, *, image_paths: Iterable[str] = ()) -> str:
    """Return the part of `html` that our own editor can make.

    No styles, no remote pictures. A picture stays if it is attached to the same
    message (`cid:`, kept as `data-cid`) or lies below one of `image_paths`.
    """
    document, _ = bounded(html)
    return _CLEANER.clean(rewrite(document, _ComposeWriter(tuple(image_paths))))


class _ComposeWriter(Writer):
    def __init__(self, image_paths: tuple[str, ...]) -> None:
        super().__init__(_RULES)
        self._image_paths = image_paths

    def image_attributes(self, attributes: dict[str, str]) -> dict[str, str] | None:
        source = (attributes.get("src") or "").strip()
        name = content_id(source) or attributes.get("data-cid")
        if name:
            return {"data-cid": name}
        is_ours = source.startswith(self._image_paths) and ".." not in source
        return {"src": source} if self._image_paths and is_ours else None
