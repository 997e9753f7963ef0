"""Tell the story of the sample desk once: `manage.py seed_demo`."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from helpdesk.accounts.demo import DEMO_PASSWORD, demo_accounts
from helpdesk.demo.opening import DeskInUse
from helpdesk.demo.telling import tell_story


class Command(BaseCommand):
    help = "Fill an empty desk with a sample story. A second time does nothing."

    def handle(self, *_args: Any, **_options: Any) -> str:
        if not settings.DEMO:
            raise CommandError("This is no sample desk. Set TRIBUTARY_DEMO=1 first.")
        started = time.monotonic()
        try:
            is_new = tell_story()
        except DeskInUse as problem:
            raise CommandError(
                "People work on this desk already, so it is left as it is."
                " Set TRIBUTARY_DATA_DIR to an empty folder for a sample desk."
            ) from problem
        if is_new:
            self.stderr.write(f"  the story was told in {_since(started)}")
        return _invitation()


def _since(started: float) -> str:
    return f"{time.monotonic() - started:.1f} s"


def _invitation() -> str:
    accounts = demo_accounts()
    if not accounts:
        return ""
    return (
        f"Sign in as {accounts[0].email} with {DEMO_PASSWORD},"
        f" and write as a customer at {settings.PUBLIC_URL}/demo/"
    )
