"""Every address of the desk, with what it needs: the table that role tests walk."""

from dataclasses import dataclass, field

from django.urls import reverse

from customers.models import Merge
from helpdesk.accounts import roles
from helpdesk.core.files import store_file
from inbox.models import Attachment, Draft, Upload
from tests.factories import CustomerFactory, IdentityFactory, TimelineItemFactory


@dataclass
class Address:
    name: str
    method: str = "get"
    of: str = "conversation"
    needs: str = roles.READ
    data: dict = field(default_factory=dict)
    answers: tuple = (200, 204, 302)
    """What somebody gets who may do it."""

    @property
    def is_write(self):
        return self.method != "get"

    def __str__(self):
        return f"{self.method} {self.name}"


ADDRESSES = [
    Address("inbox:conversation"),
    Address("inbox:timeline"),
    Address("inbox:earlier-items"),
    Address("inbox:topics"),
    Address("inbox:topic"),
    Address("inbox:mentions", needs=roles.NOTE),
    Address(
        "inbox:reply", "post", needs=roles.NOTE, data={"mode": "note", "text": "x"}
    ),
    Address("inbox:draft", "post", needs=roles.NOTE, data={"text": "x"}),
    Address("inbox:upload", "post", needs=roles.NOTE, answers=(422,)),
    Address("inbox:upload", "delete", needs=roles.NOTE, answers=(404,)),
    Address("inbox:assignees", needs=roles.ASSIGN),
    Address("inbox:tag-choices", needs=roles.ORGANIZE),
    Address("inbox:assign", "post", needs=roles.ASSIGN, data={"assignee": ""}),
    Address("inbox:snooze", "post", needs=roles.ORGANIZE, data={"until": "reply"}),
    Address("inbox:close", "post", needs=roles.ORGANIZE),
    Address("inbox:reopen", "post", needs=roles.ORGANIZE),
    Address("inbox:spam", "post", needs=roles.ORGANIZE),
    Address("inbox:priority", "post", needs=roles.ORGANIZE, data={"priority": "3"}),
    Address("inbox:tags", "post", needs=roles.ORGANIZE, data={"new": "x"}),
    Address("inbox:rename", "post", needs=roles.ORGANIZE, data={"subject": "x"}),
    Address("inbox:unread", "post", needs=roles.ORGANIZE),
    Address("inbox:undo-send", "post", of="item", needs=roles.REPLY, answers=(404,)),
    Address("inbox:retry", "post", of="item", needs=roles.REPLY, answers=(404,)),
    Address("inbox:let-in", "post", of="item", needs=roles.REPLY),
    Address("inbox:show-images", "post", of="item", needs=roles.ORGANIZE),
    Address("inbox:item-html", of="item"),
    Address("inbox:item-quoted", of="item"),
    Address("inbox:item-signature", of="item"),
    Address("inbox:file", of="file"),
    Address("inbox:image", of="file"),
    Address("inbox:sound", of="file"),
    Address("inbox:upload-file", of="upload", needs=roles.NOTE),
    Address("inbox:customer-topics", of="customer"),
    Address("inbox:customer-timeline", of="customer"),
    Address("customers:detail", of="customer"),
    Address(
        "customers:detail",
        "post",
        of="customer",
        needs=roles.EDIT_CUSTOMER,
        data={"name": "x"},
    ),
    Address("customers:panel", of="customer"),
    Address("customers:notes", "post", of="customer", needs=roles.EDIT_CUSTOMER),
    Address("customers:merge-choice", of="customer", needs=roles.MERGE),
    Address("customers:merge", of="pair", needs=roles.MERGE),
    Address(
        "customers:merge",
        "post",
        of="pair",
        needs=roles.MERGE,
        data={"answer": "merge"},
    ),
    Address("customers:unmerge", "post", of="merge", needs=roles.MERGE),
]


class Scene:
    """One conversation with everything that hangs on it."""

    def __init__(self, *, agent):
        self.item = TimelineItemFactory(html="<p>x</p>")
        self.conversation = self.item.conversation
        self.customer = self.conversation.customer
        self.other = CustomerFactory(name="Another Person")
        IdentityFactory(customer=self.other)
        self.merge = Merge.objects.create(
            kept=self.customer, absorbed=CustomerFactory(merged_into=self.customer)
        )
        stored = store_file(b"hello").stored_name
        self.file = Attachment.objects.create(
            item=self.item, name="a.png", stored_name=stored
        )
        self.upload = Upload.objects.create(
            conversation=self.conversation, agent=agent, name="a", stored_name=stored
        )
        Draft.objects.create(conversation=self.conversation, agent=agent, text="x")

    def url(self, address):
        return reverse(address.name, args=self._args(address.of))

    def _args(self, kind):
        if kind == "pair":
            return [self.customer.pk, self.other.pk]
        if kind == "merge":
            return [self.customer.pk, self.merge.pk]
        thing = getattr(self, kind)
        return [thing.public_id if kind in ("file", "upload") else thing.pk]
