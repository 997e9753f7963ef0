"""Model fields that keep their content unreadable to whoever reads the database."""

import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models


class CannotDecrypt(Exception):
    """The stored value was written with a key that is not configured any more."""


def _cipher() -> MultiFernet:
    keys = getattr(settings, "FIELD_ENCRYPTION_KEYS", ())
    if not keys:
        raise ImproperlyConfigured(
            "FIELD_ENCRYPTION_KEYS is empty: channel credentials cannot be stored."
        )
    return MultiFernet([Fernet(key) for key in keys])


class EncryptedJSONField(models.TextField):  # type: ignore[type-arg]
    """A JSON object stored as an authenticated ciphertext (Fernet).

    The first of `settings.FIELD_ENCRYPTION_KEYS` writes, every one of them reads.

    :raises CannotDecrypt: when none of the configured keys fits
    """

    def from_db_value(self, value: str | None, *_: object) -> Any:
        if value is None:
            return None
        if value == "":
            return {}
        try:
            return json.loads(_cipher().decrypt(value.encode()))
        except InvalidToken as error:
            raise CannotDecrypt(
                "A stored credential cannot be read with the configured "
                "FIELD_ENCRYPTION_KEYS. Add the key it was written with."
            ) from error

    def get_prep_value(self, value: Any) -> str | None:
        if value is None:
            return None
        return _cipher().encrypt(json.dumps(value).encode()).decode()

    def to_python(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) and value else value

    def value_to_string(self, obj: models.Model) -> str:
        return "(encrypted)"
