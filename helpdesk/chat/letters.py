"""The words of the mails that a chat sends: answers nobody has seen, a transcript.

Nothing that a visitor typed stands in a mail to an address that they only claim,
except in a transcript they ask for: nobody's mailbox can be reached with own words.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext, pgettext

from helpdesk.core.html import linkify
from inbox.models import Channel, TimelineItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail, ready to be put on the timeline."""

    subject: str
    text: str
    html: str


def letter_of_answers(
    answers: Sequence[TimelineItem],
    *,
    channel: Channel,
    left_out: Iterable[str] = (),
    back_to: str = "",
) -> Letter:
    """Return the mail with which answers go on, in the language that is active.

    :param left_out: names of files that would make the mail too large
    :param back_to: the page with the chat, if it is known
    """
    texts, parts = [], []
    for name, written in groupby(answers, key=lambda it: _answerer(it, channel)):
        batch = list(written)
        head = gettext("%(name)s wrote:") % {"name": name}
        texts.append("\n\n".join((head, *(it.text.strip() for it in batch))))
        parts.append(f"<p><strong>{escape(head)}</strong></p>")
        parts.extend(_html_of(it) for it in batch)
    closing = [*_about_files(left_out), _how_to_go_on(len(answers))]
    place = [gettext("The chat is here: %(url)s") % {"url": back_to}] * bool(back_to)
    ending = (*map(escape, closing), *map(linkify, place))
    return Letter(
        subject=_subject(channel),
        text="\n\n".join((*texts, *closing, *place)),
        html="".join((*parts, "<hr>", *(f"<p>{it}</p>" for it in ending))),
    )


def letter_of_transcript(items: Sequence[TimelineItem], *, channel: Channel) -> Letter:
    """Return the mail with all that was written, in the language that is active."""
    head = gettext("This is what was written in your chat with %(brand)s.") % {
        "brand": channel.from_name
    }
    rows = [(_line_above(it, channel), it) for it in items]
    html = "".join(
        f"<p><strong>{escape(line)}</strong><br>{_safe(it)}</p>" for line, it in rows
    )
    return Letter(
        subject=_subject(channel),
        text="\n\n".join((head, *(f"{line}\n{_words(it)}" for line, it in rows))),
        html=f"<p>{escape(head)}</p>{html}",
    )


def _subject(channel: Channel) -> str:
    return gettext("Your chat with %(brand)s") % {"brand": channel.from_name}


def _how_to_go_on(count: int) -> str:
    return ngettext(
        "You had left the chat when this came. To go on, answer this mail or return "
        "to the chat.",
        "You had left the chat when these came. To go on, answer this mail or return "
        "to the chat.",
        count,
    )


def _about_files(names: Iterable[str]) -> list[str]:
    listed = ", ".join(names)
    if not listed:
        return []
    return [gettext("Too large for a mail, to be found in the chat: %s") % listed]


def _answerer(item: TimelineItem, channel: Channel) -> str:
    return item.agent.name if item.agent else channel.from_name


def _line_above(item: TimelineItem, channel: Channel) -> str:
    you = pgettext("who wrote", "You")
    name = you if item.is_inbound else _answerer(item, channel)
    when = date_format(localtime(item.occurred_at), "SHORT_DATETIME_FORMAT")
    return f"{name} · {when}"


def _words(item: TimelineItem) -> str:
    files = [f"[{file.name}]" for file in item.attachments.all() if not file.is_inline]
    return "\n".join(filter(None, (item.text.strip(), *files)))


def _html_of(answer: TimelineItem) -> str:
    if answer.html:
        return f"<div>{answer.html}</div>"
    return f"<p>{linkify(_words(answer))}</p>"


def _safe(item: TimelineItem) -> str:
    """A visitor's words are text, without so much as a link: anybody may get them."""
    if item.is_outbound:
        return linkify(_words(item))
    return escape(_words(item)).replace("\n", "<br>")
