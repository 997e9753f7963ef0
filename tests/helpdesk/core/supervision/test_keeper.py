import os
import signal
import socket
import sys
import threading
from pathlib import Path

import psutil
import pytest

from helpdesk.core.embedded import EmbeddedPostgres, EmbeddedValkey
from helpdesk.core.supervision import keeper as keeper_module
from helpdesk.core.supervision.keeper import Keeper, Kept, say
from helpdesk.core.supervision.leftovers import end_leftovers
from helpdesk.core.supervision.plan import SUPERVISED, Plan, Program
from tests.waiting import eventually

NAP = "import time; time.sleep(60)"
PARENT_OF_A_NAP = (
    "import subprocess, sys, time\n"
    f"subprocess.Popen([sys.executable, '-c', {NAP!r}])\n"
    "time.sleep(60)"
)
DEAF = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
)


@pytest.fixture
def keep(tmp_path):
    keepers = []

    def start(*programs, servers=()):
        plan = Plan(
            base_dir=tmp_path,
            data_dir=tmp_path,
            host="127.0.0.1",
            servers=(),
            programs=programs,
            farewell="",
        )
        keeper = Keeper(plan, servers)
        keepers.append(keeper)
        keeper.start()
        return keeper

    yield start
    for keeper in keepers:
        keeper.stop()


def program(code, **more):
    return Program(name="probe", command=(sys.executable, "-c", code), **more)


def unused_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def workers_for(data_dir):
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(SUPERVISED) == str(data_dir):
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return [it for it in found if it.status() != psutil.STATUS_ZOMBIE]


class TestKeeper:
    def test_says_when_a_program_answers_on_its_port(self, keep, capsys):
        port = unused_port()
        listen = (
            "import socket, time\n"
            f"listener = socket.create_server(('127.0.0.1', {port}))\n"
            "time.sleep(60)"
        )

        keep(program(listen, port=port, shows="here"))

        assert "probe       ready   here" in capsys.readouterr().out

    def test_starts_a_program_again_that_was_killed(self, keep, tmp_path, capsys):
        keeper = keep(program(NAP))
        killed = keeper.kept[0].process.pid
        watching = threading.Thread(target=keeper.watch)
        watching.start()

        os.kill(killed, signal.SIGKILL)

        assert eventually(lambda: any(it.pid != killed for it in workers_for(tmp_path)))
        assert "killed by SIGKILL, starting again in 1 s" in capsys.readouterr().out
        keeper.stop_signals += 1
        watching.join()

    def test_waits_longer_each_time_a_program_fails(self, keep, capsys):
        keeper = keep(program("raise SystemExit(3)", port=unused_port()))
        kept = keeper.kept[0]
        pauses = [kept.pause]
        while len(pauses) < 6:
            kept.start_again_at = 0
            keeper._mend(kept)
            kept.process.wait()
            keeper._mend(kept)
            pauses.append(kept.pause)

        assert pauses == [2, 4, 8, 16, 30, 30]
        assert "exit code 3" in capsys.readouterr().out

    def test_goes_on_when_there_is_no_room_for_its_words(self, monkeypatch):
        full = Path("/dev/full").open("w")  # noqa: SIM115
        monkeypatch.setattr(sys, "stdout", full)

        say("probe", "ready")

        with pytest.raises(OSError, match="No space left"):
            full.close()

    def test_starts_a_program_when_there_is_room_for_its_log(self, keep, tmp_path):
        keeper = keep()
        (tmp_path / "log").write_text("in the way")
        keeper.kept = [Kept(program=program(NAP), log=tmp_path / "log" / "probe.log")]

        keeper._mend(keeper.kept[0])
        (tmp_path / "log").unlink()
        keeper.kept[0].start_again_at = 0
        keeper._mend(keeper.kept[0])

        assert keeper.kept[0].process.poll() is None

    def test_starts_a_server_when_there_is_room_for_it(self, keep, tmp_path, capsys):
        postgres = EmbeddedPostgres(tmp_path)
        postgres.start(death_signal=signal.SIGINT)
        postgres.stop()
        settings = postgres.cluster / "postgresql.conf"
        settings.unlink()
        settings.symlink_to("/dev/full")
        keeper = keep(servers=[postgres])

        keeper._mend_servers()
        settings.unlink()
        keeper._mend_servers()

        assert postgres.is_running()
        assert "No space left on device" in capsys.readouterr().out

    def test_starts_a_server_again_that_was_killed(self, keep, tmp_path):
        valkey = EmbeddedValkey(tmp_path)
        valkey.start(death_signal=signal.SIGTERM)
        keeper = keep(program(NAP), servers=[valkey])
        watching = threading.Thread(target=keeper.watch)
        watching.start()

        os.kill(valkey.pid, signal.SIGKILL)

        assert eventually(valkey.is_running)
        keeper.stop_signals += 1
        watching.join()

    def test_leaves_nothing_behind_not_even_grandchildren(self, keep, tmp_path):
        keeper = keep(program(PARENT_OF_A_NAP))
        assert eventually(lambda: len(workers_for(tmp_path)) == 2)

        keeper.stop()

        assert workers_for(tmp_path) == []

    def test_kills_what_does_not_listen(self, keep, tmp_path, monkeypatch):
        monkeypatch.setattr(keeper_module, "GRACE_SECONDS", 0.5)
        keeper = keep(program(DEAF))

        keeper.stop()

        assert workers_for(tmp_path) == []


class TestEndLeftovers:
    def test_ends_what_a_killed_keeper_left_and_nobody_elses(self, keep, tmp_path):
        keep(program(NAP))
        assert len(workers_for(tmp_path)) == 1

        assert end_leftovers(tmp_path / "elsewhere") == 0
        assert end_leftovers(tmp_path) == 1
        assert workers_for(tmp_path) == []


class TestPlan:
    def test_reads_what_it_wrote(self, tmp_path):
        plan = Plan(
            base_dir=tmp_path,
            data_dir=tmp_path / "var",
            host="::1",
            servers=("Valkey",),
            programs=(program(NAP, port=25, environment={"A": "b"}),),
            farewell="Open http://localhost",
        )
        plan.write(tmp_path / "run.json")

        assert Plan.read(tmp_path / "run.json") == plan
        assert (tmp_path / "run.json").stat().st_mode & 0o077 == 0
