"""What is wrong and how to mend it: `manage.py doctor`."""

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.module_loading import autodiscover_modules

from helpdesk.core.diagnosis import Finding, Verdict, findings


class Command(BaseCommand):
    help = "Look at everything, and say what is wrong and how to mend it."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        autodiscover_modules("diagnoses")
        found = []
        for finding in findings():
            self._show(finding)
            found.append(finding.verdict)
        if Verdict.ILL in found:
            self.stdout.write(f"\n{found.count(Verdict.ILL)} to mend.")
            sys.exit(1)
        self.stdout.write("\nNothing is wrong.")

    def _show(self, finding: Finding) -> None:
        style = {
            Verdict.WELL: self.style.SUCCESS,
            Verdict.NOTE: self.style.WARNING,
            Verdict.ILL: self.style.ERROR,
        }[finding.verdict]
        self.stdout.write(f"{style(f'{finding.verdict:<6}')} {finding.what}")
        if finding.mend:
            self.stdout.write(f"       {finding.mend}")
