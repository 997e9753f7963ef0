import contextlib
import time
import uuid

import pytest
import time_machine
from django.test import RequestFactory

from helpdesk.core import limits
from helpdesk.core.doorbell import valkey
from helpdesk.core.limits import (
    Limit,
    LimitReached,
    client_address,
    forget,
    guard_first_run,
    guard_password_reset,
    guard_sign_in,
    sign_in_succeeded,
    take,
)
from helpdesk.core.models import RateWindow

pytestmark = pytest.mark.django_db


def new_limit(count=3, seconds=60):
    return Limit(name=f"test-{uuid.uuid4()}", count=count, seconds=seconds)


def new_account():
    return f"{uuid.uuid4()}@a.example"


def new_address():
    part = uuid.uuid4().hex
    return f"2a00:{part[:4]}:{part[4:8]}:{part[8:12]}::1"


def tries_until_stopped(attempt, *, most=200):
    for count in range(most):
        try:
            attempt()
        except LimitReached:
            return count
    return most


@pytest.fixture
def no_valkey(monkeypatch, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(limits, "valkey", valkey.__wrapped__)


@pytest.fixture(params=["with Valkey", "without Valkey"])
def either_way(request):
    if request.param == "without Valkey":
        request.getfixturevalue("no_valkey")


@pytest.mark.usefixtures("either_way")
class TestTake:
    def test_allows_so_many_tries_and_then_none(self):
        limit = new_limit(count=3)

        assert [take(limit, "a") for _ in range(3)] == [2, 1, 0]
        with pytest.raises(LimitReached) as reached:
            take(limit, "a")
        assert 1 <= reached.value.seconds <= 60

    def test_counts_each_for_itself(self):
        limit = new_limit(count=1)
        take(limit, "a", "b")

        take(limit, "a", "c")
        take(limit, "ab")
        take(new_limit(count=1), "a", "b")
        with pytest.raises(LimitReached):
            take(limit, "a", "b")

    def test_starts_anew_after_a_success(self):
        limit = new_limit(count=1)
        take(limit, "a")

        forget(limit, "a")

        assert take(limit, "a") == 0


class TestWindow:
    def test_ends_by_itself_in_valkey(self):
        limit = new_limit(count=1, seconds=60)
        take(limit, "a")

        assert 0 < limits.valkey().ttl(limit.key("a")) <= 60

    @pytest.mark.usefixtures("no_valkey")
    def test_ends_by_itself_in_the_database(self):
        limit = new_limit(count=1, seconds=60)
        with time_machine.travel("2026-11-22T12:00Z", tick=False) as clock:
            take(limit, "a")
            clock.shift(61)

            assert take(limit, "a") == 0

    @pytest.mark.usefixtures("no_valkey")
    def test_is_counted_without_delay_in_the_database(self):
        started = time.perf_counter()

        take(new_limit(), "a")

        assert time.perf_counter() - started < 0.8

    @pytest.mark.usefixtures("no_valkey")
    def test_leaves_no_rows_behind(self):
        with time_machine.travel("2026-11-22T12:00Z", tick=False) as clock:
            take(new_limit(), "a")
            clock.shift(61)
            take(new_limit(), "b")

        assert RateWindow.objects.count() == 1

    def test_names_nobody(self):
        assert "maya" not in new_limit().key("maya@a.example", "192.0.2.1")


@pytest.mark.usefixtures("either_way")
class TestGuardSignIn:
    def test_stops_guessing_from_one_address(self):
        account, address = new_account(), new_address()

        tries = tries_until_stopped(
            lambda: guard_sign_in(account=account, address=address)
        )

        assert tries == 8

    def test_does_not_care_how_the_account_is_written(self):
        account, address = new_account(), new_address()
        spellings = iter([account.upper(), f" {account}", account.title()] * 100)

        tries = tries_until_stopped(
            lambda: guard_sign_in(account=next(spellings), address=address)
        )

        assert tries == 8

    def test_stops_one_address_that_tries_many_accounts(self):
        address = new_address()

        tries = tries_until_stopped(
            lambda: guard_sign_in(account=new_account(), address=address)
        )

        assert tries == 40

    def test_stops_many_addresses_that_try_one_account(self):
        account = new_account()

        tries = tries_until_stopped(
            lambda: guard_sign_in(account=account, address=new_address())
        )

        assert tries == 60

    def test_takes_the_addresses_of_one_ipv6_network_for_one(self):
        account, network = new_account(), new_address()
        addresses = iter(f"{network}{suffix:x}" for suffix in range(200))

        tries = tries_until_stopped(
            lambda: guard_sign_in(account=account, address=next(addresses))
        )

        assert tries == 8

    def test_lets_the_owner_in_while_somebody_else_guesses(self):
        account = new_account()
        guesser = new_address()
        tries_until_stopped(lambda: guard_sign_in(account=account, address=guesser))

        guard_sign_in(account=account, address=new_address())

    def test_forgets_the_failures_after_a_success(self):
        account, address = new_account(), new_address()
        for _ in range(7):
            guard_sign_in(account=account, address=address)

        sign_in_succeeded(account=account, address=address)

        guard_sign_in(account=account, address=address)
        guard_sign_in(account=account, address=address)

    def test_does_not_forget_what_the_address_did_to_others(self):
        address, own = new_address(), new_account()

        def attempt():
            guard_sign_in(account=new_account(), address=address)
            with contextlib.suppress(LimitReached):
                guard_sign_in(account=own, address=address)
            sign_in_succeeded(account=own, address=address)

        assert tries_until_stopped(attempt) == 20


@pytest.mark.usefixtures("either_way")
class TestGuardPasswordReset:
    def test_stops_mails_to_one_account_from_anywhere(self):
        account = new_account()

        tries = tries_until_stopped(
            lambda: guard_password_reset(account=account, address=new_address())
        )

        assert tries == 3

    def test_stops_one_address_that_tries_many_accounts(self):
        address = new_address()

        tries = tries_until_stopped(
            lambda: guard_password_reset(account=new_account(), address=address)
        )

        assert tries == 10


@pytest.mark.usefixtures("either_way")
class TestGuardFirstRun:
    def test_stops_guessing(self):
        address = new_address()

        assert tries_until_stopped(lambda: guard_first_run(address=address)) == 20


class TestClientAddress:
    def address_of(self, remote, forwarded=None, **headers):
        meta = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
        return client_address(
            RequestFactory().get("/", REMOTE_ADDR=remote, **meta, **headers)
        )

    def test_is_where_the_connection_came_from(self, settings):
        settings.TRUSTED_PROXIES = []

        assert self.address_of("192.0.2.1", "198.51.100.7") == "192.0.2.1"

    def test_is_what_a_trusted_proxy_saw(self, settings):
        settings.TRUSTED_PROXIES = ["127.0.0.1", "10.0.0.0/8"]

        address = self.address_of("127.0.0.1", "203.0.113.9, 192.0.2.1, 10.1.1.1")

        assert address == "192.0.2.1"

    def test_is_not_what_the_client_wrote(self, settings):
        settings.TRUSTED_PROXIES = ["127.0.0.1"]

        for forged in ("203.0.113.1", "203.0.113.2", "127.0.0.1", "x, y"):
            assert self.address_of("127.0.0.1", f"{forged}, 192.0.2.1") == "192.0.2.1"

    @pytest.mark.parametrize(
        ("written", "read"),
        [("::ffff:192.0.2.1", "192.0.2.1"), ("2001:DB8::1", "2001:db8::1")],
    )
    def test_has_one_form(self, settings, written, read):
        settings.TRUSTED_PROXIES = []

        assert self.address_of(written) == read

    @pytest.mark.parametrize("forwarded", ["", "garbage", "<script>", "1.2.3.4.5"])
    def test_is_the_proxy_when_it_says_nothing_readable(self, settings, forwarded):
        settings.TRUSTED_PROXIES = ["127.0.0.1"]

        assert self.address_of("127.0.0.1", forwarded) == "127.0.0.1"

    def test_is_unknown_on_a_local_socket(self, settings):
        settings.TRUSTED_PROXIES = []

        assert self.address_of("") == "unknown"
