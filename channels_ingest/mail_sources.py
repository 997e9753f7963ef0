"""Mails that lie in files: a folder of them, an mbox, a maildir."""

import mailbox
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast


class NoMailThere(Exception):
    """The path holds no mail in any form we know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMail:
    """One mail, under a name that is the same the next time."""

    name: str
    raw: bytes


def names_in(path: Path) -> list[str]:
    """Return the names of all mails at `path`, in their order.

    :raises NoMailThere: if there is nothing
    """
    if path.is_file():
        return [str(key) for key in _mbox(path).keys()]  # noqa: SIM118 - no mapping
    if not path.is_dir():
        raise NoMailThere(f"{path} is neither a folder nor a file.")
    folders = [path / "cur", path / "new"] if (path / "cur").is_dir() else [path]
    files = (
        file
        for folder in folders
        if folder.is_dir()
        for file in folder.rglob("*")
        if file.is_file() and not file.name.startswith(".")
    )
    return sorted(str(file.relative_to(path)) for file in files)


def mails_in(path: Path, names: list[str]) -> Iterator[StoredMail]:
    """Yield the named mails in order."""
    if path.is_file():
        box = _mbox(path)
        for name in names:
            yield StoredMail(name=name, raw=box.get_bytes(cast("str", int(name))))
        return
    for name in names:
        yield StoredMail(name=name, raw=(path / name).read_bytes())


def _mbox(path: Path) -> "mailbox.mbox":
    return mailbox.mbox(path, create=False)
