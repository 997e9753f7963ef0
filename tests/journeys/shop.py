"""A company's own website, on an origin that is not the desk's."""

import contextlib
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from helpdesk.rehearsal.installation import BASE_DIR
from tests.journeys.desk import PREFIXES

OPEN = """
import json, os
from channels_ingest.actions.channels import save_channel
from channels_ingest.adapters.webchat.adapter import WebchatAdapter
from inbox.models import Brand, Channel
for key, chat in json.loads(os.environ["WIDGETS"]).items():
    channel = Channel.objects.filter(address=key).first() or Channel(
        kind="webchat", name=key, address=key, brand=Brand.objects.first()
    )
    save_channel(
        channel=channel,
        capabilities=WebchatAdapter.capabilities,
        configure=lambda _: {"chat": chat},
    )
"""


def set_up_widgets(desk, widgets):
    """Make chat channels; `widgets` has their settings by key."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(PREFIXES)}
    subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", OPEN],
        cwd=BASE_DIR,
        env={
            **environment,
            "TRIBUTARY_DATA_DIR": str(desk.data_dir),
            "WIDGETS": json.dumps(widgets),
        },
        check=True,
        timeout=120,
    )


class Shop:
    """Pages by their paths; each is what a shop's server would send."""

    def __init__(self):
        self.pages = {}
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                policy, page = shop.pages.get(self.path.partition("?")[0], (None, None))
                self.send_response(200 if page else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                if policy:
                    self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                self.wfile.write((page or "").encode())

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        """Another origin than the desk's, on what browsers take for the same site."""
        self.far_url = f"http://localhost:{self.port}"
        """The same pages on another site: a frame there may be denied any storage."""

    def put(self, path, page, *, policy=""):
        self.pages[path] = (policy, page)


@contextlib.contextmanager
def open_shop():
    shop = Shop()
    thread = threading.Thread(
        target=shop.server.serve_forever, kwargs={"poll_interval": 0.05}
    )
    thread.start()
    try:
        yield shop
    finally:
        shop.server.shutdown()
        thread.join()
        shop.server.server_close()
