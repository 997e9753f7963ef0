"""The product as `../shared/corpora/score.py` calls it: thin calls, no logic.

Run it from the root of the project:
`python ../shared/corpora/score.py tests.corpus_adapter --fails`.
"""

import base64
import hashlib
from email import message_from_bytes

from django.conf import settings

from channels_ingest.adapters.email import replies
from channels_ingest.adapters.email.bounces import read_bounce
from channels_ingest.adapters.email.classification import classify as classify_mail
from channels_ingest.adapters.email.forwards import find_forward
from channels_ingest.adapters.email.mime import parse_mail
from channels_ingest.adapters.email.references import thread_keys, threaded_message
from helpdesk.core import http
from helpdesk.core.html import sanitize_mail

if not settings.configured:
    settings.configure()  # anymail's views ask Django for a few defaults

from channels_ingest.adapters.email import webhooks


def parse(raw):
    mail = parse_mail(raw)
    return {
        "subject": mail.subject,
        "from_email": mail.from_email,
        "from_name": mail.from_name,
        "to": [str(mailbox) for mailbox in mail.to],
        "cc": [str(mailbox) for mailbox in mail.cc],
        "reply_to": ", ".join(mailbox.email for mailbox in mail.reply_to),
        "message_id": mail.message_id,
        "in_reply_to": list(mail.in_reply_to),
        "references": list(mail.references),
        "text": mail.text,
        "html": mail.html,
        "attachments": [
            {
                "filename": file.filename,
                "size": len(file.data),
                "md5": hashlib.md5(file.data).hexdigest(),
                "mime": file.content_type,
                "inline": file.is_inline,
            }
            for file in mail.attachments
        ],
    }


def reply_text(text):
    return replies.split_text(text).visible


def reply_html(html):
    return replies.split_html(html).visible


def reply_email(raw, prefer):
    mail = parse_mail(raw)
    return replies.reply_of(text=mail.text, html=mail.html, prefer=prefer)


def forward(text):
    found = find_forward(text)
    return found and {"before": found.before, "embedded": found.embedded}


def bounce(raw):
    report = read_bounce(raw)
    recipients = report.recipients if report else ()
    return {
        "is_bounce": report is not None,
        "recipients": [each.address for each in recipients],
        "temporary": [each.address for each in recipients if not each.is_permanent],
        "permanent": [each.address for each in recipients if each.is_permanent],
        "hard": report is not None and report.is_hard,
    }


def classify(raw):
    return classify_mail(mail=parse_mail(raw), bounce=read_bounce(raw)).set_aside_as


def threads(messages):
    return thread_keys(
        threaded_message(name, message_from_bytes(raw)) for name, raw in messages
    )


def sanitize(html):
    return sanitize_mail(html).html


def url_allowed(url):
    return http.url_allowed(url)


def email_events(request):
    config = webhooks.WebhookConfig.from_anymail_settings(
        provider=request["provider"].removeprefix("email_"),
        direction="inbound" if "inbound" in request["url"] else "tracking",
        settings=request["settings"],
    )
    body = request.get("body", "").encode() or base64.b64decode(request["body_b64"])
    sent = webhooks.WebhookRequest(
        url=request["url"],
        headers=request["headers"],
        body=body,
        content_type=request["content_type"],
    )
    events = webhooks.anymail_events(request=sent, config=config)
    return list(webhooks.describe(events, provider=config.provider))
