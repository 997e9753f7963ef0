import uuid

import pytest
import redis
from django.conf import settings
from django.core.cache import cache


@pytest.fixture
def key():
    return str(uuid.uuid4())


class TestJSONSerializer:
    @pytest.mark.parametrize(
        "value", [None, True, 0, -5, 1.5, "ä", [1, "a"], {"a": {"b": None}}]
    )
    def test_gives_back_what_was_kept(self, key, value):
        cache.set(key, value, 60)

        assert cache.get(key, "nothing") == value

    def test_lets_numbers_be_counted(self, key):
        cache.set(key, 1, 60)

        assert cache.incr(key) == 2

    def test_refuses_objects(self, key):
        with pytest.raises(TypeError):
            cache.set(key, object(), 60)

    def test_stores_nothing_that_could_run(self, key):
        cache.set(key, {"a": "b"}, 60)

        server = redis.Redis.from_url(settings.REDIS_URL)
        assert server.get(cache.make_key(key)) == b'{"a": "b"}'
