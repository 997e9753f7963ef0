"""Lets Python sleep under a libfaketime that leaves monotonic clocks alone.

Python loads this by its name. libfaketime before 0.9.11 gets absolute times of
`clock_nanosleep` wrong, by which Python sleeps; it leaves `select` alone.
"""

import select
import time
from typing import SupportsIndex


def sleep(seconds: float | SupportsIndex, /) -> None:
    select.select([], [], [], float(seconds))


time.sleep = sleep
