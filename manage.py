#!/usr/bin/env python3
"""Run a management command: `python manage.py help` lists them."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
    from django.conf import settings
    from django.core.management import execute_from_command_line

    import helpdesk.celery  # noqa: F401  tasks are sent through this app
    from helpdesk.core.embedded.loan import needs_servers, servers_on_loan

    if not needs_servers(sys.argv):
        execute_from_command_line(sys.argv)
        return
    with servers_on_loan(settings.EMBEDDED_SERVERS, settings.DATA_DIR):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
