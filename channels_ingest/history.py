"""What stands below our words in a mail: what is answered, or what is passed on."""

from html import escape

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, override

from customers.models import IdentityKind, nameless_visitor
from helpdesk.core.html import linkify
from inbox.models import Direction, Kind, TimelineItem


def history_of(item: TimelineItem) -> tuple[str, str]:
    """Return the history below an outgoing message, as text and as HTML.

    It is the customer's own last message. A stranger's words are shown to nobody,
    notes never leave, and an automatic answer carries nothing of what it answers.
    Neither does what goes on from a chat: its reader may not be who wrote there.
    """
    if item.payload.get("automatic") or item.kind == Kind.EVENT:
        return "", ""
    earlier = _last_of_the_customer(item)
    if earlier is None:
        return "", ""
    with override(earlier.customer.locale or None):
        if item.payload.get("mode") == "forward":
            return _passed_on(earlier)
        return _answered(earlier)


def _last_of_the_customer(item: TimelineItem) -> TimelineItem | None:
    return (
        TimelineItem.objects.filter(
            conversation_id=item.conversation_id,
            kind=Kind.MESSAGE,
            direction=Direction.INBOUND,
            customer_id=item.customer_id,
            seq__lt=item.seq,
        )
        .exclude(payload__has_any_keys=["stranger", "nature"])
        .select_related("identity", "customer", "conversation", "channel")
        .order_by("-seq")
        .first()
    )


def _date_of(earlier: TimelineItem) -> str:
    return date_format(localtime(earlier.occurred_at), "DATETIME_FORMAT")


def _name_of(earlier: TimelineItem) -> str:
    """Return whom it is from; the handle of a chat says nothing to anybody."""
    identity = earlier.identity
    if identity is None:
        return ""
    is_chat = identity.kind == IdentityKind.CHAT
    return identity.display_name or (nameless_visitor() if is_chat else identity.value)


def _sender_of(earlier: TimelineItem) -> str:
    identity = earlier.identity
    if identity is None or identity.kind == IdentityKind.CHAT:
        return _name_of(earlier)
    return f"{identity.display_name} <{identity.value}>".strip()


def _answered(earlier: TimelineItem) -> tuple[str, str]:
    line = gettext("On %(date)s, %(name)s wrote:") % {
        "date": _date_of(earlier),
        "name": _name_of(earlier),
    }
    quoted = "\n".join(f"> {row}".rstrip() for row in earlier.text.splitlines())
    html = (
        f'<div class="tributary_quote"><p>{escape(line)}</p>'
        f'<blockquote type="cite">{linkify(earlier.text)}</blockquote></div>'
    )
    return f"{line}\n{quoted}", html


def _passed_on(earlier: TimelineItem) -> tuple[str, str]:
    head = [
        "---------- Forwarded message ---------",
        f"From: {_sender_of(earlier)}",
        f"Date: {_date_of(earlier)}",
        f"Subject: {earlier.subject or earlier.conversation.subject}",
        f"To: {earlier.channel.address if earlier.channel else ''}",
    ]
    html = (
        f'<div class="tributary_forward"><p>{"<br>".join(map(escape, head))}</p>'
        f"<div>{earlier.html or linkify(earlier.text)}</div></div>"
    )
    return "\n".join((*head, "", earlier.text)), html
