"""Secrets that are made at first start and kept in files only we can read."""

import base64
import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path

FORBIDDEN_WORDS = ("change-me", "changeme", "insecure", "secret-key", "example")
SHORTEST_SECRET = 32


def secret_from_file(path: Path, make: Callable[[], str]) -> str:
    """Return the secret kept at `path`; the first caller makes it.

    Safe when several processes start at once: all of them get the same secret.
    """
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        _create_once(path, make())
        return path.read_text().strip()


def _create_once(path: Path, value: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # mkstemp gives mode 0600, and a hard link either appears whole or not at all.
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".draft-")
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(value + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(path).hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        Path(draft).unlink()


def make_signing_key() -> str:
    return secrets.token_urlsafe(64)


def make_encryption_key() -> str:
    """A key as Fernet takes it."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def make_password() -> str:
    return secrets.token_hex(32)


def weakness_of(secret: str) -> str:
    """Say why `secret` must not guard real data; empty if nothing is wrong."""
    if len(secret) < SHORTEST_SECRET:
        return f"is shorter than {SHORTEST_SECRET} characters"
    if any(word in secret.lower() for word in FORBIDDEN_WORDS):
        return "looks like a placeholder"
    if len(set(secret)) < 10:
        return "repeats itself"
    return ""
