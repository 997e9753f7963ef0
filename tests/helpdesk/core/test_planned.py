from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import count

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from helpdesk.core import planned
from helpdesk.core.planned import PlannedStatement, Slot
from tests.ended_sessions import end_this_session

pytestmark = pytest.mark.django_db

_sums = count(1)


def _ask(statement, **values):
    with connection.cursor() as cursor:
        cursor.execute(*statement.call(values))
        return cursor.fetchall()


def _plus():
    """Return a statement that no other test has planned."""
    return PlannedStatement(f"SELECT %s + {next(_sums)} * 0", [Slot("number", int)])


def _planned_here():
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements")
        return {name for (name,) in cursor.fetchall()}


class TestPlannedStatement:
    def test_gives_what_the_statement_gives_for_each_value(self):
        statement = _plus()

        assert _ask(statement, number=1) == [(1,)]
        assert _ask(statement, number=7) == [(7,)]

    def test_is_planned_once(self):
        statement = _plus()
        before = _planned_here()

        _ask(statement, number=1)
        _ask(statement, number=2)

        assert len(_planned_here() - before) == 1

    def test_takes_numbers_moments_texts_and_lists(self):
        now = timezone.now()
        statement = PlannedStatement(
            "SELECT 2 = ANY(%s), %s > now() - interval '1 hour', 'x' || %s, %s",
            [
                Slot("ids", list),
                Slot("at", datetime),
                Slot("text", str),
                "a %s is 100 %",
            ],
        )

        asked = {"ids": [1, 2], "at": now, "text": "it's"}

        assert _ask(statement, **asked) == [(True, True, "xit's", "a %s is 100 %")]
        assert _ask(statement, **{**asked, "ids": []})[0][0] is False

    def test_needs_no_values(self):
        statement = PlannedStatement("SELECT 100 %% 7, %s", ["%"])

        assert _ask(statement) == [(2, "%")]
        assert _ask(statement) == [(2, "%")]

    def test_finds_a_number_nowhere_that_fits_no_column(self):
        statement = PlannedStatement(
            "SELECT id FROM inbox_conversation WHERE id = %s", [Slot("pk", int)]
        )

        assert _ask(statement, pk=10**30) == []
        assert _ask(statement, pk=-(10**30)) == []

    def test_forgets_what_was_unused_for_longest(self, monkeypatch):
        monkeypatch.setattr(planned, "MOST_STATEMENTS", 2)
        first, second, third = _plus(), _plus(), _plus()
        with connection.cursor() as cursor:
            cursor.execute("DEALLOCATE ALL")
        planned._prepared.clear()

        for statement in (first, second, first, third):
            _ask(statement, number=1)

        assert len(_planned_here()) == 2
        assert _ask(second, number=5) == [(5,)]
        assert _ask(first, number=6) == [(6,)]

    def test_is_tried_again_after_planning_failed(self):
        statement = PlannedStatement(
            "SELECT %s FROM not_there_yet", [Slot("number", int)]
        )
        with pytest.raises(ProgrammingError), transaction.atomic():
            _ask(statement, number=1)

        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE not_there_yet AS SELECT 1")

        assert _ask(statement, number=3) == [(3,)]

    def test_stays_planned_though_the_transaction_is_undone(self):
        statement = _plus()
        with transaction.atomic():
            _ask(statement, number=1)
            transaction.set_rollback(True)

        assert _ask(statement, number=2) == [(2,)]

    def test_is_not_asked_in_a_transaction_that_failed(self):
        with transaction.atomic():
            with (
                pytest.raises(IntegrityError),
                transaction.atomic(savepoint=False),
                connection.cursor() as cursor,
            ):
                cursor.execute("INSERT INTO inbox_tag (name) VALUES (NULL)")
            with pytest.raises(TransactionManagementError):
                _ask(_plus(), number=1)
            transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
class TestSessions:
    def test_each_plans_for_itself(self):
        statement = _plus()
        _ask(statement, number=1)

        def elsewhere():
            try:
                return _ask(statement, number=2)
            finally:
                connection.close()

        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(elsewhere).result() == [(2,)]

    def test_a_new_one_plans_anew(self):
        statement = _plus()
        _ask(statement, number=1)

        connection.close()

        assert _ask(statement, number=2) == [(2,)]

    def test_one_that_died_unnoticed_is_replaced_first(self):
        statement = _plus()
        _ask(statement, number=1)
        end_this_session()
        connection.health_check_enabled = True
        connection.health_check_done = False

        assert _ask(statement, number=2) == [(2,)]
