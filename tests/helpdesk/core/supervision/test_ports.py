import socket

import pytest

from helpdesk.core.supervision.ports import (
    PortTaken,
    is_answering,
    require_free_ports,
)


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


class TestRequireFreePorts:
    def test_names_the_port_and_the_setting_that_changes_it(self, listener):
        port = listener.getsockname()[1]

        with pytest.raises(PortTaken) as refusal:
            require_free_ports({"TRIBUTARY_PORT": ("127.0.0.1", port)})

        assert f"Port {port} is taken by another program" in str(refusal.value)
        assert f"TRIBUTARY_PORT={port + 10} make run" in str(refusal.value)

    def test_accepts_a_port_that_is_free(self, listener):
        port = listener.getsockname()[1]
        listener.close()

        require_free_ports({"TRIBUTARY_PORT": ("127.0.0.1", port)})


class TestIsAnswering:
    def test_is_true_while_somebody_listens(self, listener):
        port = listener.getsockname()[1]

        assert is_answering("127.0.0.1", port)
        assert is_answering("0.0.0.0", port)

    def test_is_false_afterwards(self, listener):
        port = listener.getsockname()[1]
        listener.close()

        assert not is_answering("127.0.0.1", port)
