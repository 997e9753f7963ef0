"""Questions of many sockets to the database, answered a few at a time.

A process opens its sockets' connections to the database anew each time. When a
thousand browsers come back at once, those who wait are answered together over one.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async

MOST_TOGETHER = 20
"""Others of the process need the database as well."""

Answer = TypeVar("Answer")
_Question = Callable[[], Any]
_Outcome = tuple[Any, Exception | None]


class DatabaseLine:
    """Who of one event loop's sockets waits for the database."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[_Question, asyncio.Future[Any]]] = deque()
        self._answering: asyncio.Task[None] | None = None

    async def ask(self, question: Callable[[], Answer]) -> Answer:
        """Run `question` where it may use the database, and return its answer.

        Whatever it raises is raised here.
        """
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        if self._answering is None:
            self._answering = asyncio.create_task(self._answer_all())
        return cast("Answer", await answer)

    async def _answer_all(self) -> None:
        try:
            while self._waiting:
                count = min(MOST_TOGETHER, len(self._waiting))
                asked = [self._waiting.popleft() for _ in range(count)]
                answers = await _answers_to([question for question, _ in asked])
                for (_, waiting), (answer, error) in zip(asked, answers, strict=True):
                    _hand_over(waiting, answer, error)
        finally:
            self._answering = None


async def _answers_to(questions: list[_Question]) -> list[_Outcome]:
    try:
        return await _answers(questions)
    except Exception as error:  # noqa: BLE001 - it is raised for whoever asked
        return [(None, error)] * len(questions)


@database_sync_to_async
def _answers(questions: list[_Question]) -> list[_Outcome]:
    return [_answer(question) for question in questions]


def _answer(question: _Question) -> _Outcome:
    try:
        return question(), None
    except Exception as error:  # noqa: BLE001 - it is raised for whoever asked
        return None, error


def _hand_over(
    waiting: "asyncio.Future[Any]", answer: Any, error: Exception | None
) -> None:
    if waiting.done():  # whoever asked has gone
        return
    if error is None:
        waiting.set_result(answer)
    else:
        waiting.set_exception(error)


_lines: WeakKeyDictionary[asyncio.AbstractEventLoop, DatabaseLine] = WeakKeyDictionary()


def database_line() -> DatabaseLine:
    """Return the line of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _lines:
        _lines[loop] = DatabaseLine()
    return _lines[loop]
