"""Make ready what a `make` target needs; done once, and skipped from then on.

Runs on any Python 3 with nothing installed, so that it can say what is missing.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

OLDEST_PYTHON = (3, 11)
BASE_DIR = Path(__file__).resolve().parent.parent
VENV = BASE_DIR / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = BASE_DIR / "requirements"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FIREFOX_NAMES = ("firefox-esr", "firefox")
TOOLS = {
    "swaks": ["swaks"],
    "dovecot-imapd": ["dovecot"],
    "gettext": ["xgettext"],
    "faketime": ["faketime"],
    "php-cli": ["php"],
    "ruby": ["ruby"],
}
"""Debian packages that tests and rehearsals use, with the names of their program."""
OTHER_BROWSERS = {
    "firefox-esr": FIREFOX_NAMES,
    "webkit2gtk-driver": ["WebKitWebDriver"],
    "xvfb": ["Xvfb"],
}
"""What visitors use who do not use Chromium; WebKit is Safari's engine."""


class Missing(Exception):
    """Something cannot be had; the message says what to do about it."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("needs", nargs="+", choices=sorted(STEPS))
    wanted = parser.parse_args().needs
    try:
        for need in wanted:
            STEPS[need]()
    except Missing as problem:
        sys.exit(f"\n{problem}")
    except subprocess.CalledProcessError as problem:
        sys.exit(f"\nThis step failed: {' '.join(map(str, problem.cmd))}")


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


def run(*command: str) -> None:
    subprocess.run(command, check=True, cwd=BASE_DIR)  # noqa: S603  our own words


def runs_with_dots(*command: str) -> bool:
    """Show that something is happening while `command` keeps silent."""
    with subprocess.Popen(command, cwd=BASE_DIR) as process:  # noqa: S603
        while process.poll() is None:
            print(".", end="", flush=True)  # noqa: T201
            time.sleep(1)
    say("")
    return process.returncode == 0


def succeeds(*command: str) -> bool:
    try:
        done = subprocess.run(command, check=False, capture_output=True, cwd=BASE_DIR)  # noqa: S603
    except OSError:
        return False
    return done.returncode == 0


# --- Packages -----------------------------------------------------------------------


def install_runtime() -> None:
    install("runtime")


def install_dev() -> None:
    install("dev")


def install(kind: str) -> None:
    """Bring .venv to what requirements/`kind`.txt says."""
    lock = REQUIREMENTS / f"{kind}.txt"
    stamp = VENV / f".installed-{kind}"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest and PYTHON.exists():
        return
    started = time.monotonic()
    require_environment()
    count = sum(line[:1].isalpha() for line in lock.read_text().splitlines())
    say(f"Installing {count} packages into .venv (only the first time).")
    install_lock(lock)
    stamp.write_text(digest)
    say(f"Installed in {time.monotonic() - started:.0f} s.")


def install_lock(lock: Path) -> None:
    """With uv, which takes seconds; with pip if uv cannot be had."""
    installer = str(REQUIREMENTS / "installer.txt")
    pip = pip_command()
    if succeeds(*pip, "install", "--quiet", "--require-hashes", "-r", installer):
        uv = [str(PYTHON), "-m", "uv", "pip", "install", "--python", str(PYTHON)]
        # The machine's certificates know a company's proxy; uv's own know the rest.
        for certificates in (["--system-certs"], []):
            command = [*uv, *certificates, "--quiet", "--require-hashes", "-r"]
            if runs_with_dots(*command, str(lock)):
                return
    say("uv cannot do it here, so pip does. This takes a few minutes.")
    run(*pip, "install", "--require-hashes", "-r", str(lock))


def pip_command() -> list[str]:
    if succeeds(str(PYTHON), "-m", "pip", "--version"):
        return [str(PYTHON), "-m", "pip"]
    return [sys.executable, "-m", "pip", "--python", str(PYTHON)]


def require_environment() -> None:
    """Make .venv, or make it anew if its Python is gone or too old."""
    version = ".".join(map(str, OLDEST_PYTHON))
    check = f"import sys; sys.exit(sys.version_info < {OLDEST_PYTHON})"
    if succeeds(str(PYTHON), "-c", check):
        return
    if sys.version_info < OLDEST_PYTHON:
        found = ".".join(map(str, sys.version_info[:2]))
        raise Missing(
            f"Tributary needs Python {version} or later, and {sys.executable} is "
            f"{found}. Install a newer one and name it: PYTHON=python3.12 make run"
        )
    say("Making the environment in .venv.")
    shutil.rmtree(VENV, ignore_errors=True)
    make_environment()


def make_environment() -> None:
    venv = [sys.executable, "-m", "venv"]
    if succeeds(*venv, str(VENV)):
        return
    shutil.rmtree(VENV, ignore_errors=True)
    # Debian parts pip from Python. One pip on the machine can serve every environment.
    if succeeds(sys.executable, "-m", "pip", "--version") and succeeds(
        *venv, "--without-pip", str(VENV)
    ):
        return
    shutil.rmtree(VENV, ignore_errors=True)
    if may_install_packages():
        apt_install(f"python3.{sys.version_info[1]}-venv", "python3-venv")
        run(*venv, str(VENV))
        return
    raise Missing(
        "Python here comes without its venv module. As root, on Debian or Ubuntu:\n"
        "    apt-get install python3-venv\n"
        "and then the same make command again."
    )


# --- Programs -----------------------------------------------------------------------


def find_chromium() -> str:
    """The path of a Chromium to test with; empty if there is none."""
    named = os.environ.get("TRIBUTARY_CHROMIUM", "")
    if named and Path(named).exists():
        return named
    found = (shutil.which(name) for name in CHROMIUM_NAMES)
    return next((path for path in found if path), "") or playwrights_chromium()


def playwrights_chromium() -> str:
    cache = os.environ.get("PLAYWRIGHT_BROWSERS_PATH", "")
    folder = Path(cache) if cache else Path.home() / ".cache" / "ms-playwright"
    return next(
        (str(path) for path in folder.glob("chromium*/chrome-linux*/chrome")), ""
    )


def require_chromium() -> None:
    if find_chromium():
        return
    if may_install_packages():
        apt_install("chromium")
    elif PYTHON.exists():
        say("Fetching Chromium for the browser tests (only the first time).")
        succeeds(str(PYTHON), "-m", "playwright", "install", "chromium")
    if not find_chromium():
        raise Missing(
            "The browser tests need Chromium. Install it (as root, on Debian: apt-get "
            "install chromium), or name the program with TRIBUTARY_CHROMIUM=/path."
        )


def require_tools() -> None:
    """Programs the tests talk to. Without root their tests are skipped."""
    require_programs(TOOLS)


def require_other_browsers() -> None:
    """As tools: without root, journeys in them are skipped."""
    require_programs(OTHER_BROWSERS)


def require_programs(wanted: Mapping[str, Sequence[str]]) -> None:
    absent = [package for package, names in wanted.items() if not find_program(*names)]
    if not absent:
        return
    if may_install_packages():
        apt_install(*absent)
    else:
        say(f"Not here, so the tests that need them are skipped: {', '.join(absent)}.")


def find_firefox() -> str:
    """The path of a Firefox to test with; empty if there is none."""
    return find_program(*FIREFOX_NAMES)


def find_program(*names: str) -> str:
    """The path of the first that is here, also where only root looks; or nothing."""
    folders = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    found = (shutil.which(name, path=folders) for name in names)
    return next((path for path in found if path), "")


def may_install_packages() -> bool:
    return (
        hasattr(os, "geteuid") and os.geteuid() == 0 and bool(shutil.which("apt-get"))
    )


def apt_install(*packages: str) -> None:
    """Install Debian packages; those this release does not have are left out."""
    say(f"Installing {', '.join(packages)} with apt-get.")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    subprocess.run([*apt, "update"], check=False, env=quiet)  # noqa: S603
    for package in packages:
        subprocess.run(  # noqa: S603
            [*apt, "install", "-y", "--no-install-recommends", package],
            check=False,
            env=quiet,
            stdout=subprocess.DEVNULL,
        )


STEPS = {
    "runtime": install_runtime,
    "dev": install_dev,
    "browser": require_chromium,
    "browsers": require_other_browsers,
    "tools": require_tools,
}

if __name__ == "__main__":
    main()
