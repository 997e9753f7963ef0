"""A real Dovecot on a free port, as nobody, with everything in one directory."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import imapclient
import pytest

CONFIG = """
base_dir = {place}/run
state_dir = {place}/state
log_path = {place}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_location = maildir:{place}/mail/%u
first_valid_uid = 1
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {place}/oauth2.conf
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={place}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""
OAUTH = """
tokeninfo_url = http://127.0.0.1:{port}/tokeninfo?access_token=
username_attribute = email
active_attribute = active
active_value = yes
"""
PASSWORD = "parcel-service"


class TokenServer:
    """A provider that issues tokens for refresh tokens, and says whose they are."""

    def __init__(self):
        self.refresh_tokens = {}
        self.issued = {}
        self.asked = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                length = int(self.headers["Content-Length"])
                form = parse_qs(self.rfile.read(length).decode())
                self.answer(*server.exchange({k: v[0] for k, v in form.items()}))

            def do_GET(self):
                token = parse_qs(urlsplit(self.path).query).get("access_token", [""])
                owner = server.issued.get(token[0])
                if owner is None:
                    self.answer(401, {"error": "invalid_token"})
                else:
                    self.answer(200, {"email": owner, "active": "yes"})

            def answer(self, status, content):
                body = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/token"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def exchange(self, form):
        self.asked.append(form)
        owner = self.refresh_tokens.get(form.get("refresh_token"))
        if owner is None:
            return 400, {"error": "invalid_grant", "error_description": "Revoked."}
        token = f"token-{len(self.asked)}"
        self.issued[token] = owner
        return 200, {"access_token": token, "expires_in": 3600}

    def close(self):
        self._http.shutdown()
        self._http.server_close()


class Dovecot:
    """The server, and what a customer's mail server would do to its mailboxes."""

    def __init__(self, tokens):
        program = shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin:/usr/bin")
        if program is None:
            pytest.fail("The IMAP tests need a real server: install dovecot-imapd.")
        self.tokens = tokens
        self.host = "127.0.0.1"
        self._program = program
        self._account = None if os.getuid() else 65534
        self.place = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self.port = _free_port()
        self._write_config()
        self._process = None
        self.start()

    def _write_config(self):
        import grp
        import pwd

        uid = self._account or os.getuid()
        gid = self._account or os.getgid()
        for name in ("run", "state", "mail"):
            (self.place / name).mkdir()
        (self.place / "oauth2.conf").write_text(OAUTH.format(port=self.tokens.port))
        (self.place / "dovecot.conf").write_text(
            CONFIG.format(
                place=self.place,
                password=PASSWORD,
                port=self.port,
                uid=uid,
                gid=gid,
                user=pwd.getpwuid(uid).pw_name,
                group=grp.getgrgid(gid).gr_name,
            )
        )
        if self._account:
            for path in (self.place, *self.place.rglob("*")):
                os.chown(path, uid, gid)

    def start(self):
        options = {}
        if self._account:
            options = {
                "user": self._account,
                "group": self._account,
                "extra_groups": [],
            }
        self._process = subprocess.Popen(
            [self._program, "-F", "-c", self.place / "dovecot.conf"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
            **options,
        )
        self._wait_until_it_answers()

    def _wait_until_it_answers(self):
        for _ in range(600):
            if self._process.poll() is not None:
                log = self.place / "dovecot.log"
                said = self._process.stderr.read().decode()
                pytest.fail(
                    f"Dovecot did not start: {said}"
                    f"{log.read_text() if log.exists() else ''}"
                )
            with (
                contextlib.suppress(OSError),
                socket.create_connection((self.host, self.port), 1) as connection,
            ):
                connection.settimeout(1)
                if connection.recv(10).startswith(b"* OK"):
                    return
            threading.Event().wait(0.05)
        pytest.fail("Dovecot does not answer.")

    def stop(self):
        self._process.terminate()
        self._process.wait(30)
        # Those who serve a connection outlive it by half a minute.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.stderr.close()

    def close(self):
        self.stop()
        shutil.rmtree(self.place, ignore_errors=True)

    @contextlib.contextmanager
    def mailbox(self, user):
        with imapclient.IMAPClient(self.host, port=self.port, ssl=False) as client:
            client.login(user, PASSWORD)
            yield client

    def put(self, user, *mails, folder="INBOX"):
        with self.mailbox(user) as client:
            if not client.folder_exists(folder):
                client.create_folder(folder)
            for mail in mails:
                client.append(folder, mail)

    def contents(self, user, folder="INBOX"):
        """Return the flags of every mail in a folder."""
        with self.mailbox(user) as client:
            client.select_folder(folder, readonly=True)
            return list(client.get_flags(client.search()).values())

    def number_anew(self, user, folder, *mails):
        """Do what a restored backup does: the same mails under another UIDVALIDITY."""
        with self.mailbox(user) as client:
            client.delete_folder(folder)
        self.put(user, *mails, folder=folder)


def _free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]
