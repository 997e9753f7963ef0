"""The real settings, on servers of the test run, with what would only cost time off."""

import os
from pathlib import Path

TEST_DATA = Path(__file__).resolve().parent.parent / "var" / "test"


def _own_run() -> str:
    """Name this run; programs that a test starts take part in the same one."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    inherited = os.environ.get("TRIBUTARY_TEST_RUN", "")
    if inherited.startswith(f"{worker}-"):
        return inherited
    run = f"{worker}-{os.getpid()}"
    os.environ["TRIBUTARY_TEST_RUN"] = run
    return run


RUN = _own_run()
os.environ.setdefault("TRIBUTARY_DATA_DIR", str(TEST_DATA))
os.environ["TRIBUTARY_CHANNEL_PREFIX"] = f"test-{RUN}"

from helpdesk.core.embedded import EmbeddedPostgres, EmbeddedValkey  # noqa: E402

POSTGRES = EmbeddedPostgres(
    TEST_DATA,
    options={
        "fsync": "off",
        "full_page_writes": "off",
        "synchronous_commit": "off",
        "max_connections": "300",
    },
)
VALKEY_DATABASES = 8000
VALKEY = EmbeddedValkey(TEST_DATA, options={"databases": str(VALKEY_DATABASES)})
os.environ.setdefault("DATABASE_URL", POSTGRES.url)
os.environ.setdefault("REDIS_URL", VALKEY.url)
OWN_SERVERS = [
    server
    for server, variable in ((POSTGRES, "DATABASE_URL"), (VALKEY, "REDIS_URL"))
    if os.environ[variable].startswith(server.url)
]
# Every run and every worker has databases of its own.
DATABASE_OF_RUN = f"test_{RUN.replace('-', '_')}"
if VALKEY in OWN_SERVERS:
    number = int(RUN.rsplit("-", 1)[1]) % VALKEY_DATABASES
    os.environ["REDIS_URL"] = f"{VALKEY.url}?db={number}"

from helpdesk.settings import *  # noqa: E402, F403
from helpdesk.settings import DATA_DIR, DATABASES, STORAGES  # noqa: E402

DATABASES["default"]["TEST"] = {"NAME": DATABASE_OF_RUN}
DATABASES["default"]["CONN_MAX_AGE"] = 0
(DATA_DIR / "static").mkdir(parents=True, exist_ok=True)
STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
CELERY_TASK_ALWAYS_EAGER = False
