import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from helpdesk.api import sending
from helpdesk.api.actions.deliveries import LEASE, replay_since, send_again
from helpdesk.api.actions.endpoints import renew_secret
from helpdesk.api.models import DeliveryProgress, WebhookDelivery, WebhookEndpoint
from helpdesk.api.sending import send_webhooks_due
from tests.helpdesk.api.hearing import endpoint_of, is_signed, told, types
from tests.helpdesk.chat.chats import answer, chat

pytestmark = pytest.mark.django_db
CREATED = ["message.created"]


def later(**time):
    return timezone.now() + timedelta(**time)


def ids(site):
    return [headers["webhook-id"] for _, _, headers, _ in site.requests]


class TestSendWebhooksDue:
    def test_posts_signed_json(self, site):
        conversation = chat()
        endpoint = endpoint_of(site, events=CREATED)
        answer(conversation)

        count = send_webhooks_due()

        (request,) = site.requests
        method, path, headers, _ = request
        assert (count, method, path) == (1, "POST", "/hook")
        assert headers["Content-Type"] == "application/json"
        assert is_signed(request, secret=endpoint.secrets["secrets"][0])
        assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
        assert not is_signed(request, secret="whsec_" + "A" * 43 + "=")

    def test_tells_nothing_twice_after_success(self, site):
        conversation = chat()
        endpoint_of(site, events=CREATED)
        answer(conversation)

        for minutes in (0, 2, 600):
            send_webhooks_due(now=later(minutes=minutes))

        assert len(site.requests) == 1
        assert WebhookDelivery.objects.get().state == DeliveryProgress.DELIVERED

    def test_tries_again_after_an_error_under_the_same_id(self, site):
        conversation = chat()
        endpoint = endpoint_of(site, events=CREATED)
        answer(conversation)
        site.answers = [(500, {}, b"broken"), (302, {"Location": "/"}, b"")]

        send_webhooks_due()
        at_once = send_webhooks_due()
        first = WebhookDelivery.objects.get()
        endpoint.refresh_from_db()
        was_failing = endpoint.failing_since
        send_webhooks_due(now=later(seconds=30))
        send_webhooks_due(now=later(minutes=5))

        delivery = WebhookDelivery.objects.get()
        endpoint.refresh_from_db()
        assert at_once == 0
        assert (first.state, first.last_status) == (DeliveryProgress.WAITING, 500)
        assert first.last_error == "broken"
        assert was_failing is not None
        assert len(set(ids(site))) == 1
        assert len(site.requests) == 3
        assert delivery.state == DeliveryProgress.DELIVERED
        assert endpoint.failing_since is None

    def test_tries_again_after_a_time_out(self, site, monkeypatch):
        monkeypatch.setattr(sending, "SECONDS", 0.3)
        conversation = chat()
        endpoint_of(site, events=CREATED)
        answer(conversation)
        go_on = threading.Event()

        def slowly():
            go_on.wait(5)
            yield b"ok"

        site.answers = [(200, {}, slowly())]

        send_webhooks_due()
        go_on.set()
        first = WebhookDelivery.objects.get()
        send_webhooks_due(now=later(seconds=30))

        assert first.state == DeliveryProgress.WAITING
        assert first.last_status is None
        assert "too long" in first.last_error
        assert WebhookDelivery.objects.get().state == DeliveryProgress.DELIVERED

    def test_keeps_whatever_a_receiver_says_and_goes_on(self, site):
        conversation = chat()
        endpoint_of(site, events=CREATED)
        answer(conversation)
        site.answers = [(500, {"Content-Type": "text/plain; charset=zlib"}, b"a\0\xff")]

        count = send_webhooks_due()

        delivery = WebhookDelivery.objects.get()
        assert (count, delivery.last_status) == (1, 500)
        assert "\0" not in delivery.last_error
        assert delivery.state == DeliveryProgress.WAITING

    def test_gives_up_after_a_day(self, site):
        conversation = chat()
        endpoint_of(site, events=CREATED)
        answer(conversation)
        site.answers = [(503, {}, b"")] * 200

        tries = 0
        for minute in range(0, 26 * 60, 20):
            tries += send_webhooks_due(now=later(minutes=minute))

        delivery = WebhookDelivery.objects.get()
        assert delivery.state == DeliveryProgress.FAILED
        assert 20 < tries < 60

    def test_is_switched_off_by_an_endpoint_that_is_gone(self, site):
        conversation = chat()
        endpoint = endpoint_of(site, events=CREATED)
        answer(conversation)
        site.answers = [(410, {}, b"")]

        send_webhooks_due()
        answer(conversation, "More.")
        send_webhooks_due(now=later(hours=1))

        endpoint.refresh_from_db()
        assert endpoint.is_active is False
        assert len(site.requests) == 1

    def test_never_goes_to_a_private_address(self, site, settings):
        settings.OUTGOING_PRIVATE_HOSTS = []
        conversation = chat()
        endpoint_of(site, events=CREATED)
        answer(conversation)

        send_webhooks_due()

        assert site.requests == []
        assert "not on the public internet" in WebhookDelivery.objects.get().last_error

    def test_keeps_the_order_within_a_conversation(self, site):
        conversation = chat()
        endpoint_of(site, events=CREATED)
        for number in range(4):
            answer(conversation, f"Answer {number}")
        site.answers = [(500, {}, b"")]

        send_webhooks_due()
        send_webhooks_due(now=later(minutes=1))

        texts = [it["data"]["message"]["text"] for it in told(site)]
        assert texts == ["Answer 0", *(f"Answer {number}" for number in range(4))]

    def test_lets_no_conversation_wait_for_another(self, site):
        first, second = chat(), chat(address="two@shop.example")
        endpoint_of(site, events=CREATED)
        answer(first, "First.")
        answer(second, "Second.")
        site.answers = [(500, {}, b""), (500, {}, b"")]
        send_webhooks_due()
        WebhookDelivery.objects.filter(conversation=first).update(run_at=later(hours=1))

        send_webhooks_due(now=later(minutes=1))

        assert told(site)[-1]["data"]["message"]["text"] == "Second."

    def test_leaves_in_peace_what_fails_again_and_again(self, site):
        conversation = chat()
        endpoint_of(site, events=CREATED)
        answer(conversation)
        site.answers = [(500, {}, b"")] * 50
        for _ in range(8):
            WebhookDelivery.objects.update(run_at=timezone.now())
            WebhookEndpoint.objects.update(paused_until=None)
            send_webhooks_due()
        WebhookDelivery.objects.update(run_at=timezone.now())

        assert send_webhooks_due() == 0
        assert WebhookEndpoint.objects.get().paused_until > timezone.now()

    def test_killed_between_sending_and_writing_sends_the_same_id_again(
        self, site, monkeypatch
    ):
        conversation = chat()
        endpoint_of(site, events=CREATED)
        answer(conversation)

        def die(step):
            if step == "webhooks.sent":
                raise SystemExit(step)

        monkeypatch.setattr(sending, "crash_point", die)
        with pytest.raises(SystemExit):
            send_webhooks_due()
        monkeypatch.undo()

        assert send_webhooks_due() == 0
        assert send_webhooks_due(now=timezone.now() + LEASE) == 1
        assert len(ids(site)) == 2
        assert len(set(ids(site))) == 1

    def test_takes_no_result_of_a_try_that_was_given_up(self, site):
        conversation = chat()
        endpoint_of(site, events=CREATED)
        answer(conversation)
        (old,) = sending.claim_webhooks(now=timezone.now(), limit=5)
        (new,) = sending.claim_webhooks(now=timezone.now() + LEASE, limit=5)

        sending.record_outcome(
            outcome=sending.Outcome(claim=old, status=500), now=timezone.now()
        )

        assert new.event_id == old.event_id
        assert WebhookDelivery.objects.get().last_status is None

    def test_signs_with_both_secrets_while_one_is_changed(self, site):
        conversation = chat()
        endpoint = endpoint_of(site, events=CREATED)
        old = endpoint.secrets["secrets"][0]
        new = renew_secret(endpoint_id=endpoint.pk)
        answer(conversation)

        send_webhooks_due()

        assert is_signed(site.requests[0], secret=old)
        assert is_signed(site.requests[0], secret=new)

    @pytest.mark.django_db(transaction=True)
    def test_by_several_workers_at_once_sends_each_thing_once(self, site):
        for number in range(3):
            answer(chat(address=f"box{number}@shop.example"))
        endpoint_of(site, events=CREATED)
        for conversation in type(chat(address="x@shop.example")).objects.all():
            answer(conversation, "Hello.")
        start = threading.Barrier(3)

        def work():
            start.wait()
            try:
                send_webhooks_due()
            finally:
                connection.close()

        workers = [threading.Thread(target=work) for _ in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

        assert len(ids(site)) == len(set(ids(site))) == 4


class TestSendAgain:
    def test_tells_what_was_told_under_its_id(self, site):
        conversation = chat()
        endpoint_of(site, events=CREATED)
        answer(conversation)
        send_webhooks_due()

        count = send_again(delivery_ids=[WebhookDelivery.objects.get().pk])
        send_webhooks_due()

        assert count == 1
        assert len(site.requests) == 2
        assert len(set(ids(site))) == 1


class TestReplaySince:
    def test_tells_everything_anew_that_happened_since(self, site):
        conversation = chat()
        endpoint = endpoint_of(site, events=CREATED)
        for number in range(3):
            answer(conversation, f"Answer {number}")
        send_webhooks_due()
        oldest = WebhookDelivery.objects.order_by("id").first()
        WebhookDelivery.objects.filter(pk=oldest.pk).update(created_at=later(days=-2))

        count = replay_since(endpoint_ids=[endpoint.pk], since=later(days=-1))
        send_webhooks_due()

        texts = [it["data"]["message"]["text"] for it in told(site)]
        assert count == 2
        assert texts[3:] == ["Answer 1", "Answer 2"]
        assert types(site) == CREATED * 5
