"""One end of a WebSocket, spoken to in the words of ASGI."""

import json

from asgiref.testing import ApplicationCommunicator

from helpdesk.chat.tokens import token_of
from helpdesk.realtime.consumers import AgentConsumer
from helpdesk.realtime.visitor_consumer import VisitorConsumer
from tests.factories.chat import SECRET

PATIENCE = 5


class _Socket(ApplicationCommunicator):
    async def open(self):
        await self.send_input({"type": "websocket.connect"})
        assert (await self.receive_output(PATIENCE))["type"] == "websocket.accept"
        return self

    async def say(self, message):
        text = message if isinstance(message, str) else json.dumps(message)
        await self.send_input({"type": "websocket.receive", "text": text})

    async def hear(self, kind):
        """The next message of that kind; others are passed over."""
        while True:
            message = json.loads((await self.receive_output(PATIENCE))["text"])
            if message["type"] == kind:
                return message

    async def is_closed_with(self):
        """The code that the other side closes with; what it says before is dropped."""
        while True:
            message = await self.receive_output(PATIENCE)
            if message["type"] == "websocket.close":
                return message["code"]

    async def close(self):
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait(PATIENCE)


class Socket(_Socket):
    """A browser's side of the agents' socket, for a signed-in user."""

    def __init__(self, user):
        scope = {
            "type": "websocket",
            "path": "/ws/agent/",
            "headers": [],
            "user": user,
            "session": {},
        }
        super().__init__(AgentConsumer.as_asgi(), scope)


class VisitorSocket(_Socket):
    """A visitor's side; `address` is where it comes from."""

    def __init__(self, *, address="203.0.113.7", headers=()):
        scope = {
            "type": "websocket",
            "path": "/ws/chat/",
            "headers": list(headers),
            "client": (address, 50_000),
        }
        super().__init__(VisitorConsumer.as_asgi(), scope)

    async def enter(self, visitor, *, secret=SECRET):
        """Open it and say whose token this is."""
        await self.open()
        token = token_of(visitor, secret=secret)
        await self.say({"type": "hello", "token": token})
        await self.hear("ready")
        return self
