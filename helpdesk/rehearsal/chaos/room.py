"""A small disk of its own for the installation, which can be made full.

It is a tmpfs in a mount namespace of this process and its children: nobody else sees
it, and it is gone with the last of them, however they end.
"""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

MEGABYTES = 2048
"""What it holds at most; memory is taken for what is in it only."""
NAMESPACE = ("unshare", "--mount", "--propagation", "private")
_MOUNT = 'mount -t tmpfs -o "size=$1,mode=755" none "$2" && shift 2 && exec "$@"'


def reason_against(folder: Path) -> str:
    """Return why a disk cannot be mounted on `folder`; empty if it can."""
    if os.geteuid() != 0:
        return "only root may mount a small disk that can be filled"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        trial = subprocess.run(  # noqa: S603 - our own words
            with_small_disk(folder, ["true"]),
            check=False,
            capture_output=True,
            text=True,
            timeout=20,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"a small disk cannot be mounted here ({error})"
    said = trial.stderr.strip().partition("\n")[0]
    return f"a small disk cannot be mounted here ({said})" if trial.returncode else ""


def with_small_disk(folder: Path, command: Sequence[str]) -> list[str]:
    """Return `command` in the words that run it with a small disk on `folder`."""
    mount = ["sh", "-c", _MOUNT, "sh", f"{MEGABYTES}m", str(folder)]
    return [*NAMESPACE, *mount, *command]


@contextmanager
def full_disk(folder: Path) -> Iterator[None]:
    """Leave no room on the disk for as long as the block lasts."""
    while _free_bytes(folder):
        # Others write at the same moment: what was free may be gone already.
        _resize(folder, _used_bytes(folder))
    try:
        yield
    finally:
        _resize(folder, MEGABYTES * 1024 * 1024)


def _free_bytes(folder: Path) -> int:
    disk = os.statvfs(folder)
    return disk.f_bfree * disk.f_frsize


def _used_bytes(folder: Path) -> int:
    disk = os.statvfs(folder)
    return (disk.f_blocks - disk.f_bfree) * disk.f_frsize


def _resize(folder: Path, size: int) -> None:
    subprocess.run(  # noqa: S603 - our own words
        ["mount", "-o", f"remount,size={size}", str(folder)],  # noqa: S607
        check=False,
        capture_output=True,
    )
