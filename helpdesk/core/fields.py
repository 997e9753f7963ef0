"""Model fields that keep their content unreadable to whoever reads the database."""

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import models
from django.db.models.query_utils import DeferredAttribute

HIDDEN = "(encrypted)"


class CannotDecrypt(Exception):
    """The stored value was written with a key that is not configured any more."""


class Secrets(dict[str, Any]):
    """A dict whose text form shows nothing, so that no log or error page can."""

    def __repr__(self) -> str:
        return HIDDEN

    __str__ = __repr__


class _HiddenAttribute(DeferredAttribute):
    """Makes `Secrets` of every dict that is assigned."""

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = _hidden(value)


if TYPE_CHECKING:
    _TextField = models.TextField[dict[str, Any], dict[str, Any]]
else:
    _TextField = models.TextField


class EncryptedJSONField(_TextField):
    """A JSON object stored as an authenticated ciphertext (Fernet).

    The first of `settings.FIELD_ENCRYPTION_KEYS` writes, every one of them reads; to
    change keys put the new one first and run `manage.py rotate_field_keys`. Nothing
    can be searched by it, and forms of the admin leave it out.

    :raises CannotDecrypt: when none of the configured keys fits
    """

    descriptor_class = _HiddenAttribute

    def from_db_value(self, value: str | None, *_: object) -> Any:
        if value is None:
            return None
        return _hidden(decrypted(value)) if value else Secrets()

    def get_prep_value(self, value: Any) -> str | None:
        if value is None:
            return None
        return _cipher().encrypt(json.dumps(value).encode()).decode()

    def to_python(self, value: Any) -> Any:
        return _hidden(json.loads(value) if isinstance(value, str) and value else value)

    def formfield(self, *_: object, **__: object) -> None:
        """Leave the field out of every form made from the model."""

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is encrypted and cannot be searched.")
        return super().get_lookup(lookup_name)

    def get_transform(self, lookup_name: str) -> Any:
        raise FieldError(f"{self.name} is encrypted and cannot be searched.")

    def value_to_string(self, obj: models.Model) -> str:
        return HIDDEN


def decrypted(ciphertext: str) -> Any:
    try:
        return json.loads(_cipher().decrypt(ciphertext.encode()))
    except InvalidToken as error:
        raise CannotDecrypt(
            "A stored credential cannot be read with the configured "
            "FIELD_ENCRYPTION_KEYS. Add the key it was written with."
        ) from error


def rotated(ciphertext: str) -> str:
    """Return the same content under the first key.

    :raises CannotDecrypt: when none of the configured keys fits
    """
    try:
        return _cipher().rotate(ciphertext.encode()).decode()
    except InvalidToken as error:
        raise CannotDecrypt("None of FIELD_ENCRYPTION_KEYS fits.") from error


def _hidden(value: Any) -> Any:
    return Secrets(value) if isinstance(value, dict) else value


def _cipher() -> MultiFernet:
    keys = getattr(settings, "FIELD_ENCRYPTION_KEYS", ())
    if not keys:
        raise ImproperlyConfigured(
            "FIELD_ENCRYPTION_KEYS is empty: channel credentials cannot be stored."
        )
    return _cipher_of(tuple(keys))


@lru_cache(maxsize=4)
def _cipher_of(keys: tuple[str | bytes, ...]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise ImproperlyConfigured(
            "FIELD_ENCRYPTION_KEYS holds something that is not a key: each is 32 "
            "random bytes in URL-safe base64."
        ) from error
