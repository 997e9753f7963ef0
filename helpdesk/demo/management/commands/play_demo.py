"""The customers of the sample desk: `manage.py play_demo`, part of `run`."""

import signal
import threading
from random import Random
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from helpdesk.demo.chatting import keep_chatting
from helpdesk.demo.post_office import open_post_office
from helpdesk.demo.visitors import keep_writing


class Command(BaseCommand):
    help = "Receive what the sample desk sends, and write to it, until it is stopped."

    def handle(self, *_args: Any, **_options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is no sample desk. Set TRIBUTARY_DEMO=1 first.")
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        with open_post_office() as port:
            self.stdout.write(f"Outgoing mail is taken on port {port}.")
            if settings.DEMO_VISITORS:
                # Only who writes looks different each time.
                chatting = threading.Thread(
                    target=keep_chatting,
                    kwargs={"stop": stop, "random": Random()},  # noqa: S311
                )
                chatting.start()
                keep_writing(stop=stop, random=Random())  # noqa: S311
                chatting.join()
            else:
                stop.wait()
