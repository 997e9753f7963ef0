"""The product as `../shared/corpora/score.py` calls it: thin calls, no logic.

Run it from the root of the project:
`python ../shared/corpora/score.py tests.corpus_adapter --fails`.
"""

import hashlib

from channels_ingest.adapters.email.mime import parse_mail


def parse(raw):
    mail = parse_mail(raw)
    return {
        "subject": mail.subject,
        "from_email": mail.from_email,
        "from_name": mail.from_name,
        "to": [mailbox.email for mailbox in mail.to],
        "cc": [mailbox.email for mailbox in mail.cc],
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
