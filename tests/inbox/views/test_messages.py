import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from inbox.models import (
    Attachment,
    Conversation,
    Delivery,
    DeliveryState,
    Draft,
    Mention,
    Participant,
    Status,
    TimelineItem,
    Upload,
)
from inbox.models.conversation import ParticipantRole
from tests.factories import (
    ChannelFactory,
    ConversationFactory,
    IdentityFactory,
    TimelineItemFactory,
    UserFactory,
)


@pytest.fixture
def conversation(db):
    item = TimelineItemFactory(conversation__channel__undo_seconds=10)
    item.conversation.refresh_from_db()
    return item.conversation


def words(conversation, **changes):
    return {
        "mode": "reply",
        "to": "maya@people.example",
        "html": "<p>It is <b>on its way</b>.</p>",
        "client_id": str(uuid.uuid4()),
        "seen_seq": conversation.last_seq,
        **changes,
    }


def url_of(conversation, name="reply"):
    return reverse(f"inbox:{name}", args=[conversation.pk])


def written(conversation):
    return conversation.items.filter(direction=2).order_by("seq")


class TestReply:
    def test_sends_what_was_written_and_answers_with_an_empty_composer(
        self, part, conversation, agent
    ):
        response = part.post(url_of(conversation), words(conversation))

        item = written(conversation).get()
        assert response.status_code == 200
        assert 'id="composer"' in response.content.decode()
        assert "on its way" not in response.content.decode()
        assert (item.text, item.agent) == ("It is on its way.", agent)
        assert item.html == "<p>It is <b>on its way</b>.</p>"
        assert item.detail.to == [{"name": "", "handle": "maya@people.example"}]
        assert item.subject == f"Re: {conversation.subject}"
        assert item.delivery.state == DeliveryState.HELD

    def test_tells_the_open_page_what_changed(self, part, conversation):
        response = part.post(url_of(conversation), words(conversation))

        assert "conversation:changed" in response["HX-Trigger"]
        assert str(conversation.pk) in response["HX-Trigger"]

    @pytest.mark.parametrize(
        "subject", ["Where is it?", "Re: Where is it?", "AW: FW: Where is it?"]
    )
    def test_goes_out_under_the_subject_of_the_mail(self, part, conversation, subject):
        TimelineItem.objects.filter(conversation=conversation).update(subject=subject)
        Conversation.objects.update(subject="VIP, always angry")

        part.post(url_of(conversation), words(conversation))

        assert written(conversation).get().subject == "Re: Where is it?"

    def test_works_as_a_plain_form(self, desk, conversation):
        data = words(conversation, html="", text="Plain words")
        data["files"] = SimpleUploadedFile("note.txt", b"hello")

        response = desk.post(url_of(conversation), data)

        item = written(conversation).get()
        assert response.status_code == 302
        assert item.text == "Plain words"
        assert [it.name for it in item.attachments.all()] == ["note.txt"]

    def test_twice_with_one_id_is_one_message(self, part, conversation):
        data = words(conversation)

        part.post(url_of(conversation), data)
        again = part.post(url_of(conversation), data)

        assert again.status_code == 200
        assert written(conversation).count() == 1

    def test_takes_scripts_and_foreign_pictures_out(self, part, conversation):
        html = '<p onclick="x()">Hi<script>x()</script><img src="http://e/x.png"></p>'

        part.post(url_of(conversation), words(conversation, html=html))

        assert written(conversation).get().html == "<p>Hi</p>"

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"to": ""}, "Say whom it goes to"),
            ({"to": "maya"}, "is not a mail address"),
            ({"cc": "x@y"}, "is not a mail address"),
            ({"html": "", "text": "  "}, "Write something first"),
        ],
    )
    def test_says_what_stands_in_the_way(self, part, conversation, changes, said):
        response = part.post(url_of(conversation), words(conversation, **changes))

        assert response.status_code == 422
        assert said in response.content.decode()
        assert not written(conversation).exists()

    def test_shows_first_what_somebody_else_answered(self, part, conversation):
        data = words(conversation)
        sam = UserFactory(name="Sam Field")
        TimelineItemFactory(
            conversation=conversation, outbound=True, agent=sam, text="Done already"
        )

        response = part.post(url_of(conversation), data)

        page = response.content.decode()
        assert response.status_code == 409
        assert "Sam Field answered: Done already" in page
        assert "Send anyway" in page
        assert written(conversation).count() == 1

    def test_shows_first_what_the_customer_wrote(self, part, conversation):
        data = words(conversation)
        TimelineItemFactory(conversation=conversation, text="Forget <b>it</b>")

        response = part.post(url_of(conversation), data)

        assert response.status_code == 409
        assert "wrote: Forget &lt;b&gt;it&lt;/b&gt;" in response.content.decode()

    def test_sends_anyway_when_told_so(self, part, conversation):
        data = words(conversation)
        newer = TimelineItemFactory(conversation=conversation)

        response = part.post(
            url_of(conversation), {**data, "seen_seq_confirmed": newer.seq}
        )

        assert response.status_code == 200
        assert written(conversation).count() == 1

    def test_asks_again_if_more_happened_since(self, part, conversation):
        first = TimelineItemFactory(conversation=conversation)
        TimelineItemFactory(conversation=conversation)
        data = words(conversation, seen_seq_confirmed=first.seq)

        assert part.post(url_of(conversation), data).status_code == 409

    def test_guards_plain_forms_too_and_keeps_the_words(self, desk, conversation):
        data = words(conversation, html="", text="Kept words")
        TimelineItemFactory(conversation=conversation)

        response = desk.post(url_of(conversation), data)

        assert response.status_code == 409
        assert "Kept words" in response.content.decode()

    @pytest.mark.parametrize(
        ("then", "status"),
        [
            ("open", Status.OPEN),
            ("", Status.OPEN),
            ("wait", Status.WAITING),
            ("close", Status.CLOSED),
        ],
    )
    def test_puts_the_conversation_aside_as_asked(
        self, part, conversation, then, status
    ):
        part.post(url_of(conversation), words(conversation, then=then))

        conversation.refresh_from_db()
        assert conversation.status == status

    def test_lets_in_whoever_is_written_to(self, part, conversation):
        part.post(url_of(conversation), words(conversation, cc="boss@people.example"))

        participant = Participant.objects.get(
            conversation=conversation, identity__value="boss@people.example"
        )
        assert participant.role == ParticipantRole.COPIED

    def test_forwards_without_words_and_with_the_files(self, part, conversation):
        newest = conversation.items.get()
        Attachment.objects.create(
            item=newest, name="bill.pdf", stored_name="ab/cd/" + "ab" * 16
        )

        part.post(
            url_of(conversation),
            words(conversation, mode="forward", to="lab@else.example", html=""),
        )

        item = written(conversation).get()
        assert item.payload["mode"] == "forward"
        assert item.subject.startswith("Fwd: ")
        assert [it.name for it in item.attachments.all()] == ["bill.pdf"]

    def test_attaches_only_files_of_the_same_draft_and_agent(
        self, part, conversation, agent
    ):
        colleague, elsewhere = UserFactory(), ConversationFactory()
        own = _upload(conversation, agent)
        foreign = [_upload(conversation, colleague), _upload(elsewhere, agent)]
        chosen = [str(it.public_id) for it in (own, *foreign)]

        part.post(url_of(conversation), words(conversation, upload=chosen))

        assert written(conversation).get().attachments.count() == 1
        assert set(Upload.objects.all()) == set(foreign)


def _upload(conversation, agent):
    return Upload.objects.create(
        conversation=conversation, agent=agent, name="a.txt", stored_name="x"
    )


class TestNote:
    def test_calls_those_it_mentions_if_they_may_see_it(self, part, conversation):
        sam = UserFactory(name="Sam Field")
        blind = UserFactory(name="Bea Blind", sight="assigned")
        named = UserFactory(name="Ana Lima")
        data = words(
            conversation,
            mode="note",
            html="<p>@Ana Lima please look</p>",
            mention=[sam.pk, blind.pk, "x", "9" * 30],
        )

        part.post(url_of(conversation), data)

        note = TimelineItem.objects.get(kind="note")
        called = Mention.objects.filter(item=note).values_list("agent_id", flat=True)
        assert set(called) == {sam.pk, named.pk}
        assert note.visibility == "internal"
        assert not Delivery.objects.exists()

    def test_ignores_recipients(self, part, conversation):
        response = part.post(
            url_of(conversation), words(conversation, mode="note", to="nonsense")
        )

        assert response.status_code == 200


class TestUndoSend:
    def send(self, part, conversation, **changes):
        part.post(url_of(conversation), words(conversation, **changes))
        return written(conversation).get()

    def test_puts_the_words_back(self, part, conversation, agent):
        item = self.send(part, conversation)

        response = part.post(url_of(item, "undo-send"))

        draft = Draft.objects.get(conversation=conversation, agent=agent)
        assert response.status_code == 200
        assert "on its way" in response.content.decode()
        assert draft.text == "It is on its way."
        assert not written(conversation).exists()

    @pytest.mark.parametrize("then", ["wait", "close"])
    def test_brings_the_conversation_back_as_well(self, part, conversation, then):
        item = self.send(part, conversation, then=then)

        part.post(url_of(item, "undo-send"))

        conversation.refresh_from_db()
        assert conversation.status == Status.OPEN
        assert conversation.waiting_since is not None
        assert [it.kind for it in conversation.items.all()] == ["message"]

    def test_says_when_it_is_too_late(self, part, conversation):
        item = self.send(part, conversation)
        Delivery.objects.update(state=DeliveryState.SENDING)

        response = part.post(url_of(item, "undo-send"))

        assert response.status_code == 409
        assert "It has left already" in response.content.decode()
        assert written(conversation).exists()

    def test_is_for_the_author_alone(self, part, conversation, client):
        item = self.send(part, conversation)
        client.force_login(UserFactory(admin=True))

        assert client.post(url_of(item, "undo-send")).status_code == 404


class TestRetry:
    def test_queues_it_once_more(self, part, conversation):
        item = TimelineItemFactory(conversation=conversation, outbound=True)
        Delivery.objects.create(
            item=item,
            conversation=conversation,
            channel=item.channel,
            state=DeliveryState.FAILED,
        )

        response = part.post(url_of(item, "retry"))

        assert "On its way" in response.content.decode()
        assert Delivery.objects.get().state == DeliveryState.QUEUED

    def test_is_not_for_what_was_never_sent(self, part, conversation):
        item = conversation.items.get()

        assert part.post(url_of(item, "retry")).status_code == 404


class TestLetStrangerIn:
    def test_makes_them_part_of_it(self, part, conversation):
        stranger = IdentityFactory()
        item = TimelineItemFactory(conversation=conversation, identity=stranger)
        Participant.objects.create(
            conversation=conversation,
            identity=stranger,
            role=ParticipantRole.STRANGER,
        )
        before = part.get(url_of(conversation, "conversation")).content.decode()

        part.post(url_of(item, "let-in"))

        after = part.get(url_of(conversation, "conversation")).content.decode()
        assert "was not part of this conversation" in before
        assert "was not part of this conversation" not in after
        assert f"{stranger.value} takes part from now on" in after


@pytest.mark.django_db(transaction=True)
class TestSendingAtOnce:
    def test_two_submits_at_the_same_moment_make_one_message(self):
        agent = UserFactory()
        item = TimelineItemFactory(conversation__channel=ChannelFactory())
        item.conversation.refresh_from_db()
        data, url = words(item.conversation), url_of(item.conversation)

        def submit(_):
            browser = Client()
            browser.force_login(agent)
            status = browser.post(url, data).status_code
            connection.close()
            return status

        with ThreadPoolExecutor(4) as pool:
            statuses = list(pool.map(submit, range(4)))

        assert set(statuses) == {302}
        assert written(item.conversation).count() == 1
