"""What agents send us, checked and cleaned; nothing here saves."""

import re
import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from helpdesk.accounts.models import Team, User
from helpdesk.core.html import plain_text_of, sanitize_compose
from inbox.actions.answering import Reply, Then
from inbox.actions.drafts import Wording
from inbox.actions.messages import Recipients, Writing
from inbox.models import Channel, Conversation, Priority, Tag, Upload
from inbox.models.draft import DraftMode
from inbox.permissions import may_be_assigned, may_see
from inbox.recipients import BadAddress, Person, people_from
from inbox.snoozing import snooze_choices

LONGEST_TEXT = 500_000
_MENTION = re.compile(r"@([\w.'-]+(?: [\w.'-]+)?)")


class WritingForm(forms.Form):
    """What the composer sends, for a draft as for the message itself."""

    mode = forms.RegexField(
        r"^(reply|reply_all|forward|note|chat)(-claimed|-[0-9]{1,18})?$", required=False
    )
    """One of DraftMode; what follows it says which of several ways of that sort."""
    html = forms.CharField(required=False, max_length=LONGEST_TEXT, strip=False)
    text = forms.CharField(required=False, max_length=LONGEST_TEXT, strip=False)
    subject = forms.CharField(required=False, max_length=998)
    to = forms.CharField(required=False, max_length=10_000)
    cc = forms.CharField(required=False, max_length=10_000)
    bcc = forms.CharField(required=False, max_length=10_000)
    client_id = forms.UUIDField(required=False)
    seen_seq = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1)

    def clean_mode(self) -> str:
        self.way = str(self.cleaned_data["mode"] or DraftMode.REPLY)
        return self.way.partition("-")[0]

    def clean_subject(self) -> str:
        return " ".join(str(self.cleaned_data["subject"]).split())

    def clean_html(self) -> str:
        html = str(self.cleaned_data["html"])
        if not html.strip():
            return ""
        return sanitize_compose(html, image_paths=(upload_path(),))

    @property
    def words(self) -> str:
        html = self.cleaned_data["html"]
        return plain_text_of(html) if html else str(self.cleaned_data["text"]).strip()


def upload_path() -> str:
    """Where pictures of a draft are served from."""
    any_upload = reverse("inbox:upload-file", args=[uuid.UUID(int=0)])
    return any_upload.split("0000", 1)[0]


class DraftForm(WritingForm):
    """Half a message: an address may still be half typed."""

    def wording(self) -> Wording:
        data = self.cleaned_data
        return Wording(
            mode=data["mode"],
            way=self.way if "-" in self.way else "",
            html=data["html"],
            text=self.words,
            subject=data["subject"],
            to=_people_so_far(data["to"]),
            cc=_people_so_far(data["cc"]),
            bcc=_people_so_far(data["bcc"]),
            seen_seq=data["seen_seq"] or 0,
        )


def _people_so_far(field: str) -> tuple[Person, ...]:
    try:
        return people_from(field)
    except BadAddress:
        return ({"name": "", "handle": field[:2000]},)


class ReplyForm(WritingForm):
    """A message that is ready to leave."""

    then = forms.ChoiceField(
        choices=[(each.value, each.value) for each in Then], required=False
    )
    seen_seq_confirmed = forms.IntegerField(required=False, min_value=0)

    def __init__(
        self, data: QueryDict, *, uploads: list[Upload], posted: list[Upload]
    ) -> None:
        super().__init__(data)
        chosen = {*data.getlist("upload"), *(str(it.public_id) for it in posted)}
        self.uploads = [it for it in uploads if str(it.public_id) in chosen]
        self.all_uploads = uploads

    def clean_to(self) -> tuple[Person, ...]:
        return self._people("to")

    def clean_cc(self) -> tuple[Person, ...]:
        return self._people("cc")

    def clean_bcc(self) -> tuple[Person, ...]:
        return self._people("bcc")

    def _people(self, name: str) -> tuple[Person, ...]:
        if self.cleaned_data.get("mode") in (DraftMode.NOTE, DraftMode.CHAT):
            return ()
        try:
            return people_from(str(self.cleaned_data[name]))
        except BadAddress as error:
            raise ValidationError(
                _("“%(address)s” is not a mail address."),
                params={"address": str(error)[:100]},
            ) from error

    @property
    def is_note(self) -> bool:
        return bool(self.cleaned_data["mode"] == DraftMode.NOTE)

    def writing(self, *, subject: str = "") -> Writing:
        """Return the words and files; pictures refer to their files by content id."""
        html, inline = _with_content_ids(self.cleaned_data["html"], self.all_uploads)
        files = [it.public_id for it in self.uploads if it.public_id not in inline]
        return Writing(
            text=self.words,
            html=html,
            subject=self.cleaned_data["subject"] or subject,
            upload_ids=[*files, *inline],
        )

    def by_mail(self, *, channel: Channel | None, subject: str) -> Reply:
        """Return the answer to whom the fields name, to leave by this mailbox."""
        data = self.cleaned_data
        people = Recipients(to=data["to"], cc=data["cc"], bcc=data["bcc"])
        writing = self.writing(subject=subject)
        return self._reply(writing, people, channel=channel)

    def by_chat(self, *, channel: Channel, to: Person) -> Reply:
        """Return the answer to whoever sits in front of this chat."""
        writing = replace(self.writing(), subject="")
        return self._reply(writing, Recipients(to=(to,)), channel=channel)

    def _reply(
        self, writing: Writing, recipients: Recipients, *, channel: Channel | None
    ) -> Reply:
        data = self.cleaned_data
        return Reply(
            writing=writing,
            recipients=recipients,
            channel=channel,
            mode=data["mode"],
            way=self.way if "-" in self.way else "",
            then=Then(data["then"] or Then.OPEN),
            client_id=data["client_id"],
            seen_seq=self._seen(),
        )

    def _seen(self) -> int | None:
        data = self.cleaned_data
        confirmed: int | None = data["seen_seq_confirmed"]
        seen: int | None = data["seen_seq"]
        return confirmed if confirmed is not None else seen

    def mentioned(self, conversation: Conversation) -> list[User]:
        """Return the colleagues that a note calls and who may see the conversation."""
        ids = self._mentioned_ids()
        names = {name.casefold() for name in _MENTION.findall(self.words)}
        if not (ids or names):
            return []
        return [
            agent
            for agent in User.objects.active().order_by("id")
            if (agent.pk in ids or _is_named(agent, names))
            and may_see(agent, conversation)
        ]

    def _mentioned_ids(self) -> set[int]:
        chosen: list[str] = self.data.getlist("mention")  # type: ignore[attr-defined]
        return {int(pk) for pk in chosen if pk.isdecimal() and len(pk) < 18}


def _is_named(agent: User, names: set[str]) -> bool:
    return bool(agent.name) and agent.name.casefold() in names


def _with_content_ids(html: str, uploads: list[Upload]) -> tuple[str, list[uuid.UUID]]:
    used = []
    for upload in uploads:
        here = reverse("inbox:upload-file", args=[upload.public_id])
        place = f'src="{here}"'
        if upload.is_inline and place in html:
            html = html.replace(place, f'data-cid="{upload.content_id}"')
            used.append(upload.public_id)
        elif f'data-cid="{upload.content_id}"' in html and upload.is_inline:
            used.append(upload.public_id)
    return html, used


class AssignForm(forms.Form):
    """To a person, to a team, or to nobody."""

    assignee = forms.ModelChoiceField(
        User.objects.able_to_reply(), required=False, empty_label=""
    )
    team = forms.ModelChoiceField(Team.objects.all(), required=False)

    def __init__(self, data: QueryDict, *, conversation: Conversation) -> None:
        super().__init__(data)
        self.conversation = conversation

    @property
    def is_for_team(self) -> bool:
        return "team" in self.data

    def clean_assignee(self) -> User | None:
        assignee: User | None = self.cleaned_data["assignee"]
        if assignee and not may_be_assigned(assignee, self.conversation):
            raise ValidationError(_("They could not see this conversation."))
        return assignee

    def clean(self) -> dict[str, Any]:
        if "team" not in self.data and "assignee" not in self.data:
            raise ValidationError(_("Say whom it goes to."))
        return self.cleaned_data


class SnoozeForm(forms.Form):
    """A preset, a moment in the agent's own time, or until the customer writes."""

    until = forms.CharField(max_length=40)

    def clean_until(self) -> datetime | None:
        value = str(self.cleaned_data["until"])
        if value == "reply":
            return None
        for choice in snooze_choices(timezone.localtime()):
            if choice.value == value:
                return choice.at
        return _moment(value)


def _moment(value: str) -> datetime:
    try:
        moment = parse_datetime(value)
    except ValueError:
        moment = None
    if moment is None:
        raise ValidationError(_("This is not a day and time."))
    if timezone.is_naive(moment):
        moment = timezone.make_aware(moment)
    if moment <= timezone.now():
        raise ValidationError(_("Choose a time in the future."))
    return moment


class PriorityForm(forms.Form):
    priority = forms.TypedChoiceField(choices=Priority.choices, coerce=int)


class TagsForm(forms.Form):
    """Tags that are ticked, those that were before, and the name of one to add.

    Only what differs is changed: others may have changed the rest in the meantime.
    """

    tag = forms.ModelMultipleChoiceField(Tag.objects.order_by("id"), required=False)
    was = forms.ModelMultipleChoiceField(Tag.objects.order_by("id"), required=False)
    new = forms.CharField(max_length=60, required=False)

    @property
    def added(self) -> list[Tag]:
        return _without(self.cleaned_data["tag"], self.cleaned_data["was"])

    @property
    def removed(self) -> list[Tag]:
        return _without(self.cleaned_data["was"], self.cleaned_data["tag"])


def _without(tags: Iterable[Tag], others: Iterable[Tag]) -> list[Tag]:
    known = set(others)
    return [tag for tag in tags if tag not in known]


class SavedViewForm(forms.Form):
    """A name for the list as it is."""

    name = forms.CharField(max_length=80)
    is_shared = forms.BooleanField(required=False)


class RenameForm(forms.Form):
    subject = forms.CharField(max_length=998)


class BulkForm(forms.Form):
    """One thing done to several conversations."""

    ACTIONS = ("assign_me", "close", "reopen", "spam", "unread")
    MOST = 200
    action = forms.ChoiceField(choices=[(name, name) for name in ACTIONS])

    def clean(self) -> dict[str, Any]:
        chosen = self.data.getlist("conversation")  # type: ignore[attr-defined]
        if not all(pk.isascii() and pk.isdecimal() and len(pk) < 18 for pk in chosen):
            raise ValidationError(_("This is not a conversation."))
        ids = sorted({int(pk) for pk in chosen})
        if not ids or len(ids) > self.MOST:
            raise ValidationError(_("Choose up to 200 conversations."))
        self.cleaned_data["ids"] = ids
        return self.cleaned_data
