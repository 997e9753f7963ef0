"""Timeline items as people read them: who, to whom, what, and what came of it."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from helpdesk.core.html import linkify, place_inline_images, sanitize_compose
from inbox.models import Attachment, Kind, TimelineItem
from inbox.queries.timeline import TimelinePage
from inbox.threading import bare_subject
from inbox.views.presenting.details import form_of, page_of, pages_of, text_of
from inbox.views.presenting.events import sentence_of
from inbox.views.presenting.wrapping import Shown

SHOWN_IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")


Words = dict[str, Any]
"""Plain data under names: what templates read fastest, and can remember."""


def _file(row: Attachment) -> Words:
    """Return an attachment with its addresses."""
    return {
        "name": row.name,
        "size": row.size,
        "url": reverse("inbox:file", args=[row.public_id]),
        "preview_url": reverse("inbox:image", args=[row.public_id]),
        "is_image": row.content_type in SHOWN_IMAGES,
        "sound_url": (
            reverse("inbox:sound", args=[row.public_id])
            if row.content_type.startswith("audio/")
            else ""
        ),
    }


class ShownItem(Shown):
    """One message, note or event of a timeline."""

    def __init__(
        self,
        row: TimelineItem,
        *,
        files: Sequence[Attachment],
        strangers: frozenset[int],
        topic_subject: str,
    ) -> None:
        super().__init__(row)
        self.payload: dict[str, Any] = row.payload
        self._files = files
        self._strangers = strangers
        self._topic_subject = topic_subject

    def words(self) -> Words:
        """Return everything the item's template says."""
        row = self.row
        words = {
            "pk": row.pk,
            "seq": row.seq,
            "kind": str(row.kind),
            "occurred_at": row.occurred_at,
        }
        if row.kind == Kind.EVENT:
            return words | self._happened()
        words |= self._written()
        return words if row.kind == Kind.NOTE else words | self._sent()

    def _happened(self) -> Words:
        sentence = sentence_of(self.row)
        return {
            "sentence": str(sentence.text),
            "note": sentence.note,
            "icon": sentence.icon,
            "tone": sentence.tone,
            "pages": pages_of(self.payload.get("pages")),
            "delivery": self._delivery(),
        }

    def _written(self) -> Words:
        """What notes and messages have in common."""
        return {
            "author_name": self.author_name,
            "author_initials": self.author_initials,
            "author_color_index": self.author_color_index,
            "simple_html": self.simple_html,
            "linked_text": self.linked_text,
            "files": [_file(it) for it in self._files if not it.is_inline],
        }

    def _sent(self) -> Words:
        """What only messages have: where they came from, and what came of them."""
        row, channel = self.row, self.row.channel
        return {
            "is_outbound": row.is_outbound,
            "is_inbound": row.is_inbound,
            "html": bool(row.html),
            "channel_kind": channel.kind if channel else "",
            "channel_name": self.channel_label or (channel.name if channel else ""),
            "recipients_line": self.recipients_line,
            "is_automatic": self.is_automatic,
            "has_source": self.has_source,
            "stranger": self.stranger,
            "warnings": self.warnings,
            "authentication": self.shown_authentication,
            "subject": row.subject if self.shows_subject else "",
            "hidden_images": self.hidden_images if row.html else 0,
            "has_signature": self.has_signature,
            "has_quoted": self.has_quoted,
            "delivery": self._delivery(),
            "form": form_of(self.payload.get("form")),
            "page": page_of(self.payload.get("page")),
            "invitation": text_of(self.payload.get("invitation")),
        }

    def _delivery(self) -> Words | None:
        delivery = getattr(self.row, "delivery", None)
        if delivery is None:
            return None
        return {
            "state": str(delivery.state),
            "reason": delivery.reason,
            "send_after": delivery.send_after,
            "seen_at": delivery.seen_at,
        }

    @property
    def detail(self) -> Any:
        return getattr(self.row, "detail", None)

    @property
    def has_source(self) -> bool:
        """Whether it was read from something that can still be looked at."""
        return self.detail is not None and self.detail.journal_id is not None

    @property
    def author_name(self) -> str:
        if self.row.agent:
            return str(self.row.agent)
        if self.row.is_outbound:
            return str(self.row.channel.from_name) if self.row.channel else _("Desk")
        return self._identity_name()

    def _identity_name(self) -> str:
        identity = self.row.identity
        if identity is None:
            return _("Unknown person")
        if identity.customer_id == self.row.customer_id:
            return str(identity.customer)
        return str(identity.display_name or identity.shown_value)

    @property
    def author_initials(self) -> str:
        if self.row.agent:
            return str(self.row.agent.initials)
        identity = self.row.identity
        return str(identity.customer.initials) if identity else "?"

    @property
    def author_color_index(self) -> int:
        author = self.row.agent or (self.row.identity and self.row.identity.customer)
        return int(author.color_index) if author else 0

    @property
    def channel_label(self) -> str:
        """The address somebody wrote from, where it is not the only thing to say."""
        identity = self.row.identity
        if identity is not None and identity.customer_id != self.row.customer_id:
            return str(identity.shown_value)
        return ""

    @property
    def recipients_line(self) -> str:
        forwarder = self.payload.get("forwarded_by")
        if forwarder:
            return _("forwarded by %(address)s") % {"address": forwarder}
        detail = self.detail
        if detail is None:
            return ""
        parts = []
        channel = self.row.channel
        if channel is not None and channel.is_fetched:
            # It went to whoever sits in front of the chat: nothing to add.
            return ""
        if self.row.is_outbound:
            parts.append(_("to %(people)s") % {"people": _names(detail.to)})
        if detail.cc:
            parts.append(_("copy to %(people)s") % {"people": _names(detail.cc)})
        if detail.bcc:
            parts.append(_("blind copy to %(people)s") % {"people": _names(detail.bcc)})
        return " · ".join(parts)

    @property
    def is_automatic(self) -> bool:
        nature = self.payload.get("nature")
        return bool(self.payload.get("automatic")) or nature in (
            "auto_reply",
            "notification",
            "bounce",
        )

    @property
    def authentication(self) -> dict[str, str]:
        return self.detail.authentication if self.detail else {}

    @property
    def shown_authentication(self) -> dict[str, str]:
        """Of a chat the rail says once whether its visitor is proven."""
        channel = self.row.channel
        if channel is not None and channel.is_fetched:
            return {}
        return dict(self.authentication)

    @property
    def warnings(self) -> list[str]:
        return [str(warning) for warning in self.payload.get("warnings", ())]

    @property
    def stranger(self) -> str:
        """The address of somebody who is still a stranger here, else empty."""
        if self.row.is_inbound and self.row.identity_id in self._strangers:
            return str(self.row.identity.shown_value)
        return ""

    @property
    def shows_subject(self) -> bool:
        subject = self.row.subject
        return bool(subject) and bare_subject(subject) != bare_subject(
            self._topic_subject
        )

    @property
    def has_quoted(self) -> bool:
        return bool(self.payload.get("has_quoted"))

    @property
    def has_signature(self) -> bool:
        return bool(self.payload.get("has_signature"))

    @property
    def simple_html(self) -> SafeString | str:
        """What we wrote ourselves, which needs no frame around it."""
        if self.row.is_inbound:
            return ""
        if not self.row.html:
            return mark_safe(linkify(self.row.text))  # noqa: S308 - escaped by linkify
        urls = inline_image_urls(self._files)
        return mark_safe(  # noqa: S308 - sanitised
            place_inline_images(sanitize_compose(self.row.html), urls)
        )

    @property
    def linked_text(self) -> SafeString:
        return mark_safe(linkify(self.row.text))  # noqa: S308 - escaped by linkify

    @property
    def hidden_images(self) -> int:
        identity = self.row.identity
        if identity is not None and may_load_images(self.row):
            return 0
        return int(self.payload.get("remote_images", 0))


def may_load_images(item: TimelineItem) -> bool:
    """Whether pictures from the web may be loaded into this message.

    An agent allowed them for the address; a sender who is not proven cannot use that.
    """
    identity = item.identity
    if identity is None or not identity.shows_remote_images:
        return False
    return bool(item.payload.get("verdict") != "fail")


def inline_image_urls(files: Sequence[Attachment]) -> dict[str, str]:
    return {
        file.content_id: reverse("inbox:image", args=[file.public_id])
        for file in files
        if file.content_id
    }


def _names(people: Sequence[dict[str, str]]) -> str:
    shown = [person.get("name") or person.get("handle", "") for person in people[:3]]
    more = len(people) - len(shown)
    return ", ".join(shown) + (f" +{more}" if more > 0 else "")


def shown_items(
    page: TimelinePage, *, strangers: frozenset[int], topic_subject: str
) -> list[Words]:
    """Put into words the items of one conversation."""
    return [
        ShownItem(
            item,
            files=page.files.get(item.pk, ()),
            strangers=strangers,
            topic_subject=topic_subject,
        ).words()
        for item in page.items
    ]
