"""People who begin twice in the same moment."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from helpdesk.chat.actions.writing import Written, accept_message
from helpdesk.chat.rules import MayNotHaveSeveral
from helpdesk.chat.turns import one_at_a_time
from tests.factories import VisitorFactory, WebchatChannelFactory
from tests.helpdesk.chat.visiting import reader_elsewhere

pytestmark = pytest.mark.django_db(transaction=True)
ONE = {"may_have_several": False}


def begin(visitor):
    written = Written(client_id=uuid.uuid4(), topic=uuid.uuid4(), text="Hello")
    try:
        return accept_message(visitor=visitor, written=written)
    except MayNotHaveSeveral:
        return None
    finally:
        connection.close()


def begin_at_once(visitors):
    with ThreadPoolExecutor(len(visitors)) as pool:
        results = list(pool.map(begin, visitors))
    return [it for it in results if it is not None]


class TestOneAtATime:
    def test_keeps_the_same_person_waiting_and_nobody_else(self):
        inside, done = threading.Event(), []

        def come_in(customer_id):
            with one_at_a_time(customer_id):
                done.append(customer_id)
            connection.close()

        with ThreadPoolExecutor(2) as pool:
            with one_at_a_time(1):
                same = pool.submit(come_in, 1)
                pool.submit(come_in, 2).result(5)
                inside.set()
                before = list(done)
            same.result(5)

        assert (before, done) == ([2], [2, 1])

    def test_lets_the_next_one_in_after_an_error(self):
        with pytest.raises(ZeroDivisionError), one_at_a_time(1):
            raise ZeroDivisionError

        with ThreadPoolExecutor(1) as pool:

            def come_in():
                with one_at_a_time(1):
                    pass
                connection.close()
                return True

            assert pool.submit(come_in).result(5)


class TestNewTopicsAtOnce:
    @pytest.mark.parametrize("is_read_elsewhere", [False, True])
    def test_of_one_browser_are_one(self, is_read_elsewhere):
        visitor = VisitorFactory(channel=WebchatChannelFactory(chat={"visitors": ONE}))
        if is_read_elsewhere:
            with reader_elsewhere(visitor.channel):
                taken = begin_at_once([visitor] * 6)
        else:
            taken = begin_at_once([visitor] * 6)

        assert len(taken) == 1

    def test_of_one_user_on_two_devices_are_one(self):
        channel = WebchatChannelFactory(chat={"known": ONE})
        phone = VisitorFactory(channel=channel, proven="42")
        laptop = VisitorFactory(
            channel=channel, identity=phone.identity, is_proven=True
        )

        with reader_elsewhere(channel):
            taken = begin_at_once([phone, laptop] * 2)

        assert len(taken) == 1
