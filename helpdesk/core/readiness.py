"""Whether what every process needs is there."""

import redis
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from redis.backoff import NoBackoff
from redis.retry import Retry


def readiness() -> dict[str, str]:
    """What is missing, by part; empty when all is well."""
    checks = {
        "database": database_problem,
        "valkey": valkey_problem,
        "migrations": migrations_problem,
    }
    return {name: problem for name, check in checks.items() if (problem := check())}


def database_problem() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        return "PostgreSQL does not answer."
    return ""


def valkey_problem() -> str:
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL,
            socket_timeout=2,
            socket_connect_timeout=2,
            retry=Retry(NoBackoff(), 0),
        ) as client:
            client.ping()
    except redis.RedisError:
        return "Valkey does not answer."
    return ""


def migrations_problem() -> str:
    """Whether the tables are as this code expects; silent if nobody can tell."""
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except (DatabaseError, InterfaceError):
        return ""
    return f"{len(plan)} migrations have not been applied." if plan else ""
