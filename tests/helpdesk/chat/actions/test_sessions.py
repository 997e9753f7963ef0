"""Whose history somebody joins, and whose never."""

from datetime import UTC, datetime, timedelta

import pytest

from customers.actions import mark_not_the_same, undo_merge
from customers.models import Customer, Identity, IdentityKind, Merge, Proof
from helpdesk.chat.actions.sessions import (
    Claims,
    IdentityUsed,
    open_anonymous_session,
    open_known_session,
    update_visitor,
)
from helpdesk.chat.identity import SignedIdentity
from helpdesk.chat.models import UsedProof, Visitor
from helpdesk.chat.queries import conversations_of
from helpdesk.chat.tokens import TokenInvalid, visitor_of
from inbox.models import Participant
from inbox.models.conversation import ParticipantRole
from tests.factories import (
    ConversationFactory,
    IdentityFactory,
    UserFactory,
    VisitorFactory,
    WebchatChannelFactory,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def channel():
    return WebchatChannelFactory()


def proof_of(user_id="42", *, number=1, **said):
    return SignedIdentity(
        user_id=user_id,
        expires_at=NOW + timedelta(minutes=5),
        fingerprint=f"{user_id}-{number}".ljust(64, "0"),
        **said,
    )


def known(channel, proof, *, token="", **claims):
    return open_known_session(
        channel=channel,
        proof=proof,
        earlier_token=token,
        claims=Claims(**claims),
        now=NOW,
    )


def anonymous(channel, **claims):
    return open_anonymous_session(channel=channel, claims=Claims(**claims), now=NOW)


def conversation_of(visitor):
    conversation = ConversationFactory(
        channel=visitor.channel, identity=visitor.identity
    )
    Participant.objects.create(
        conversation=conversation,
        identity=visitor.identity,
        role=ParticipantRole.CUSTOMER,
    )
    return conversation


def seen_by(session):
    return set(conversations_of(visitor_of(session.token)))


class TestOpenAnonymousSession:
    def test_makes_somebody_new_each_time(self, channel):
        one, other = anonymous(channel), anonymous(channel)

        assert one.visitor.identity.customer != other.visitor.identity.customer
        assert one.visitor.identity.value == f"visitor:{one.visitor.public_id}"
        assert one.visitor.identity.scope == f"channel:{channel.pk}"
        assert not one.visitor.identity.is_verified

    def test_joins_nobody_by_a_typed_address(self, channel):
        mail = IdentityFactory(value="maya@people.example")
        by_mail = ConversationFactory(identity=mail)

        session = anonymous(channel, name="Maya", email="maya@people.example")

        assert session.visitor.identity.customer != mail.customer
        assert by_mail not in seen_by(session)
        assert Identity.objects.filter(kind=IdentityKind.EMAIL).count() == 1
        assert not Merge.objects.exists()

    def test_tells_the_card_what_it_does_not_say(self, channel):
        session = anonymous(channel, name="Maya", language="pt")

        customer = Customer.objects.get(pk=session.visitor.identity.customer_id)
        assert (customer.name, customer.locale) == ("Maya", "pt")


class TestUpdateVisitor:
    def test_keeps_claims_as_claims(self, channel):
        mail = IdentityFactory(value="maya@people.example")
        visitor = anonymous(channel).visitor

        updated = update_visitor(
            visitor_id=visitor.pk,
            claims=Claims(email="maya@people.example", attributes={"plan": "gold"}),
        )

        assert updated.claimed_email == "maya@people.example"
        assert updated.attributes == {"plan": "gold"}
        assert updated.is_proven is False
        assert updated.identity.customer != mail.customer

    def test_changes_only_what_is_said(self, channel):
        visitor = anonymous(channel, name="Maya", attributes={"a": 1, "b": 2}).visitor

        updated = update_visitor(
            visitor_id=visitor.pk, claims=Claims(attributes={"b": None, "c": "x"})
        )

        assert updated.claimed_name == "Maya"
        assert updated.attributes == {"a": 1, "c": "x"}

    def test_never_renames_a_customer_who_has_a_name(self, channel):
        visitor = VisitorFactory(channel=channel, customer__name="Maya Okafor")

        update_visitor(visitor_id=visitor.pk, claims=Claims(name="Mallory"))

        visitor.identity.customer.refresh_from_db()
        assert visitor.identity.customer.name == "Maya Okafor"


class TestOpenKnownSession:
    def test_proves_the_user_of_this_channel(self, channel):
        session = known(channel, proof_of(name="Maya"))

        identity = session.visitor.identity
        assert identity.value == "user:42"
        assert identity.proof == Proof.SIGNED
        assert identity.verified_at == NOW
        assert identity.customer.name == "Maya"
        assert session.visitor.is_proven

    def test_shows_one_user_the_same_on_every_device(self, channel):
        phone = known(channel, proof_of(number=1))
        conversation = conversation_of(phone.visitor)

        laptop = known(channel, proof_of(number=2))

        assert laptop.visitor != phone.visitor
        assert seen_by(laptop) == {conversation}
        assert seen_by(phone) == {conversation}

    def test_shows_one_user_nothing_of_another(self, channel):
        conversation_of(known(channel, proof_of("42")).visitor)

        assert seen_by(known(channel, proof_of("43"))) == set()

    def test_shows_nothing_of_the_same_user_of_another_channel(self, channel):
        elsewhere = known(WebchatChannelFactory(), proof_of("42"))
        conversation_of(elsewhere.visitor)

        assert seen_by(known(channel, proof_of("42"))) == set()


class TestSignedAddress:
    def test_joins_whoever_owns_it(self, channel):
        mail = IdentityFactory(value="maya@people.example")
        before = known(channel, proof_of(number=1)).visitor.identity.customer

        session = known(channel, proof_of(number=2, email="maya@people.example"))

        assert session.visitor.identity.customer == mail.customer
        merge = Merge.objects.get()
        assert (merge.kept, merge.absorbed) == (mail.customer, before)
        assert merge.reasons == ["signed_identity"]
        mail.refresh_from_db()
        assert mail.proof == Proof.SIGNED

    def test_becomes_theirs_when_nobody_had_it(self, channel):
        session = known(channel, proof_of(email="maya@people.example"))

        mail = Identity.objects.get(kind=IdentityKind.EMAIL)
        assert mail.customer == session.visitor.identity.customer
        assert (mail.value, mail.proof) == ("maya@people.example", Proof.SIGNED)
        assert mail.mailbox == "maya@people.example"
        assert mail.verified_at == NOW
        assert not mail.customer.is_visitor

    def test_joins_nobody_whom_an_agent_told_apart(self, channel):
        mail = IdentityFactory(value="maya@people.example")
        user = known(channel, proof_of(number=1)).visitor.identity
        mark_not_the_same(
            one_id=mail.customer_id, other_id=user.customer_id, actor=UserFactory()
        )

        session = known(channel, proof_of(number=2, email="maya@people.example"))

        assert session.visitor.identity.customer == user.customer
        assert not Merge.objects.exists()
        mail.refresh_from_db()
        assert mail.proof == Proof.NONE

    def test_joins_nobody_who_is_another_user_of_the_site(self, channel):
        first = known(channel, proof_of("43", email="shared@people.example"))
        theirs = conversation_of(first.visitor)

        session = known(channel, proof_of("42", email="shared@people.example"))

        assert theirs not in seen_by(session)
        assert not Merge.objects.exists()

    def test_keeps_the_proof_that_mail_gave(self, channel):
        mail = IdentityFactory(
            value="maya@people.example",
            proof=Proof.AUTHENTICATED,
            verified_at=NOW - timedelta(days=9),
        )

        known(channel, proof_of(email="maya@people.example"))

        mail.refresh_from_db()
        assert mail.proof == Proof.AUTHENTICATED

    def test_can_be_taken_apart_again(self, channel):
        mail = IdentityFactory(value="maya@people.example")
        known(channel, proof_of(number=1))
        session = known(channel, proof_of(number=2, email="maya@people.example"))

        undo_merge(merge_id=Merge.objects.get().pk, actor=UserFactory())

        identity = Identity.objects.get(pk=session.visitor.identity_id)
        assert identity.customer_id != mail.customer_id


class TestVisitorOfThisBrowser:
    def test_becomes_the_known_user(self, channel):
        before = anonymous(channel, name="Maya")
        conversation = conversation_of(before.visitor)

        session = known(channel, proof_of(), token=before.token)

        assert session.visitor == before.visitor
        assert seen_by(session) == {conversation}
        conversation.refresh_from_db()
        assert conversation.customer == session.visitor.identity.customer

    def test_gives_up_the_token_that_others_may_know(self, channel):
        before = anonymous(channel)

        session = known(channel, proof_of(), token=before.token)

        assert session.token != before.token
        with pytest.raises(TokenInvalid):
            visitor_of(before.token)

    def test_is_left_alone_with_a_token_that_is_none(self, channel):
        stranger = anonymous(channel)
        forged = f"{stranger.visitor.public_id}.guess"

        session = known(channel, proof_of(), token=forged)

        assert session.visitor != stranger.visitor
        assert not Merge.objects.exists()
        assert visitor_of(stranger.token) == stranger.visitor

    def test_of_another_channel_is_left_alone(self, channel):
        elsewhere = anonymous(WebchatChannelFactory())

        session = known(channel, proof_of(), token=elsewhere.token)

        assert session.visitor != elsewhere.visitor
        assert not Merge.objects.exists()

    def test_who_is_another_known_user_shares_nothing(self, channel):
        """The next person signs in at a computer that many use."""
        first = known(channel, proof_of("43"))
        theirs = conversation_of(first.visitor)

        second = known(channel, proof_of("42"), token=first.token)

        assert second.visitor != first.visitor
        assert theirs not in seen_by(second)
        assert seen_by(first) == {theirs}
        assert not Merge.objects.exists()

    def test_who_was_proven_by_mail_meanwhile_shares_nothing(self, channel):
        before = anonymous(channel)
        IdentityFactory(
            customer=before.visitor.identity.customer,
            proof=Proof.AUTHENTICATED,
            verified_at=NOW,
        )

        session = known(channel, proof_of(), token=before.token)

        assert session.visitor != before.visitor
        assert not Merge.objects.exists()

    def test_whom_an_agent_told_apart_shares_nothing(self, channel):
        user = known(channel, proof_of(number=1)).visitor.identity
        before = anonymous(channel)
        mark_not_the_same(
            one_id=user.customer_id,
            other_id=before.visitor.identity.customer_id,
            actor=UserFactory(),
        )

        session = known(channel, proof_of(number=2), token=before.token)

        assert session.visitor != before.visitor
        assert not Merge.objects.exists()

    def test_keeps_what_is_theirs_when_the_merge_is_undone(self, channel):
        before = anonymous(channel)
        conversation = conversation_of(before.visitor)
        session = known(channel, proof_of(), token=before.token)

        undo_merge(merge_id=Merge.objects.get().pk, actor=UserFactory())

        assert conversation not in seen_by(session)


class TestProof:
    def test_opens_one_session(self, channel):
        known(channel, proof_of())

        with pytest.raises(IdentityUsed):
            known(channel, proof_of())

    def test_opens_nothing_with_somebody_elses_token(self, channel):
        known(channel, proof_of())
        thief = anonymous(channel)

        with pytest.raises(IdentityUsed):
            known(channel, proof_of(), token=thief.token)
        assert visitor_of(thief.token).is_proven is False

    def test_changes_nothing_with_the_token_that_it_opened(self, channel):
        session = known(channel, proof_of())

        again = known(channel, proof_of(), token=session.token)

        assert (again.visitor, again.token) == (session.visitor, session.token)
        assert UsedProof.objects.count() == 1

    def test_may_be_shown_again_when_the_answer_was_lost(self, channel):
        before = anonymous(channel)
        lost = known(channel, proof_of(), token=before.token)

        again = known(channel, proof_of(), token=before.token)

        assert again.visitor == lost.visitor
        assert visitor_of(again.token).is_proven
        with pytest.raises(TokenInvalid):
            visitor_of(lost.token)

    def test_keeps_the_token_when_a_fresh_one_is_shown_with_it(self, channel):
        session = known(channel, proof_of(number=1))

        again = known(channel, proof_of(number=2), token=session.token)

        assert again.token == session.token
        assert Visitor.objects.count() == 1

    def test_opens_a_session_of_each_channel(self, channel):
        known(channel, proof_of())

        assert known(WebchatChannelFactory(), proof_of()).token

    def test_is_forgotten_once_it_is_too_old_to_matter(self, channel):
        old = UsedProof.objects.create(
            channel=channel,
            fingerprint="old",
            expires_at=NOW - timedelta(minutes=10),
        )
        recent = UsedProof.objects.create(
            channel=channel, fingerprint="recent", expires_at=NOW
        )

        known(channel, proof_of())

        assert not UsedProof.objects.filter(pk=old.pk).exists()
        assert UsedProof.objects.filter(pk=recent.pk).exists()
