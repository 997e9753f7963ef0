import threading

import pytest
from django.db import connection
from django.utils.translation import gettext, override

from channels_ingest.delivering import deliver_due
from channels_ingest.providers.chat.settings import ContinuityByMail
from helpdesk.chat.actions import continuing
from helpdesk.chat.actions.continuing import (
    continue_by_mail,
    continue_chats,
    withdraw_seen,
)
from helpdesk.chat.models import ChatState
from helpdesk.core.files import store_file
from helpdesk.core.outbox import relay_all
from inbox.models import Attachment, Channel, Conversation, Delivery, DeliveryState
from tests.factories import TimelineItemFactory, UserFactory
from tests.helpdesk.chat.chats import answer, chat
from tests.helpdesk.chat.continuing import (
    MAYA,
    after,
    body_of,
    events,
    read,
    see,
    state_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_counters")]
BY_MAIL = ContinuityByMail()


class TestContinueChats:
    def test_sends_on_what_was_not_seen_for_five_minutes(self, server):
        conversation = chat(server=server)
        answer(conversation)

        early = continue_chats(now=after(4))
        late = continue_chats(now=after(6))
        deliver_due(now=after(7))

        mail = read(server.mails[0])
        (event,) = events(conversation)
        assert (early, late) == (0, 1)
        assert server.mails[0].rcpt_tos == [MAYA]
        assert "Noor Okafor wrote:\n\nIt is on its way." in body_of(mail)
        assert "answer this mail or return to the chat." in body_of(mail)
        assert event.payload == {
            "name": "continued",
            "to": MAYA,
            "count": 1,
            "seqs": [2],
        }
        assert event.delivery.state == DeliveryState.SENT

    def test_puts_what_belongs_together_into_one_mail(self, server):
        conversation = chat(server=server)
        first = answer(conversation, "One moment.")
        second = answer(conversation, "It arrives tomorrow.", author=first.agent)
        answer(conversation, "I looked, too.", author=UserFactory(name="Sam Lee"))

        continue_chats(now=after(6))
        deliver_due(now=after(7))

        text = body_of(read(server.mails[0]))
        assert len(server.mails) == 1
        assert text.count("Noor Okafor wrote:") == 1
        assert text.index(second.text) < text.index("Sam Lee wrote:")

    def test_sends_nothing_twice(self, server):
        conversation = chat(server=server)
        answer(conversation)

        counts = [continue_chats(now=after(minutes)) for minutes in (6, 6, 30, 600)]
        deliver_due(now=after(7))

        assert counts == [1, 0, 0, 0]
        assert len(server.mails) == 1

    def test_sends_at_most_one_mail_in_the_gap(self, server):
        conversation = chat(server=server, by_mail={"minutes": 1, "gap_minutes": 30})
        answer(conversation, "First.")
        continue_chats(now=after(2))
        answer(conversation, "Second.")
        answer(conversation, "Third.")

        within = continue_chats(now=after(20))
        afterwards = continue_chats(now=after(33))

        assert (within, afterwards) == (0, 1)
        assert [it.payload["seqs"] for it in events(conversation)] == [[2], [4, 5]]

    def test_leaves_for_the_next_mail_what_is_too_much_for_one(self):
        conversation = chat(by_mail={"most_messages": 2})
        for number in range(3):
            answer(conversation, f"Answer {number}")

        continue_chats(now=after(6))
        continue_chats(now=after(17))

        assert [it.payload["seqs"] for it in events(conversation)] == [[2, 3], [4]]

    def test_sends_nothing_that_was_seen_meanwhile(self):
        conversation = chat()
        item = answer(conversation)
        see(conversation, seq=item.seq)

        assert continue_chats(now=after(6)) == 0
        assert events(conversation) == []

    def test_sends_only_what_came_after_what_was_seen(self):
        conversation = chat()
        seen = answer(conversation, "Seen.")
        see(conversation, seq=seen.seq)
        unseen = answer(conversation, "Not seen.")

        continue_chats(now=after(6))

        (event,) = events(conversation)
        assert event.payload["seqs"] == [unseen.seq]
        assert "\n\nSeen." not in event.text

    def test_goes_on_without_a_chat_that_was_switched_off(self, server):
        conversation = chat(server=server)
        item = answer(conversation)
        Channel.objects.filter(pk=item.channel_id).update(is_active=False)

        continue_chats(now=after(6))
        deliver_due(now=after(7))

        text = body_of(read(server.mails[0]))
        assert item.text in text
        assert "http" not in text

    def test_stays_in_the_chat_where_it_is_turned_off(self):
        conversation = chat(by_mail={"is_on": False})
        answer(conversation)

        assert continue_chats(now=after(6)) == 0

    def test_never_sends_a_note_or_what_can_still_be_taken_back(self):
        conversation = chat(by_mail={"minutes": 0})
        TimelineItemFactory(conversation=conversation, note=True, text="Secret")
        item = answer(conversation)
        Delivery.objects.filter(pk=item.pk).update(state=DeliveryState.HELD)

        while_held = continue_chats(now=after(6))
        Delivery.objects.filter(pk=item.pk).update(state=DeliveryState.SENT)
        afterwards = continue_chats(now=after(6))

        (event,) = events(conversation)
        assert (while_held, afterwards) == (0, 1)
        assert "Secret" not in event.text

    def test_sends_later_what_could_be_taken_back_when_the_mail_left(self):
        conversation = chat()
        answer(conversation)
        held = answer(conversation, "And one more thing.")
        Delivery.objects.filter(item=held).update(state=DeliveryState.HELD)

        continue_chats(now=after(6))
        Delivery.objects.filter(item=held).update(state=DeliveryState.SENT)
        continue_chats(now=after(20))

        assert [it.payload["seqs"] for it in events(conversation)] == [[2], [3]]

    def test_lets_nothing_overtake_what_can_still_be_taken_back(self):
        conversation = chat()
        held = answer(conversation)
        Delivery.objects.filter(item=held).update(state=DeliveryState.HELD)
        answer(conversation, "It was written later and could not be taken back.")

        while_held = continue_chats(now=after(6))
        Delivery.objects.filter(item=held).update(state=DeliveryState.SENT)
        continue_chats(now=after(7))

        assert while_held == 0
        assert [it.payload["seqs"] for it in events(conversation)] == [[2, 3]]

    @pytest.mark.parametrize("name", ["minutes", "gap_minutes"])
    def test_may_be_set_to_wait_for_a_week(self, name):
        week = 7 * 24 * 60
        conversation = chat(by_mail={name: week})
        answer(conversation)
        continue_chats(now=after(6))
        answer(conversation, "And one more thing.")

        continue_chats(now=after(week + 10))

        counts = [it.payload["count"] for it in events(conversation)]
        assert counts == ([2] if name == "minutes" else [1, 1])

    def test_goes_on_for_the_others_when_one_fails(self):
        broken = chat(address="one@shop.example")
        sound = chat(address="two@shop.example")
        answer(broken)
        answer(sound)
        Conversation.objects.filter(pk=broken.pk).update(last_seq=0)

        count = continue_chats(now=after(6))

        assert count == 1
        assert len(events(sound)) == 1

    def test_carries_the_files_and_formatting_of_the_answer(self, server):
        conversation = chat(server=server)
        item = answer(conversation, "See this.", html="<p>See <b>this</b>.</p>")
        stored = store_file(b"%PDF-1.7")
        Attachment.objects.create(
            item=item,
            name="invoice.pdf",
            content_type="application/pdf",
            stored_name=stored.stored_name,
            size=stored.size,
        )

        continue_chats(now=after(6))
        deliver_due(now=after(7))

        mail = read(server.mails[0])
        (file,) = mail.iter_attachments()
        assert file.get_content() == b"%PDF-1.7"
        assert "<b>this</b>" in body_of(mail, "html")

    def test_speaks_the_visitors_language(self):
        conversation = chat(locale="de")
        answer(conversation)

        continue_chats(now=after(6))

        (event,) = events(conversation)
        with override("de"):
            assert event.subject.startswith(
                gettext("Your chat with %(brand)s").split("%", maxsplit=1)[0]
            )
            assert gettext("%(name)s wrote:") % {"name": "Noor Okafor"} in event.text

    def test_shows_the_reader_nothing_that_the_visitor_typed(self, server):
        conversation = chat(server=server, claimed_name="Win a prize at evil.example")
        answer(conversation)

        continue_chats(now=after(6))
        deliver_due(now=after(7))

        content = server.mails[0].content.decode()
        assert "Where is my tent" not in content
        assert "evil.example" not in content


class TestContinueByMail:
    def test_killed_before_the_commit_has_sent_nothing_and_is_done_again(
        self, monkeypatch
    ):
        conversation = chat()
        answer(conversation)

        def die(step):
            raise SystemExit(step)

        monkeypatch.setattr(continuing, "crash_point", die)
        with pytest.raises(SystemExit, match="written"):
            continue_chats(now=after(6))
        left = (events(conversation), state_of(conversation).continued_seq)
        monkeypatch.undo()

        assert left == ([], 0)
        assert continue_chats(now=after(6)) == 1

    @pytest.mark.django_db(transaction=True)
    def test_killed_after_the_commit_is_not_done_again(self, monkeypatch, server):
        conversation = chat(server=server)
        answer(conversation)

        def die(step):
            if step == "continue.committed":
                raise SystemExit(step)

        monkeypatch.setattr(continuing, "crash_point", die)
        with pytest.raises(SystemExit):
            continue_chats(now=after(6))
        monkeypatch.undo()

        assert continue_chats(now=after(6)) == 0
        deliver_due(now=after(7))
        assert len(server.mails) == 1

    @pytest.mark.django_db(transaction=True)
    def test_by_several_workers_at_once_sends_one_mail(self):
        conversation = chat()
        answer(conversation)
        start = threading.Barrier(4)
        made = []

        def work():
            start.wait()
            try:
                item = continue_by_mail(
                    conversation_id=conversation.pk, by_mail=BY_MAIL, now=after(6)
                )
                made.append(item)
            finally:
                connection.close()

        workers = [threading.Thread(target=work) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

        assert len(made) == 4
        assert len([item for item in made if item is not None]) == 1
        assert len(events(conversation)) == 1

    def test_looks_no_further_where_nothing_waits(self):
        conversation = chat()
        item = answer(conversation)
        see(conversation, seq=item.seq)
        ChatState.objects.update(unseen_since=item.received_at)

        continue_chats(now=after(6))

        assert state_of(conversation).unseen_since is None

    def test_leaves_alone_what_waited_for_days(self):
        conversation = chat()
        answer(conversation)

        assert continue_chats(now=after(4 * 24 * 60)) == 0


class TestWithdrawSeen:
    def test_keeps_a_mail_back_that_was_not_sent_when_all_was_seen(self, server):
        conversation = chat(server=server)
        item = answer(conversation)
        continue_chats(now=after(6))
        see(conversation, seq=item.seq)

        count = withdraw_seen()
        deliver_due(now=after(7))

        assert count == 1
        assert server.mails == []
        assert events(conversation)[0].delivery.state == DeliveryState.CANCELED

    def test_happens_as_soon_as_the_visitor_looks(self):
        conversation = chat()
        item = answer(conversation)
        continue_chats(now=after(6))

        see(conversation, seq=item.seq)
        relay_all()

        assert events(conversation)[0].delivery.state == DeliveryState.CANCELED

    def test_lets_go_what_was_seen_only_in_part(self, server):
        conversation = chat(server=server)
        item = answer(conversation)
        answer(conversation, "And more.")
        continue_chats(now=after(6))
        see(conversation, seq=item.seq)

        count = withdraw_seen()
        deliver_due(now=after(7))

        assert count == 0
        assert len(server.mails) == 1
