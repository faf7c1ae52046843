"""Owns waiting: a condition is asked until it holds or its deadline has passed."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(condition: Callable[[], T], what: str, *, seconds: float = 10, every: float = 0.1) -> T:
    """Answers with the first true value of the condition, or fails with a sentence about what did not happen."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not happen within {seconds} seconds")
        time.sleep(every)
    return value
