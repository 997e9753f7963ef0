"""The search index, kept apart so that receiving a message never pays for it."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _


class SearchPending(models.Model):
    """A timeline item that the index does not know yet."""

    item = models.OneToOneField(
        "inbox.TimelineItem",
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="+",
    )

    class Meta:
        verbose_name = _("item to index")
        verbose_name_plural = _("items to index")

    def __str__(self) -> str:
        return str(self.item_id)


class SearchDocument(models.Model):
    """What can be found of one timeline item: words, and bigrams of CJK text."""

    item = models.OneToOneField(
        "inbox.TimelineItem",
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="search_document",
    )
    conversation_id = models.BigIntegerField()
    customer_id = models.BigIntegerField()
    occurred_at = models.DateTimeField()
    words = SearchVectorField(null=True)
    bigrams = SearchVectorField(null=True)
    """Of Chinese, Japanese and Korean runs only; None where there are none."""

    class Meta:
        verbose_name = _("search document")
        verbose_name_plural = _("search documents")
        indexes = [
            GinIndex(fields=["words"], name="search_words"),
            GinIndex(
                fields=["bigrams"],
                name="search_bigrams",
                condition=models.Q(bigrams__isnull=False),
            ),
            models.Index(fields=["-occurred_at", "-item"], name="search_newest"),
            models.Index(fields=["conversation_id"], name="search_conversation"),
            models.Index(
                fields=["customer_id", "-occurred_at"], name="search_customer"
            ),
        ]

    def __str__(self) -> str:
        return str(self.item_id)
