import pytest
from django.db import DatabaseError, connection

from helpdesk.core.database_trouble import is_trouble_of_all

pytestmark = pytest.mark.django_db


def raised(code):
    """Return what Django raises when PostgreSQL answers with `code`."""
    with connection.cursor() as cursor, pytest.raises(DatabaseError) as caught:
        cursor.execute(
            f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{code}'; END $$"
        )
    return caught.value


class TestIsTroubleOfAll:
    @pytest.mark.parametrize(
        "code", ["53100", "53300", "58030", "40P01", "40001", "55P03", "25006"]
    )
    def test_knows_what_passes_by_itself(self, code):
        assert is_trouble_of_all(raised(code))

    @pytest.mark.parametrize("code", ["23505", "23514", "22021", "54000", "53200"])
    def test_blames_what_was_to_be_written_for_the_rest(self, code):
        assert not is_trouble_of_all(raised(code))

    def test_says_nothing_of_other_errors(self):
        assert not is_trouble_of_all(ValueError("no"))
