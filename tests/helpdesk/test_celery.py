import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time

import psutil
import pytest
import redis
from celery import signals
from celery.fixups.django import DjangoWorkerFixup
from channels_redis.pubsub import RedisPubSubChannelLayer
from django.conf import settings
from django.db import connection
from kombu import Queue

from helpdesk.celery import SteadyConnection, app
from helpdesk.core.children import spawn
from helpdesk.core.embedded import EmbeddedValkey
from helpdesk.core.logging import request_id
from helpdesk.core.schedule import SCHEDULE, broker_url
from tests.ended_sessions import end_this_session
from tests.waiting import eventually

HEALED_WITHIN = 5.0


@pytest.fixture
def valkey(tmp_path):
    valkey = EmbeddedValkey(tmp_path)
    valkey.start(death_signal=signal.SIGTERM)
    yield valkey
    valkey.stop()


@pytest.fixture
def notes(tmp_path, valkey):
    """What a worker wrote down, each time that beat had it do so."""
    notes = tmp_path / "notes"
    notes.touch()
    environment = {
        **os.environ,
        "REDIS_URL": valkey.url,
        "TRIBUTARY_DATA_DIR": str(tmp_path),
        "PROBE_NOTES": str(notes),
        "PYTHONPATH": str(settings.BASE_DIR),
    }
    (tmp_path / "beat").mkdir()
    celery = [sys.executable, "-m", "celery", "--app", "tests.helpdesk.probe"]
    worker = spawn(
        [*celery, "worker", "--concurrency", "1", "--queues", "ingest,deliver,sweep"],
        log=tmp_path / "worker.log",
        environment={**environment, "DJANGO_SETTINGS_MODULE": "helpdesk.settings"},
        directory=settings.BASE_DIR,
    )
    beat = spawn(
        [*celery, "beat", "--pidfile", ""],
        log=tmp_path / "beat.log",
        environment={**environment, "DJANGO_SETTINGS_MODULE": ""},
        directory=settings.BASE_DIR,
    )
    yield notes
    for process in (beat, worker):
        process.terminate()
    for process in (beat, worker):
        process.wait(30)


@pytest.fixture
def broker(valkey):
    """A connection with two channels that wait, as those of a worker do."""
    broker = SteadyConnection(broker_url(valkey.url))
    broker.delivered = []
    for name, channel in (("one", broker.default_channel), ("two", broker.channel())):
        queue = Queue(name, channel=channel)
        queue.declare()
        take = [lambda _body, message: broker.delivered.append(message)]
        broker.Consumer(queue, channel=channel, callbacks=take).consume()
    broker.Producer().publish({}, routing_key="one", serializer="json")
    with contextlib.suppress(TimeoutError):
        while True:
            broker.drain_events(timeout=0.5)
    return broker


def give_up(broker):
    """Do what a worker does when it has lost its broker."""
    broker.collect()
    broker.close()


class TestSteadyConnection:
    def test_closes_though_nobody_can_take_back_what_was_not_done(self, valkey, broker):
        valkey.stop()

        give_up(broker)

        assert not broker.connected

    def test_lets_a_task_end_that_outlived_its_broker(self, valkey, broker):
        (message,) = broker.delivered
        valkey.stop()
        give_up(broker)

        with pytest.raises(broker.connection_errors):
            message.ack()

    def test_lets_a_task_end_that_outlived_its_connection(self, valkey, broker):
        (message,) = broker.delivered
        valkey.stop()
        give_up(broker)
        valkey.start(death_signal=signal.SIGTERM)

        message.ack()

        assert message.acknowledged


def next_note(notes, after, within):
    give_up_at = time.monotonic() + within
    while time.monotonic() < give_up_at:
        times = [float(line) for line in notes.read_text().split()]
        if later := [it for it in times if it > after]:
            return later[0]
        time.sleep(0.02)
    pytest.fail(f"nothing was done within {within} s")
    return None


def send_with_request_id(valkey, name):
    token = request_id.set(name)
    with app.connection_for_write(broker_url(valkey.url)) as connection:
        app.send_task("probe.note", queue="sweep", connection=connection)
    request_id.reset(token)


def lose(valkey, for_seconds):
    """Kill it, and have it back after a while; return when it was back."""
    killed = psutil.Process(valkey.pid)
    os.kill(killed.pid, signal.SIGKILL)
    psutil.wait_procs([killed], timeout=5)
    threading.Event().wait(for_seconds)
    valkey.start(death_signal=signal.SIGTERM)
    return time.time()


class TestWorkerAndBeat:
    @pytest.mark.timeout(120)
    def test_trace_requests_and_go_on_within_seconds_after_valkey_was_lost(
        self, valkey, notes
    ):
        next_note(notes, after=0, within=60)

        send_with_request_id(valkey, "from-a-request")
        log = notes.with_name("worker.log")
        assert eventually(lambda: "[from-a-request] Task probe.note" in log.read_text())

        for for_seconds in (0.1, 4.0):
            back_at = lose(valkey, for_seconds)
            done_at = next_note(notes, after=back_at, within=30)

            assert done_at - back_at < HEALED_WITHIN


class TestChannelLayer:
    @pytest.mark.asyncio
    async def test_hears_its_groups_again_after_valkey_was_lost(self, valkey):
        here, elsewhere = layer_on(valkey), layer_on(valkey)
        channel = await here.new_channel()
        await here.group_add("agents", channel)
        await elsewhere.group_send("agents", {"type": "before"})
        assert (await here.receive(channel))["type"] == "before"

        back_at = lose(valkey, 0.5)
        heard = await hear(here, elsewhere, channel)

        assert heard["type"] == "after"
        assert time.time() - back_at < HEALED_WITHIN


def layer_on(valkey):
    return RedisPubSubChannelLayer(hosts=[valkey.url])


async def hear(here, elsewhere, channel):
    """Send again and again, as a browser would ask, until something is heard."""
    for _ in range(100):
        with contextlib.suppress(redis.RedisError):
            await elsewhere.group_send("agents", {"type": "after"})
        with contextlib.suppress(TimeoutError):
            return await asyncio.wait_for(here.receive(channel), 0.1)
    return None


class TestRequestId:
    def test_goes_along_with_the_work_that_a_request_starts(self):
        headers = {}
        token = request_id.set("from-a-request")

        signals.before_task_publish.send(sender="probe.note", headers=headers)

        request_id.reset(token)
        assert headers["request_id"] == "from-a-request"


@pytest.mark.django_db(transaction=True)
class TestSessionsOfTheDatabase:
    @pytest.fixture(autouse=True)
    def _session(self):
        connection.ensure_connection()
        yield
        connection.close()

    def test_last_longer_than_a_task(self):
        before = connection.connection

        DjangoWorkerFixup(app).close_database()

        assert connection.connection is before

    def test_end_before_a_task_when_they_are_old(self):
        connection.close_at = time.monotonic() - 1

        begin_a_task()

        assert connection.connection is None

    def test_are_looked_at_before_a_task_uses_them(self):
        end_this_session()

        begin_a_task()

        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")


def begin_a_task():
    app.loader.import_default_modules()
    task = app.tasks["inbox.tasks.index_search"]
    try:
        signals.task_prerun.send(sender=task, task=task)
    finally:
        request_id.set("")


class TestSettings:
    def test_take_nothing_but_json(self):
        assert app.conf.accept_content == ["json"]
        assert app.conf.task_serializer == "json"
        assert app.conf.task_ignore_result is True


class TestBrokerUrl:
    def test_names_unix_sockets_as_celery_does(self):
        assert broker_url("unix:///run/valkey.sock?db=3") == (
            "redis+socket:///run/valkey.sock?virtual_host=3"
        )

    def test_leaves_other_addresses_alone(self):
        assert broker_url("redis://valkey:6379/1") == "redis://valkey:6379/1"


class TestSchedule:
    def test_names_tasks_that_there_are_and_the_queues_they_run_in(self):
        app.loader.import_default_modules()

        for entry in SCHEDULE.values():
            task = app.tasks[entry["task"]]
            assert task.queue == entry["options"]["queue"]


class TestLetOthersGoFirst:
    def test_is_less_urgent_than_pages(self):
        ask = (
            "import os, helpdesk.celery; from celery import signals\n"
            "before = os.nice(0)\n"
            "signals.worker_init.send(None)\n"
            "print(os.nice(0) - before)"
        )

        found = subprocess.run(
            [sys.executable, "-c", ask], capture_output=True, text=True, check=True
        )

        assert found.stdout.split() == ["5"]
