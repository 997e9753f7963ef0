"""Show how mails are read, without storing anything."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from channels_ingest.lab import LabReport, look_into
from channels_ingest.reading_pool import ReadingPool
from inbox.models import Channel


class Command(BaseCommand):
    help = "Shows how mails are read, whom they match and where they would go."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help="- reads stdin")
        parser.add_argument("--channel", help="address of the channel to read as")
        parser.add_argument("--json", action="store_true", help="one object a line")

    def handle(self, *_args: Any, **options: Any) -> None:
        channel = channel_named(options["channel"])
        with ReadingPool(size=1) as pool:
            for name in options["files"]:
                found = look_into(
                    _content(name), channel=channel, pool=pool, now=timezone.now()
                )
                self._print(name, found, as_json=options["json"])

    def _print(self, name: str, found: LabReport, *, as_json: bool) -> None:
        if as_json:
            line = {"file": name, **found.as_json()}
            self.stdout.write(json.dumps(line, default=str, ensure_ascii=False))
            return
        self.stdout.write(f"{name}\n" + "\n".join(_lines(found)) + "\n")


def channel_named(address: str | None) -> Channel:
    """Return the channel of that address, or the only one there is.

    :raises CommandError: if it is not clear which is meant
    """
    channels = Channel.objects.filter(kind="email").select_related("brand")
    if address:
        channels = channels.filter(address=address.lower())
    found = list(channels.order_by("id")[:2])
    if not found:
        raise CommandError("There is no such channel. --channel takes its address.")
    if len(found) > 1:
        raise CommandError("Say which channel: --channel support@shop.example")
    return found[0]


def _content(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise CommandError(f"{name}: {error.strerror}") from error


def _lines(found: LabReport) -> list[str]:
    if found.trouble:
        return [f"  could not be read: {found.trouble}", found.traceback]
    if found.ignored:
        return [f"  not shown: {found.ignored}"]
    lines = [
        f"  report: {receipt.status} {receipt.recipient} {receipt.reason}"
        for receipt in found.receipts
    ]
    message, where = found.message, found.explanation
    if message is None or where is None:
        return lines
    proof = message.authentication
    lines += [
        f"  from: {message.sender.name} <{message.sender.handle}>",
        f"  customer: {where.customer or 'somebody new'}",
        f"  subject: {message.subject}",
        f"  kind: {message.nature} {', '.join(found.report.get('why_this_kind', []))}",
        f"  authentication: {proof.verdict} - {proof.explanation}",
        f"  goes to: {where.conversation_id or 'a new conversation'} - {where.words}",
        *(f"  file: {file.name} ({file.content_type})" for file in message.attachments),
        *(f"  repaired: {warning}" for warning in message.warnings),
        *(f"  | {line}" for line in message.text.splitlines()[:40]),
    ]
    return lines
