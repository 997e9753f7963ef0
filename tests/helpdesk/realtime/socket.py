"""One end of a WebSocket, spoken to in the words of ASGI."""

import json

from asgiref.testing import ApplicationCommunicator

from helpdesk.realtime.consumers import AgentConsumer

PATIENCE = 5


class Socket(ApplicationCommunicator):
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

    async def close(self):
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait(PATIENCE)
