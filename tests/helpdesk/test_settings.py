import re

from django.conf import settings

from helpdesk import settings as real

OURS_ALONE = {
    "TRIBUTARY_CHANNEL_PREFIX",
    "TRIBUTARY_CONN_MAX_AGE",
    "TRIBUTARY_DEBUG",
    "TRIBUTARY_DELIVERY_LEASE",
    "TRIBUTARY_DEMO",
    "TRIBUTARY_PROCESS",
    "TRIBUTARY_SECURE_COOKIES",
    "TRIBUTARY_SSL_REDIRECT",
    "TRIBUTARY_STATEMENT_TIMEOUT",
}
"""Set by our own processes, or only ever turned off while developing."""


def names_in(path):
    return set(
        re.findall(r"TRIBUTARY_[A-Z_]*[A-Z]", (settings.BASE_DIR / path).read_text())
    )


class TestExampleOfTheEnvironment:
    def test_lists_every_setting_that_people_may_change(self):
        known = names_in("helpdesk/settings.py") - {"TRIBUTARY_ENV"} - OURS_ALONE

        assert known <= names_in(".env.example")

    def test_lists_nothing_that_has_no_effect(self):
        assert names_in(".env.example") <= names_in("helpdesk/settings.py")


class TestSettings:
    def test_keep_passwords_with_argon2_alone(self):
        assert real.PASSWORD_HASHERS == [
            "django.contrib.auth.hashers.Argon2PasswordHasher"
        ]

    def test_keep_sessions_as_json_in_cookies_no_script_can_read(self):
        assert settings.SESSION_SERIALIZER.endswith("JSONSerializer")
        assert settings.SESSION_COOKIE_HTTPONLY
        assert settings.SESSION_COOKIE_SAMESITE == "Lax"
