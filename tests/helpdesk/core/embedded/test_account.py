import os
import pwd

import pytest

from helpdesk.core.embedded.account import account_for_postgres, let_through

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="root is another account")


@needs_root
class TestLetThrough:
    def test_may_pass_through_a_private_folder_but_not_look_into_it(self, tmp_path):
        private = tmp_path / "private"
        (private / "cluster").mkdir(parents=True)
        private.chmod(0o700)
        (private / "letter").write_text("secret")

        account = account_for_postgres()
        let_through(account, private / "cluster")

        assert may(account, private / "cluster", os.X_OK)
        assert not may(account, private, os.R_OK)

    def test_lets_nobody_else_through(self, tmp_path):
        private = tmp_path / "private"
        (private / "cluster").mkdir(parents=True)
        private.chmod(0o700)

        let_through(account_for_postgres(), private / "cluster")

        assert not may(pwd.getpwnam("nobody"), private / "cluster", os.X_OK)


@pytest.mark.skipif(os.geteuid() == 0, reason="root is another account")
class TestAccountForPostgres:
    def test_is_our_own(self):
        assert account_for_postgres() is None


def may(account, path, right):
    """Whether `account` has that right; asked as that account."""
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
        os._exit(0 if os.access(path, right) else 1)
    return os.waitpid(child, 0)[1] == 0
