"""A visitor looks at pages of the site; one line on the timeline tells of each stay."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.dateparse import parse_datetime

from channels_ingest.providers.chat.payload import visitor_id_of
from helpdesk.chat.actions.forgetting import GIVEN_UP
from helpdesk.chat.models import Visit, Visitor
from helpdesk.chat.pages import Page
from helpdesk.chat.queries import conversations_of
from inbox.actions.appending import (
    announce_change,
    append_event,
    lock_conversation,
)
from inbox.models import Conversation, TimelineItem
from inbox.models.conversation import ACTIVE

SILENCE: Final = timedelta(minutes=30)
"""After so long without a page the next one begins another visit."""
MOST_PAGES: Final = 50
BETWEEN_NEWS: Final = timedelta(seconds=10)
"""Agents who look on are told of pages no more often."""


@transaction.atomic
def note_page(*, visitor_id: int, page: Page, now: datetime) -> Visit | None:
    """Note that a visitor looks at `page`; None if the visitor is gone meanwhile.

    The same page again is the same look. Shown in their newest open conversation of
    this channel, if there is one, as one line that grows. Locks that conversation, if
    it is not shown yet, then the visitor.
    """
    conversation = _to_show_in(visitor_id, now=now)
    visitor = _locked(visitor_id)
    if visitor is None:
        return None
    visitor.page = _as_json(page, now)
    visitor.last_seen_at = now
    visitor.save(update_fields=["page", "last_seen_at"])
    visit = _present_visit(visitor, now=now) or Visit(visitor=visitor, began_at=now)
    visit.pages = _with(visit.pages, page, now=now)
    visit.last_at = now
    if visit.item is None:
        visit.item = _show(visit, conversation, now=now) if conversation else None
    else:
        _show_more(visit.item, pages=visit.pages, now=now)
    visit.save()
    return visit


@transaction.atomic
def show_visit(*, item_id: int, now: datetime) -> None:
    """Show where they were before the first message of a conversation.

    Safe to run twice: a visit is shown once. Locks the conversation, then the visitor.
    """
    item = TimelineItem.objects.filter(pk=item_id).first()
    public_id = visitor_id_of(item.external_id) if item else None
    writer = Visitor.objects.filter(public_id=public_id).first() if public_id else None
    if item is None or writer is None:
        return
    lock_conversation(item.conversation_id)
    visitor = _locked(writer.pk)
    visit = _present_visit(visitor, now=now) if visitor else None
    if visit is None or visit.item is not None:
        return
    visit.item = _show(visit, item.conversation, now=now)
    visit.save(update_fields=["item"])


def _to_show_in(visitor_id: int, *, now: datetime) -> Conversation | None:
    """Return the conversation that a visit is shown in from now on, locked.

    Conversations are locked before visitors, as by whoever deletes their data.
    """
    visitor = Visitor.objects.select_related("identity").filter(pk=visitor_id).first()
    visit = _present_visit(visitor, now=now) if visitor else None
    if visitor is None or (visit is not None and visit.item is not None):
        return None
    conversation = _newest_open(visitor)
    return lock_conversation(conversation.pk) if conversation else None


def _locked(visitor_id: int) -> Visitor | None:
    visitors = Visitor.objects.select_for_update(of=("self",), no_key=True)
    there = visitors.exclude(token_hash=GIVEN_UP)
    return there.select_related("identity").filter(pk=visitor_id).first()


def _present_visit(visitor: Visitor, *, now: datetime) -> Visit | None:
    visits = Visit.objects.filter(visitor=visitor, last_at__gt=now - SILENCE)
    return visits.select_related("item__conversation").order_by("-last_at").first()


def _with(pages: list[Any], page: Page, *, now: datetime) -> list[Any]:
    if pages and pages[-1]["url"] == page.url:
        return [*pages[:-1], {**pages[-1], "title": page.title}]
    return [*pages, _as_json(page, now)][-MOST_PAGES:]


def _as_json(page: Page, now: datetime) -> dict[str, str]:
    return {"title": page.title, "url": page.url, "at": now.isoformat()}


def _newest_open(visitor: Visitor) -> Conversation | None:
    mine = conversations_of(visitor).filter(ACTIVE, channel_id=visitor.channel_id)
    return mine.order_by("-last_activity_at", "-id").first()


def _show(visit: Visit, conversation: Conversation, *, now: datetime) -> TimelineItem:
    locked = lock_conversation(conversation.pk)
    item = append_event(
        locked,
        name="visited",
        actor_id=None,
        now=now,
        pages=visit.pages,
        told_at=now.isoformat(),
    )
    locked.save(update_fields=["last_seq"])
    return item


def _show_more(item: TimelineItem, *, pages: list[Any], now: datetime) -> None:
    if item.payload.get("pages") == pages:
        return
    told_at = parse_datetime(str(item.payload.get("told_at", "")))
    is_news = told_at is None or now - told_at >= BETWEEN_NEWS
    item.payload["pages"] = pages
    if is_news:
        item.payload["told_at"] = now.isoformat()
    item.save(update_fields=["payload"])
    if is_news:
        announce_change(item.conversation, is_internal=True)
