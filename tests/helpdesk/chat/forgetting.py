"""Somebody's words, and whether any of them are left."""

from django.db import connection
from django.utils import timezone

from helpdesk.chat.actions.forgetting import forget_visitor
from tests.factories import ApiChannelFactory
from tests.helpdesk.chat.visiting import Browser

SECRET_WORDS = "xylophonequartet"
TEXT = f"My secret is {SECRET_WORDS}"


def browser_of_maya():
    return Browser(
        claimed_name="Maya Okafor",
        claimed_email="maya@people.example",
        channel=ApiChannelFactory(),
    )


def forget(browser):
    forget_visitor(visitor_id=browser.visitor.pk, now=timezone.now())


def every_row_with(word):
    """Return the tables in which any column of any row still holds the word."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(
                f'SELECT count(*) FROM "{table}" AS t WHERE t::text ILIKE %s',
                [f"%{word}%"],
            )
            if cursor.fetchone()[0]:
                found.append(table)
    return found
