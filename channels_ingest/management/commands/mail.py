"""Take mail: the SMTP and LMTP server, and the connections to mailboxes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from channels_ingest.doors.serving import PortTaken, serve


class Command(BaseCommand):
    help = "Takes mail by SMTP, LMTP and from IMAP mailboxes until it is stopped."

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            serve()
        except PortTaken as error:
            raise CommandError(str(error)) from error
