"""Calls that may take too long: waited for until their deadline, and not a moment longer."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

__all__ = ["PatientCalls", "call_within"]

R = TypeVar("R")
MOST_LATE = 32


def call_within(call: Callable[[], R], deadline: timedelta) -> R:
    """Return what the call returns, or raise what it raises, if it is done before the deadline.

    The call runs in a thread of its own. One that is late goes on there, and what comes of it is dropped.

    >>> call_within(lambda: 1, timedelta(seconds=5))
    1

    Raises:
        TimeoutError: It was not done.
    """
    return PatientCalls()(call, deadline, whom="")


class PatientCalls:
    """Calls of somebody else's code, of which those that are late go on in threads of their own, and are few.

    Nobody can end a thread. So whoever is late is not called again before the late call is over, and no one at all
    while `most_late` are: what hangs for ever costs one thread, and not one for each time that it is asked.
    """

    def __init__(self, most_late: int = MOST_LATE) -> None:
        """Begin with none that is late."""
        self._most_late = most_late
        self._late: Counter[str] = Counter()
        self._lock = threading.Lock()

    def __call__(self, call: Callable[[], R], deadline: timedelta, *, whom: str) -> R:
        """Return what the call returns, or raise what it raises, if it is done before the deadline.

        Args:
            call: What is called.
            deadline: How long it may take.
            whom: Who is called by it.

        Raises:
            TimeoutError: It was not done; or it was not called, as who is called is late with another.
        """
        self._refuse_while_late(whom)
        done: list[R] = []
        failed: list[BaseException] = []
        is_over, is_late = threading.Event(), threading.Event()

        def run() -> None:
            try:
                done.append(call())
            except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
                failed.append(error)
            with self._lock:
                is_over.set()
                if is_late.is_set():
                    self._late -= Counter([whom])

        # A daemon: a call that never ends must not keep the process from ending.
        threading.Thread(target=run, daemon=True).start()
        is_over.wait(deadline.total_seconds())
        with self._lock:
            # Over and late are told apart under the lock: else one that ends right now would stay late for ever.
            if not is_over.is_set():
                is_late.set()
                self._late[whom] += 1
        if is_late.is_set():
            message = f"no answer within {deadline.total_seconds():g} s"
            raise TimeoutError(message)
        if failed:
            raise failed[0]
        return done[0]

    def _refuse_while_late(self, whom: str) -> None:
        with self._lock:
            late, all_late = self._late[whom], self._late.total()
        if late or all_late >= self._most_late:
            message = "the question before is not answered yet" if late else f"{all_late} others are late"
            raise TimeoutError(message)
