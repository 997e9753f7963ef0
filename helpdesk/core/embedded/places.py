"""Where the embedded servers keep their files, and how their processes are known."""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil

LONGEST_SOCKET_PATH = 100  # the kernel allows 107 bytes
STOP_TIMEOUT = 60.0
SHORT = Path("/tmp")  # noqa: S108  the same for all; each folder in it is checked


class ServerDidNotStart(Exception):
    """The server ended or stayed silent; the message says what its log says."""


def wheel_directory(package: str) -> Path:
    """The folder of an installed package, without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ServerDidNotStart(f"The package {package} is not installed.")
    return Path(spec.origin).parent


def socket_directory(data_dir: Path, name: str, file: str) -> Path:
    """A folder for the socket `file`, with a path short enough for the kernel.

    The same data folder always gets the same answer, in every process.
    """
    inside = data_dir / name
    if len(os.fsencode(inside / file)) <= LONGEST_SOCKET_PATH:
        return inside
    mark = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    return SHORT / f"tributary-{os.getuid()}-{mark}" / name


def private_directory(path: Path, account: pwd.struct_passwd | None = None) -> None:
    """Make `path`, entered by one account only, and refuse one laid by a stranger."""
    if path.parent.parent == SHORT and path.parent.name.startswith("tributary-"):
        private_directory(path.parent, account)
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    owner = account.pw_uid if account else os.getuid()
    if path.is_symlink() or path.stat().st_uid not in {owner, os.getuid()}:
        raise ServerDidNotStart(f"{path} belongs to another account. Remove it.")
    if account:
        os.chown(path, account.pw_uid, account.pw_gid)
    path.chmod(0o700)


@contextlib.contextmanager
def one_at_a_time(lock: Path) -> Iterator[None]:
    """Hold `lock` against every other process; the kernel drops it if we die."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def serves(process: psutil.Process, executable: str, directory: Path) -> bool:
    """Whether `process` is that server at work in `directory`.

    A process number alone proves nothing: after a reboot it may be anybody's.
    """
    with contextlib.suppress(psutil.Error, OSError):
        return (
            Path(process.cwd()) == directory
            and process.status() != psutil.STATUS_ZOMBIE
            and executable in f"{process.name()} {process.exe()}"
        )
    return False


def any_process_serves(executable: str, directory: Path) -> bool:
    return any(serves(it, executable, directory) for it in psutil.process_iter())


def end(process: psutil.Process, *, gently: signal.Signals) -> None:
    """Ask the process to end, and make it end if it does not within the time."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(gently)
        try:
            process.wait(STOP_TIMEOUT)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(STOP_TIMEOUT)


def last_lines(log: Path, count: int = 8) -> str:
    """The end of a log, to show to a person."""
    if not log.exists():
        return f"{log} is empty."
    lines = log.read_text(errors="replace").splitlines()[-count:]
    return "\n".join([f"The end of {log}:", *lines])


def scratch_file(directory: Path, text: str) -> "tempfile._TemporaryFileWrapper[str]":
    """A file only its owner can read, that goes when it is closed."""
    file = tempfile.NamedTemporaryFile("w", dir=directory)  # noqa: SIM115
    file.write(text)
    file.flush()
    return file
