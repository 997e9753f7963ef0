import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from channels_ingest.providers.chat.settings import chat_settings, identity_secrets
from customers.models import Identity, Proof
from helpdesk.chat.identity import IdentityExpired, read_identity
from helpdesk.chat.models import ChatState, Visitor
from helpdesk.demo.catalog import MOST_OF_ONE, lines_of, products
from helpdesk.demo.models import DemoState
from helpdesk.demo.script import load_story
from helpdesk.demo.shop_identity import signed_identity
from inbox.models import Channel, Conversation, TimelineItem

pytestmark = pytest.mark.usefixtures("told", "demo")


@pytest.fixture
def channel():
    return Channel.objects.get(kind="webchat")


class TestTheShelf:
    def test_is_there_for_everybody(self, client):
        page = client.get(reverse("demo:shop")).content.decode()

        for product in products().values():
            assert product.name in page

    def test_carries_the_script_of_the_chat(self, client, channel):
        page = client.get(reverse("demo:shop")).content.decode()

        source = f"http://testserver/chat/{channel.address}/widget.js"
        assert f'<script async src="{source}"></script>' in page
        assert client.get(f"/chat/{channel.address}/widget.js").status_code == 200

    def test_has_no_other_script_inline(self, client):
        page = client.get(reverse("demo:shop")).content.decode()

        assert not re.search(r"<script(?![^>]* src=)[^>]*>", page)
        assert " style=" not in page

    def test_does_without_a_chat_that_is_not_in_use(self, client, channel):
        Channel.objects.filter(pk=channel.pk).update(is_active=False)

        page = client.get(reverse("demo:shop")).content.decode()

        Channel.objects.filter(pk=channel.pk).update(is_active=True)
        assert "widget.js" not in page

    def test_is_nowhere_but_on_a_sample_desk(self, client, settings):
        settings.DEMO = False

        assert client.get(reverse("demo:shop")).status_code == 404

    def test_knows_nothing_that_it_does_not_sell(self, client):
        url = reverse("demo:shop-product", args=["yacht"])

        assert client.get(url).status_code == 404


class TestTheBasket:
    def test_fills_and_empties(self, client):
        client.post(reverse("demo:shop-buy", args=["tarn-tent"]))
        answer = client.post(reverse("demo:shop-buy", args=["tarn-tent"]), follow=True)

        assert "778.00 EUR" in answer.content.decode()

        answer = client.post(
            reverse("demo:shop-remove", args=["tarn-tent"]), follow=True
        )
        assert "Your basket is empty" in answer.content.decode()

    def test_holds_no_more_than_a_few_and_nothing_strange(self):
        lines = lines_of({"tarn-tent": 99, "yacht": 1, "beck-stove": "x"})

        assert [(line.product.key, line.count) for line in lines] == [
            ("tarn-tent", MOST_OF_ONE)
        ]

    def test_leads_to_the_page_on_which_the_chat_speaks_first(self, channel):
        (invitation,) = chat_settings(channel.config).invitations

        assert invitation.url_contains in reverse("demo:shop-check-out")


class TestSigningIn:
    def test_vouches_for_the_customer_with_a_proof_that_the_chat_takes(
        self, client, channel
    ):
        page = client.post(reverse("demo:shop-sign-in"), follow=True).content.decode()

        token = re.search(r'data-identity="([^"]+)"', page)[1]
        proof = read_identity(
            token,
            secrets=identity_secrets(channel.config),
            channel_key=channel.address,
            now=timezone.now(),
        )
        assert (proof.user_id, proof.email) == (
            "larchwood-maya",
            "maya@rivera.example",
        )

    def test_gives_each_page_a_proof_of_its_own(self, client):
        client.post(reverse("demo:shop-sign-in"))
        url = reverse("demo:shop")

        pages = [client.get(url).content.decode() for _number in range(2)]

        proofs = {re.search(r'data-identity="([^"]+)"', page)[1] for page in pages}
        assert len(proofs) == 2

    def test_signing_out_is_told_once(self, client):
        client.post(reverse("demo:shop-sign-in"))

        first = client.post(reverse("demo:shop-sign-out"), follow=True)
        second = client.get(reverse("demo:shop"))

        assert b"data-is-leaving" in first.content
        assert b"data-identity" not in first.content
        assert b"data-is-leaving" not in second.content

    def test_a_proof_is_soon_too_old(self, channel):
        now = timezone.now()
        token = signed_identity(load_story().people["maya"], channel=channel, now=now)

        with pytest.raises(IdentityExpired):
            read_identity(
                token,
                secrets=identity_secrets(channel.config),
                channel_key=channel.address,
                now=now + timedelta(hours=1),
            )


class TestTheChatsOfTheStory:
    def conversation(self, key):
        return Conversation.objects.get(pk=DemoState.objects.get().topics[key])

    def test_put_chat_and_mail_of_one_person_on_one_line(self):
        by_chat = self.conversation("maya-courier")

        assert by_chat.customer == self.conversation("maya-order").customer
        assert by_chat.channel.kind == "webchat"
        assert by_chat.identity.proof == Proof.SIGNED

    def test_take_a_claimed_address_for_no_proof(self):
        claimed = self.conversation("grace-claims")
        owner = Identity.objects.get(value="grace.holloway@nobleoak.example")

        assert claimed.customer != owner.customer
        visitor = Visitor.objects.get(identity=claimed.identity)
        assert visitor.claimed_email == owner.value

    def test_have_one_that_was_rated_and_closed(self):
        conversation = self.conversation("maya-fit")

        assert not conversation.is_open
        assert ChatState.objects.get(pk=conversation.pk).rating == 5
        assert TimelineItem.objects.filter(
            conversation=conversation, payload__name="rated"
        ).exists()

    def test_have_one_that_waits_right_now(self):
        conversation = self.conversation("visitor-stove")

        assert conversation.waiting_since is not None
        first = conversation.items.filter(kind="message").earliest("seq")
        assert first.payload["invitation"]

    def test_keep_their_answers_without_a_moment_to_take_them_back(self, channel):
        assert channel.undo_seconds == 0
