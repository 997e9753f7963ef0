"""Numbers for operators. Those of all processes on one machine are added up."""

import os
from collections.abc import Callable, Iterator, Mapping

from django.conf import settings
from django.utils.module_loading import autodiscover_modules

# The client library reads this when it is imported, and never again.
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(settings.DATA_DIR / "metrics"))
(settings.DATA_DIR / "metrics").mkdir(parents=True, exist_ok=True)

from prometheus_client import (  # noqa: E402
    CollectorRegistry,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric  # noqa: E402
from prometheus_client.multiprocess import MultiProcessCollector  # noqa: E402

REQUEST_SECONDS = Histogram(
    "tributary_request_seconds",
    "Time to answer a request",
    ["view", "method", "status"],
    buckets=(0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.6, 1.2, 2.5, 5, 10),
)
SOCKETS = Gauge("tributary_sockets", "Open WebSockets", multiprocess_mode="livesum")

Readings = Mapping[str, float]
_measures: dict[str, tuple[str, str, Callable[[], Readings]]] = {}


def measure(
    name: str, documentation: str, *, label: str = ""
) -> Callable[[Callable[[], Readings]], Callable[[], Readings]]:
    """Ask the decorated function for numbers whenever metrics are read.

    It returns one number for each value of `label`, or `{"": number}` without one.
    """

    def register(read: Callable[[], Readings]) -> Callable[[], Readings]:
        _measures[name] = (documentation, label, read)
        return read

    return register


class _Measures:
    def collect(self) -> Iterator[Metric]:
        for name, (documentation, label, read) in _measures.items():
            yield _family(name, documentation, label, read())


def _family(
    name: str, documentation: str, label: str, readings: Readings
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        f"tributary_{name}", documentation, labels=[label] if label else []
    )
    for value, number in readings.items():
        family.add_metric([value] if label else [], number)
    return family


def exposition() -> bytes:
    """Everything, in the Prometheus text format; each app's measures.py adds to it."""
    autodiscover_modules("measures")
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    registry.register(_Measures())
    return generate_latest(registry)
