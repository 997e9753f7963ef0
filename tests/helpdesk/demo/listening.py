"""The desk's real mail server, on a free port and in a loop of its own."""

import asyncio
import threading


class Listening:
    def __init__(self, server, writer):
        self._server, self._writer = server, writer
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self):
        self._writer.start()
        self._thread.start()
        return self._wait_for(
            self._server.listen(protocol="smtp", host="127.0.0.1", port=0)
        )

    def __exit__(self, *_):
        self._wait_for(self._server.close())
        self._writer.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _wait_for(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)
