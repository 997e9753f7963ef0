"""PostgreSQL refuses to run as root: the account it runs as instead."""

import os
import pwd
import struct
import subprocess
from pathlib import Path

from helpdesk.core.embedded.places import ServerDidNotStart

NAME = "tributary-postgres"
ACL = "system.posix_acl_access"
_ENTRY = struct.Struct("<HHI")
_NOBODY = 0xFFFFFFFF
_USER_OBJ, _USER, _GROUP_OBJ, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
_SEARCH = 1


def account_for_postgres() -> pwd.struct_passwd | None:
    """Whom PostgreSQL runs as: ourselves (None), or a locked account if we are root."""
    if os.geteuid() != 0:
        _require_a_name()
        return None
    return _existing_or_new()


def let_through(account: pwd.struct_passwd, *paths: Path) -> None:
    """Let `account` pass through to each of the paths, and see nothing beside them."""
    for path in paths:
        for folder in reversed(path.parents):
            _let_through(folder, account)


def _require_a_name() -> None:
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        raise ServerDidNotStart(
            f"The account number {os.geteuid()} has no name on this machine, and "
            "PostgreSQL does not start without one. Add it to /etc/passwd, or set "
            "DATABASE_URL to a PostgreSQL server."
        ) from None


def _existing_or_new() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        pass
    command = ["useradd", "--system", "--no-create-home", "--user-group"]
    try:
        subprocess.run(  # noqa: S603  fixed words
            [*command, "--shell", "/usr/sbin/nologin", NAME],
            check=True,
            capture_output=True,
        )
    except (OSError, subprocess.CalledProcessError) as problem:
        raise ServerDidNotStart(
            "PostgreSQL does not run as root, and the account for it could not be "
            f"made ({problem}). Run this as an ordinary account, or set DATABASE_URL."
        ) from problem
    return pwd.getpwnam(NAME)


def _let_through(folder: Path, account: pwd.struct_passwd) -> None:
    status = folder.stat()
    if status.st_uid == account.pw_uid or status.st_mode & 0o001:
        return
    try:
        os.setxattr(folder, ACL, _with_search(folder, account.pw_uid))
    except OSError:
        # No access lists here. Passing through is all that everybody gains by this.
        folder.chmod(status.st_mode | 0o001)


def _with_search(folder: Path, user: int) -> bytes:
    """The access list of `folder`, with the right to pass through added for `user`."""
    mode = folder.stat().st_mode
    try:
        entries = list(_ENTRY.iter_unpack(os.getxattr(folder, ACL)[4:]))
    except OSError:
        entries = [
            (_USER_OBJ, mode >> 6 & 7, _NOBODY),
            (_GROUP_OBJ, mode >> 3 & 7, _NOBODY),
            (_OTHER, mode & 7, _NOBODY),
        ]
    mask = next((right for tag, right, _ in entries if tag == _MASK), mode >> 3 & 7)
    kept = [
        entry
        for entry in entries
        if entry[0] != _MASK and (entry[0], entry[2]) != (_USER, user)
    ]
    kept += [(_USER, _SEARCH, user), (_MASK, mask | _SEARCH, _NOBODY)]
    return struct.pack("<I", 2) + b"".join(
        _ENTRY.pack(*e) for e in sorted(kept, key=lambda e: (e[0], e[2]))
    )
