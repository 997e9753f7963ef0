"""The program in which raw input is read: apart, with bounds on memory, no database.

It answers on one socket: a length, then what `reading_pool` asks; back come a length
and an `Outcome`. It ends when the socket does.
"""

import io
import json
import pickle
import resource
import socket
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from struct import Struct
from typing import Any

from channels_ingest.base import Account, Examination, RawInput, Unreadable
from channels_ingest.registry import adapter_class, adapter_of
from inbox import contract
from inbox.contract import InboundEvent

LENGTH = Struct("!Q")
READY = b"ready"
MAX_TRACEBACK = 20_000
OUT_OF_MEMORY = "Reading it took more memory than one message may use."
NOT_UNDERSTOOD = "The program that reads it failed."


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What reading gave: events, or the reason why there are none."""

    events: tuple[InboundEvent, ...] = ()
    reason: str = ""
    """In plain words; empty if it could be read."""
    traceback: str = ""
    is_final: bool = False
    """Another try would end the same way."""
    report: str = ""
    """How it was read, as JSON; only where an examination was asked for."""


def main(descriptor: int, memory_bytes: int) -> None:
    """Serve requests on an inherited socket until the other end closes."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    sys.setrecursionlimit(1500)
    account: Account | None = None
    with socket.socket(fileno=descriptor) as connection:
        while (request := receive(connection)) is not None:
            # Our own parent wrote it.
            message = pickle.loads(request)  # noqa: S301
            if isinstance(message, Account):
                account = message
                adapter_class(account.kind)
                send(connection, READY)
                continue
            assert account is not None
            send(connection, packed(read(account, message)))


def read(account: Account, asked: RawInput | Examination) -> Outcome:
    """Read one input; never raises."""
    try:
        adapter = adapter_of(account)
        if isinstance(asked, Examination):
            return Outcome(
                events=tuple(adapter.parse(asked.raw)),
                report=json.dumps(adapter.examine(asked.raw), default=str),
            )
        return Outcome(events=tuple(adapter.parse(asked)))
    except Unreadable as error:
        return Outcome(reason=error.reason, is_final=error.is_final)
    except MemoryError:
        return Outcome(reason=OUT_OF_MEMORY)
    except Exception:  # noqa: BLE001
        # Whatever a stranger's bytes make it do, the next input has to be read.
        return Outcome(
            reason=NOT_UNDERSTOOD, traceback=traceback.format_exc()[-MAX_TRACEBACK:]
        )


def send(connection: socket.socket, content: bytes) -> None:
    connection.sendall(LENGTH.pack(len(content)) + content)


def receive(connection: socket.socket) -> bytes | None:
    """Return one message, or None when the other end has closed.

    :raises TimeoutError: if the socket has a timeout and it passes
    """
    head = receive_exactly(connection, LENGTH.size)
    if head is None:
        return None
    return receive_exactly(connection, LENGTH.unpack(head)[0])


def receive_exactly(connection: socket.socket, size: int) -> bytes | None:
    received = bytearray()
    while len(received) < size:
        chunk = connection.recv(min(size - len(received), 1 << 20))
        if not chunk:
            return None
        received += chunk
    return bytes(received)


_FIELDS = {
    kind: tuple(field.name for field in fields(kind))
    for kind in (Outcome, *vars(contract).values())
    if isinstance(kind, type) and is_dataclass(kind)
}
"""What outcomes are made of."""
_Reduced = tuple[Callable[..., Any], tuple[type, tuple[Any, ...]]]


def _reduced(value: Any) -> _Reduced:
    kind = type(value)
    return restored, (kind, tuple([getattr(value, name) for name in _FIELDS[kind]]))


def restored(kind: type, values: tuple[Any, ...]) -> Any:
    """Return an outcome or a part of one as it was before it was packed.

    :raises pickle.UnpicklingError: if `kind` is anything else
    """
    if kind not in _FIELDS:
        raise pickle.UnpicklingError(f"{kind} is not part of an outcome")
    return kind(**dict(zip(_FIELDS[kind], values, strict=True)))


class _Pickler(pickle.Pickler):
    """Writes the fields of each value, without looking them up every time."""

    dispatch_table = dict.fromkeys(_FIELDS, _reduced)


def packed(outcome: Outcome) -> bytes:
    """Return an outcome as `outcome_from` takes it."""
    content = io.BytesIO()
    _Pickler(content, pickle.HIGHEST_PROTOCOL).dump(outcome)
    return content.getvalue()


_ALLOWED = frozenset(
    {
        *(f"{__name__}.{name}" for name in ("Outcome", "restored")),
        *(f"datetime.{name}" for name in ("datetime", "timedelta", "timezone")),
        *(
            f"{one.__module__}.{one.__name__}"
            for one in vars(contract).values()
            if isinstance(one, type) and one.__module__ == contract.__name__
        ),
    }
)


class _PlainUnpickler(pickle.Unpickler):
    """Takes values of the contract and nothing that could run."""

    def find_class(self, module: str, name: str) -> Any:
        if f"{module}.{name}" in _ALLOWED:
            return super().find_class(module, name)
        if (module, name) == ("builtins", "getattr"):
            # So Python up to 3.11.3 writes the member of an enum.
            return _member_of
        raise pickle.UnpicklingError(f"{module}.{name} is not part of an outcome")


def _member_of(kind: Any, name: str) -> Enum:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind[name]
    raise pickle.UnpicklingError(f"{name} is not the member of an enum")


def outcome_from(content: bytes) -> Outcome:
    """Return the outcome that a child sent.

    :raises pickle.UnpicklingError: if it is anything else
    """
    outcome = _PlainUnpickler(io.BytesIO(content)).load()
    if not isinstance(outcome, Outcome):
        raise pickle.UnpicklingError("not an outcome")
    return outcome


if __name__ == "__main__":
    # Under its real name, so that what is pickled here is known over there.
    from channels_ingest import reading_child

    reading_child.main(int(sys.argv[1]), int(sys.argv[2]))
