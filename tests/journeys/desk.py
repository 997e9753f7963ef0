"""A whole desk for journeys: the real installation, and its door for mail."""

import contextlib
import json
import os
import shutil
import smtplib
from email import message_from_bytes
from email.policy import default

import psutil
import psycopg2

from helpdesk.core.embedded import EmbeddedPostgres
from helpdesk.core.supervision.plan import SUPERVISED
from helpdesk.rehearsal.installation import BASE_DIR, Installation, free_ports

FOLDER = BASE_DIR / "var" / "journeys"
PREFIXES = ("TRIBUTARY_", "DJANGO_", "CELERY_", "DATABASE_URL", "REDIS_URL")


class Desk:
    """One installation, its mail door, and its database to look behind the scenes."""

    def __init__(self, *, data_dir, web_port, smtp_port):
        self.data_dir = data_dir
        self.url = f"http://127.0.0.1:{web_port}"
        self.smtp_port = smtp_port

    def send(self, mail, *, to=None):
        """Hand a mail to the SMTP port, as any mail program does."""
        raw = mail if isinstance(mail, bytes) else mail.as_bytes()
        parsed = message_from_bytes(raw, policy=default)
        sender = parsed["From"].addresses[0].addr_spec
        recipients = [to] if to else [it.addr_spec for it in parsed["To"].addresses]
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=60) as door:
            door.sendmail(sender, recipients, raw)

    def rows(self, sql, *values):
        """Ask the installation's database."""
        url = EmbeddedPostgres(self.data_dir).url
        with (
            contextlib.closing(psycopg2.connect(url)) as session,
            session,
            session.cursor() as cursor,
        ):
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else []

    def process(self, name):
        """Return the process that the keeper calls `name`."""
        ours = (it for it in psutil.process_iter() if _works_for(it, self.data_dir))
        named = [it for it in ours if _name_of(it) == f"tributary-{name}"]
        return min(named, key=psutil.Process.create_time)


def _works_for(process, data_dir):
    with contextlib.suppress(psutil.Error):
        return process.environ().get(SUPERVISED) == str(data_dir)
    return False


def _name_of(process):
    with contextlib.suppress(psutil.Error):
        return process.environ().get("TRIBUTARY_PROCESS", "")
    return ""


@contextlib.contextmanager
def open_desk(name, **settings):
    """Start an installation with data of its own; stop and forget it afterwards."""
    data_dir = FOLDER / f"{os.getpid()}-{name}"
    shutil.rmtree(data_dir, ignore_errors=True)
    web, realtime, smtp = free_ports(3)
    desk = Desk(data_dir=data_dir, web_port=web, smtp_port=smtp)
    installation = Installation(
        data_dir=data_dir,
        web_port=web,
        environment={
            **_environment_without_ours(),
            "TRIBUTARY_DATA_DIR": str(data_dir),
            "TRIBUTARY_URL": desk.url,
            "TRIBUTARY_PORT": str(web),
            "TRIBUTARY_REALTIME_PORT": str(realtime),
            "TRIBUTARY_SMTP_PORT": str(smtp),
            **settings,
        },
    )
    try:
        installation.start()
        yield desk
    finally:
        installation.stop()
        shutil.rmtree(data_dir, ignore_errors=True)


def _environment_without_ours():
    """What the tests' own settings are must not reach the desk."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(PREFIXES)
    }


def running_desk(data_dir):
    """Return a desk that somebody keeps running from `data_dir`."""
    plan = json.loads((data_dir / "run.json").read_text())
    ports = {program["name"]: program["port"] for program in plan["programs"]}
    return Desk(data_dir=data_dir, web_port=ports["web"], smtp_port=ports["mail"])
