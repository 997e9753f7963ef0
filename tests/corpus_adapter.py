"""Thin calls into the product's own code, for `../shared/corpora/score.py`."""

from email import message_from_bytes

from channels_ingest.adapters.email import replies
from channels_ingest.adapters.email.bounces import read_bounce
from channels_ingest.adapters.email.forwards import find_forward
from channels_ingest.adapters.email.references import thread_keys, threaded_message
from helpdesk.core import http
from helpdesk.core.html import sanitize_mail


def bounce(raw: bytes) -> dict:
    report = read_bounce(raw)
    recipients = report.recipients if report else ()
    return {
        "is_bounce": report is not None,
        "recipients": [each.address for each in recipients],
        "temporary": [each.address for each in recipients if not each.is_permanent],
        "permanent": [each.address for each in recipients if each.is_permanent],
        "hard": report is not None and report.is_hard,
    }


def sanitize(html):
    return sanitize_mail(html).html


def url_allowed(url):
    return http.url_allowed(url)


def threads(messages: list[tuple[str, bytes]]) -> dict:
    return thread_keys(
        threaded_message(name, message_from_bytes(raw)) for name, raw in messages
    )


def reply_text(text):
    return replies.split_text(text).visible


def reply_html(html):
    return replies.split_html(html).visible


def forward(text):
    found = find_forward(text)
    return found and {"before": found.before, "embedded": found.embedded}
