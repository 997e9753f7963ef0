"""Many tabs and devices that begin in the same moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from customers.models import Customer, Identity, Merge
from helpdesk.chat.actions.forgetting import forget_visitor
from helpdesk.chat.actions.sessions import (
    Claims,
    IdentityUsed,
    open_anonymous_session,
    open_known_session,
)
from helpdesk.chat.identity import SignedIdentity
from helpdesk.chat.models import Visitor
from tests.factories import IdentityFactory, WebchatChannelFactory

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def proof_of(user_id="42", *, number=1, **said):
    return SignedIdentity(
        user_id=user_id,
        expires_at=NOW + timedelta(minutes=5),
        fingerprint=f"{user_id}-{number}",
        **said,
    )


def at_once(action, arguments):
    """Run it for all arguments in threads; return results and exceptions."""

    def run(argument):
        try:
            return action(argument)
        except Exception as error:  # noqa: BLE001
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(arguments)) as pool:
        return list(pool.map(run, arguments))


class TestAtOnce:
    def test_one_proof_opens_one_session(self):
        channel = WebchatChannelFactory()

        results = at_once(
            lambda proof: open_known_session(
                channel=channel, proof=proof, claims=Claims(), now=NOW
            ),
            [proof_of()] * 6,
        )

        refused = [it for it in results if isinstance(it, IdentityUsed)]
        assert len(refused) == 5
        assert Visitor.objects.count() == 1

    def test_one_user_on_many_devices_is_one_customer(self):
        channel = WebchatChannelFactory()
        mail = IdentityFactory(value="maya@people.example")
        tokens = [
            open_anonymous_session(channel=channel, claims=Claims(), now=NOW).token
            for _ in range(6)
        ]

        results = at_once(
            lambda number: open_known_session(
                channel=channel,
                proof=proof_of(number=number, email="maya@people.example"),
                earlier_token=tokens[number],
                claims=Claims(),
                now=NOW,
            ),
            range(6),
        )

        assert [it for it in results if isinstance(it, Exception)] == []
        assert Visitor.objects.filter(is_proven=True).count() == 6
        assert set(Identity.objects.values_list("customer", flat=True)) == {
            mail.customer_id
        }
        assert Customer.objects.filter(merged_into=None).count() == 1

    def test_an_address_that_is_signed_at_last_joins_once(self):
        channel = WebchatChannelFactory()
        mail = IdentityFactory(value="maya@people.example")
        open_known_session(
            channel=channel, proof=proof_of(number=99), claims=Claims(), now=NOW
        )

        results = at_once(
            lambda number: open_known_session(
                channel=channel,
                proof=proof_of(number=number, email="maya@people.example"),
                claims=Claims(),
                now=NOW,
            ),
            range(6),
        )

        assert [it for it in results if isinstance(it, Exception)] == []
        assert set(Identity.objects.values_list("customer", flat=True)) == {
            mail.customer_id
        }
        assert Merge.objects.count() == 1

    def test_deleting_from_many_devices_deletes_once(self):
        channel = WebchatChannelFactory()
        visitors = [
            open_known_session(
                channel=channel, proof=proof_of(number=it), claims=Claims(), now=NOW
            ).visitor
            for it in range(4)
        ]

        results = at_once(
            lambda visitor: forget_visitor(visitor_id=visitor.pk, now=NOW), visitors
        )

        assert results == [None] * 4
        assert not Visitor.objects.exclude(token_hash="").exists()
