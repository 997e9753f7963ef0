import hashlib

import pytest

from helpdesk import bootstrap
from helpdesk.bootstrap import Missing


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project whose environment has nothing in it yet."""
    monkeypatch.setattr(bootstrap, "BASE_DIR", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "PYTHON", tmp_path / ".venv/bin/python")
    monkeypatch.setattr(bootstrap, "REQUIREMENTS", tmp_path / "requirements")
    (tmp_path / "requirements").mkdir()
    for name in ("installer", "runtime", "dev"):
        (tmp_path / "requirements" / f"{name}.txt").write_text("# nothing\n")
    return tmp_path


class TestInstall:
    def test_makes_an_environment_once_and_follows_the_lock(self, project, capsys):
        lock = project / "requirements" / "runtime.txt"

        bootstrap.install("runtime")
        first = capsys.readouterr().out
        bootstrap.install("runtime")
        second = capsys.readouterr().out
        lock.write_text("# something else\n")
        bootstrap.install("runtime")
        third = capsys.readouterr().out

        assert (project / ".venv/bin/python").exists()
        assert "Making the environment" in first
        assert second == ""
        assert "Installing 0 packages" in third
        stamp = project / ".venv" / ".installed-runtime"
        assert stamp.read_text() == hashlib.sha256(lock.read_bytes()).hexdigest()


class TestRequireEnvironment:
    def test_says_so_when_python_is_too_old(self, project, monkeypatch):
        monkeypatch.setattr(bootstrap, "OLDEST_PYTHON", (9, 9))

        with pytest.raises(Missing, match=r"needs Python 9\.9 or later") as refusal:
            bootstrap.require_environment()

        assert "PYTHON=" in str(refusal.value)

    def test_says_what_to_install_when_python_has_no_venv(self, project, monkeypatch):
        monkeypatch.setattr(bootstrap, "succeeds", lambda *_: False)
        monkeypatch.setattr(bootstrap, "may_install_packages", lambda: False)

        with pytest.raises(Missing, match="apt-get install python3-venv"):
            bootstrap.require_environment()


class TestFindChromium:
    def test_takes_the_one_that_is_named(self, tmp_path, monkeypatch):
        (tmp_path / "browser").touch()
        monkeypatch.setenv("TRIBUTARY_CHROMIUM", str(tmp_path / "browser"))

        assert bootstrap.find_chromium() == str(tmp_path / "browser")

    def test_finds_none_where_there_is_none(self, tmp_path, monkeypatch):
        monkeypatch.delenv("TRIBUTARY_CHROMIUM", raising=False)
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))

        assert bootstrap.find_chromium() == ""


class TestRequireChromium:
    def test_says_how_to_get_one(self, project, monkeypatch):
        monkeypatch.setattr(bootstrap, "find_chromium", lambda: "")
        monkeypatch.setattr(bootstrap, "may_install_packages", lambda: False)

        with pytest.raises(Missing, match="TRIBUTARY_CHROMIUM"):
            bootstrap.require_chromium()


class TestFindProgram:
    def test_takes_the_first_that_is_here(self, tmp_path, monkeypatch):
        monkeypatch.setenv("PATH", str(tmp_path))
        for name in ("second", "third"):
            (tmp_path / name).touch(mode=0o755)

        assert bootstrap.find_program("first", "second", "third").endswith("/second")
        assert bootstrap.find_program("first") == ""


class TestRequireOtherBrowsers:
    @pytest.fixture
    def installed(self, tmp_path, monkeypatch):
        """What apt-get was asked for, on a machine that has Firefox alone."""
        asked = []
        (tmp_path / "firefox").touch(mode=0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setattr(bootstrap, "apt_install", lambda *it: asked.extend(it))
        return asked

    def test_installs_what_is_absent(self, installed, monkeypatch):
        monkeypatch.setattr(bootstrap, "may_install_packages", lambda: True)

        bootstrap.require_other_browsers()

        assert installed == ["webkit2gtk-driver", "xvfb"]

    def test_says_what_is_skipped_without_root(self, installed, monkeypatch, capsys):
        monkeypatch.setattr(bootstrap, "may_install_packages", lambda: False)

        bootstrap.require_other_browsers()

        assert installed == []
        assert "skipped: webkit2gtk-driver, xvfb" in capsys.readouterr().out
