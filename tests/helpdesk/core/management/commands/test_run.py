import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import psutil
import pytest
from django.conf import settings

MANAGE = str(settings.BASE_DIR / "manage.py")


@pytest.fixture
def environment(own_folder):
    """An installation of its own: empty data folder, free ports, no servers given."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TRIBUTARY_", "DJANGO_", "DATABASE_", "REDIS_"))
    }
    web, realtime, smtp = unused_ports(3)
    return {
        **inherited,
        "TRIBUTARY_DATA_DIR": str(own_folder / "var"),
        "TRIBUTARY_PORT": str(web),
        "TRIBUTARY_REALTIME_PORT": str(realtime),
        "TRIBUTARY_SMTP_PORT": str(smtp),
    }


@pytest.fixture
def start(environment):
    runs = []

    def start():
        run = subprocess.Popen(
            [sys.executable, MANAGE, "run"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        runs.append(run)
        return run

    yield start
    for run in runs:
        if run.poll() is None:
            run.terminate()
        run.wait(40)


def manage(environment, command):
    return subprocess.run(
        [sys.executable, MANAGE, command],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def unused_ports(count):
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


def output_until(run, words):
    lines = []
    for line in run.stdout:
        lines.append(line)
        if words in line:
            break
    return "".join(lines)


def at_work_in(folder):
    """Every living process that has to do with that data folder."""
    found = []
    for process in psutil.process_iter():
        try:
            told = f"{process.cwd()} {process.cmdline()} {process.environ()}"
        except (psutil.Error, OSError):
            continue
        if folder in told and process.status() != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


def everything_ends(folder, within=30):
    give_up_at = time.monotonic() + within
    while time.monotonic() < give_up_at and at_work_in(folder):
        time.sleep(0.1)
    return not at_work_in(folder)


@pytest.mark.timeout(180)
class TestRun:
    def test_starts_everything_and_one_signal_stops_all_of_it(self, start, environment):
        run = start()
        said = output_until(run, "Logs are in")
        url = f"http://127.0.0.1:{environment['TRIBUTARY_PORT']}"
        ready = urllib.request.urlopen(f"{url}/readyz").status
        doctor = manage(environment, "doctor")
        second = manage(environment, "run")

        run.send_signal(signal.SIGINT)
        farewell = run.communicate(timeout=40)[0]

        for name in ("PostgreSQL", "Valkey", "web", "realtime", "worker", "beat"):
            assert f"  {name:<12}ready" in said
        assert f"Open http://localhost:{environment['TRIBUTARY_PORT']}" in said
        assert ready == 200
        assert "worker runs" in doctor.stdout
        assert second.returncode == 1
        assert f"already runs from this folder (process {run.pid})" in second.stderr
        assert "Everything has stopped." in farewell
        assert run.returncode == 0
        assert everything_ends(environment["TRIBUTARY_DATA_DIR"], within=1)

    def test_leaves_nothing_behind_when_killed_and_starts_again(
        self, start, environment
    ):
        killed = start()
        output_until(killed, "Logs are in")

        killed.kill()
        killed.wait()

        assert everything_ends(environment["TRIBUTARY_DATA_DIR"])
        assert "  tables      ready" in output_until(start(), "tables")

    def test_names_a_taken_port_and_its_setting(self, start, environment):
        port = int(environment["TRIBUTARY_SMTP_PORT"])
        with socket.create_server(("127.0.0.1", port)):
            run = start()
            said = run.communicate(timeout=60)[0]

        assert run.returncode == 1
        assert f"Port {port} is taken by another program" in said
        assert "TRIBUTARY_SMTP_PORT" in said
        assert everything_ends(environment["TRIBUTARY_DATA_DIR"], within=1)
