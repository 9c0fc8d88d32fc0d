"""Calls that may take too long: waited for until their deadline, and not a moment longer."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

__all__ = ["call_within"]

R = TypeVar("R")


def call_within(call: Callable[[], R], deadline: timedelta) -> R:
    """Return what the call returns, or raise what it raises, if it is done before the deadline.

    The call runs in a thread of its own. One that is late goes on there, and what comes of it is dropped.

    >>> call_within(lambda: 1, timedelta(seconds=5))
    1

    Raises:
        TimeoutError: It was not done.
    """
    done: list[R] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(call())
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            failed.append(error)

    # A daemon: a call that never ends must not keep the process from ending.
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(deadline.total_seconds())
    if failed:
        raise failed[0]
    if not done:
        message = f"no answer within {deadline.total_seconds():g} s"
        raise TimeoutError(message)
    return done[0]
