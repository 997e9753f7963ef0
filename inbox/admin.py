"""Django admin for brands and tags, and a look at conversations and deliveries."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from helpdesk.core.admin_tables import ReadOnlyAdmin
from helpdesk.core.html import sanitize_compose
from inbox.actions.labels import delete_tag
from inbox.models import Brand, Conversation, Delivery, Tag


class BrandForm(forms.ModelForm):  # type: ignore[type-arg]
    """A brand's signature may be formatted, as far as our own editor can do it."""

    class Meta:
        model = Brand
        fields = ("name", "signature")
        widgets = {"signature": forms.Textarea(attrs={"rows": 5})}

    def clean_signature(self) -> str:
        signature = str(self.cleaned_data["signature"]).strip()
        return sanitize_compose(signature) if "<" in signature else signature


@admin.register(Brand)
class BrandAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    section, place = "channels", 2
    form = BrandForm
    list_display = ("name", "created_at")
    search_fields = ("name",)
    ordering = ("name", "id")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None and not obj.channels.exists()


class TagForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Tag
        fields = ("name",)

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    section, place = "words", 1
    form = TagForm
    list_display = ("name", "created_at")
    search_fields = ("name",)
    ordering = ("name", "id")

    def delete_model(self, request: HttpRequest, obj: Tag) -> None:
        delete_tag(tag_id=obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Tag]) -> None:
        for tag in queryset:
            delete_tag(tag_id=tag.pk)


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    section, place = "desk", 2
    list_display = (
        *("subject_line", "customer", "status", "assignee", "team", "channel"),
        "last_activity_at",
    )
    list_filter = ("status", "channel", "team")
    list_select_related = ("customer", "assignee", "team", "channel")
    ordering = ("-last_activity_at", "-id")
    fields = (
        *("open_in_desk", "subject", "customer", "channel", "identity", "status"),
        *("priority", "assignee", "team", "due_at", "snoozed_until", "waiting_since"),
        *("last_activity_at", "closed_at"),
    )
    readonly_fields = ("open_in_desk",)

    @admin.display(description=_("subject"))
    def subject_line(self, conversation: Conversation) -> Any:
        return conversation.title[:80]

    @admin.display(description=_("in the desk"))
    def open_in_desk(self, conversation: Conversation) -> str:
        return link_to_conversation(conversation.pk)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    section, place = "traffic", 2
    list_display = ("item_id", "channel", "state", "attempts", "send_after", "reason")
    list_filter = ("state", "channel")
    list_select_related = ("channel",)
    ordering = ("-item_id",)
    fields = (
        *("conversation_link", "channel", "state", "attempts", "send_after"),
        *("give_up_at", "sent_at", "provider_message_id", "reason", "diagnostic"),
        "failed_recipients",
    )
    readonly_fields = ("conversation_link",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        return Delivery.objects.defer("diagnostic")

    @admin.display(description=_("conversation"))
    def conversation_link(self, delivery: Delivery) -> str:
        return link_to_conversation(delivery.conversation_id)


def link_to_conversation(conversation_id: int) -> str:
    """Return a link to where agents see the conversation."""
    url = reverse("inbox:conversation", args=[conversation_id])
    return format_html('<a href="{}">{}</a>', url, _("Open"))
