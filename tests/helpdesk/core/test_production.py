import os
import subprocess
import sys

import pytest
from django.conf import settings

SAFE = {
    "TRIBUTARY_ENV": "production",
    "TRIBUTARY_URL": "https://desk.example.com",
    "DATABASE_URL": "postgres://tributary:password@database/tributary",
    "REDIS_URL": "redis://valkey:6379/0",
}


def check(tmp_path, **changes):
    """Run `manage.py check --deploy` as production, and return what it said."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TRIBUTARY_", "DJANGO_", "DATABASE_", "REDIS_"))
    }
    environment |= {**SAFE, "TRIBUTARY_DATA_DIR": str(tmp_path), **changes}
    return subprocess.run(
        [
            sys.executable,
            str(settings.BASE_DIR / "manage.py"),
            *("check", "--deploy", "--fail-level", "WARNING"),
        ],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


class TestProduction:
    def test_starts_when_everything_is_safe(self, tmp_path):
        done = check(tmp_path)

        assert done.returncode == 0, done.stderr
        assert "no issues" in done.stdout

    @pytest.mark.parametrize(
        ("setting", "value"),
        [
            ("TRIBUTARY_DEBUG", "true"),
            ("TRIBUTARY_DEMO", "true"),
            ("TRIBUTARY_SECURE_COOKIES", "false"),
            ("TRIBUTARY_URL", "http://desk.example.com"),
            ("TRIBUTARY_HOSTS", "*"),
            ("TRIBUTARY_SECRET_KEY", "short"),
            ("TRIBUTARY_SECRET_KEY", "django-insecure-" + "a1b2c3d4e5" * 6),
            ("TRIBUTARY_MAIL_TOKEN_KEYS", "change-me-change-me-change-me-change-me"),
        ],
    )
    def test_refuses_to_start_and_names_the_setting(self, tmp_path, setting, value):
        done = check(tmp_path, **{setting: value})

        assert done.returncode != 0
        assert "not safe" in done.stderr
        assert setting in done.stderr

    def test_does_not_repeat_a_bad_secret(self, tmp_path):
        done = check(tmp_path, TRIBUTARY_SECRET_KEY="example-of-a-bad-one")

        assert "example-of-a-bad-one" not in done.stderr + done.stdout
