import pytest

from channels_ingest.history import history_of
from tests.factories import (
    ConversationFactory,
    IdentityFactory,
    TimelineItemFactory,
    VisitorFactory,
)

pytestmark = pytest.mark.django_db


def conversation_with(identity, channel=None):
    more = {"channel": channel} if channel else {}
    conversation = ConversationFactory(identity=identity, **more)
    TimelineItemFactory(conversation=conversation, text="Is it blue?")
    return conversation


def chat(**fields):
    visitor = VisitorFactory(**fields)
    return conversation_with(visitor.identity, visitor.channel)


def history(conversation, **payload):
    answer = TimelineItemFactory(
        conversation=conversation, outbound=True, payload=payload
    )
    return history_of(answer)


class TestHistoryOf:
    def test_names_who_wrote(self):
        text, _ = history(chat(customer__name="Maya Rivera"))

        assert "Maya Rivera wrote:\n> Is it blue?" in text

    def test_calls_whoever_gave_no_name_a_visitor(self):
        for part in history(chat(customer__name="")):
            assert "Visitor wrote:" in part
            assert "visitor:" not in part

    def test_passes_on_no_handle_of_a_chat(self):
        for part in history(chat(customer__name=""), mode="forward"):
            assert "From: Visitor" in part
            assert "visitor:" not in part

    def test_passes_on_the_address_of_mail(self):
        address = IdentityFactory(value="maya@rivera.example", display_name="Maya")

        text, _ = history(conversation_with(address), mode="forward")

        assert "From: Maya <maya@rivera.example>" in text
