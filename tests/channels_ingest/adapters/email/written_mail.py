"""Mail written part by part, and read."""

from channels_ingest.adapters.email.mime import parse_mail

HEAD = "From: Ann Lee <ann@shop.example>\nTo: help@desk.example\nSubject: Parcel\n"
PICTURE = (
    "Content-Type: image/png\nContent-Transfer-Encoding: base64\n{}\n\niVBORw0KGgo="
)


def read(body, head=HEAD):
    raw = head + body
    return parse_mail(raw.encode() if isinstance(raw, str) else raw)


def part(content_type, body, *headers):
    return "\n".join([f"Content-Type: {content_type}", *headers, "", body])


def names(mail):
    return [file.filename for file in mail.attachments]
