import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.fernet import Fernet

from helpdesk.core.secrets import (
    make_encryption_key,
    make_signing_key,
    secret_from_file,
    weakness_of,
)


class TestSecretFromFile:
    def test_makes_it_once_and_reads_it_from_then_on(self, tmp_path):
        first = secret_from_file(tmp_path / "secrets" / "key", make_signing_key)
        second = secret_from_file(tmp_path / "secrets" / "key", make_signing_key)

        assert first == second
        assert len(first) > 64

    def test_lets_nobody_else_read_it(self, tmp_path):
        secret_from_file(tmp_path / "secrets" / "key", make_signing_key)

        assert stat.S_IMODE((tmp_path / "secrets" / "key").stat().st_mode) == 0o600
        assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700

    def test_gives_everybody_the_same_when_all_start_at_once(self, tmp_path):
        with ThreadPoolExecutor(16) as pool:
            secrets = pool.map(
                lambda _: secret_from_file(tmp_path / "key", make_signing_key),
                range(64),
            )

        assert len(set(secrets)) == 1
        assert [path.name for path in tmp_path.iterdir()] == ["key"]


class TestMakeEncryptionKey:
    def test_makes_a_key_that_encrypts(self):
        cipher = Fernet(make_encryption_key())

        assert cipher.decrypt(cipher.encrypt(b"password")) == b"password"


class TestWeaknessOf:
    @pytest.mark.parametrize(
        "secret",
        ["", "short", "django-insecure-" + "x7Kq" * 20, "change-me" * 10, "ab" * 40],
    )
    def test_finds_one_in_what_should_not_guard_anything(self, secret):
        assert weakness_of(secret)

    def test_finds_none_in_what_we_make(self):
        assert weakness_of(make_signing_key()) == ""
        assert weakness_of(make_encryption_key()) == ""
