"""Python's collector of garbage, in processes that somebody waits for."""

import gc

SELDOM = (20_000, 20, 50)
"""A page makes and drops some ten thousand objects, hardly any of them in circles."""


def collect_seldom() -> None:
    """Never look again at what is there now, and seldom at what comes.

    Call it once everything is loaded: looking through all of it takes a tenth of a
    second, in which nobody gets an answer.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)
