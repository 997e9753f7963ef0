"""English words with two senses, in languages that have a word for each."""

from django.template.loader import render_to_string
from django.utils import translation

from inbox.models import Status, TimelineItem
from inbox.queues import QUEUES
from inbox.views.presenting.events import sentence_of


class TestClosed:
    def test_is_one_word_of_a_conversation_and_another_of_a_queue(self):
        with translation.override("es"):
            assert Status.CLOSED.label == "Cerrada"
            assert QUEUES["closed"].label == "Cerradas"

    def test_tells_what_happened_as_other_events_do(self):
        happened = TimelineItem(payload={"name": "closed"})

        with translation.override("ja"):
            assert sentence_of(happened).text == "クローズしました"
            assert Status.CLOSED.label == "クローズ済み"


class TestSnoozed:
    def test_is_named_in_the_list_of_keys_as_the_queue_is(self):
        with translation.override("fr"):
            keys = render_to_string("inbox/_shortcuts.html", {"id": "shortcuts"})

            assert QUEUES["snoozed"].label == "Reportées"
            assert "Reportées" in keys
            assert Status.SNOOZED.label == "Reportée"


class TestClose:
    def test_of_a_dialog_is_not_that_of_a_conversation(self):
        with translation.override("ja"):
            dialog = render_to_string("components/_dialog.html", {"id": "any"})

            assert 'aria-label="閉じる"' in dialog
            assert translation.pgettext("conversation", "Close") == "クローズ"
