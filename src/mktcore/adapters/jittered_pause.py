"""How long to wait before a unit is run again."""

import random
import time

__all__ = ["pause_with_jitter"]

_FIRST_SECONDS = 0.002
_LONGEST_SECONDS = 0.5


def pause_with_jitter(attempt: int) -> None:
    """Sleep before attempt `attempt + 1`, longer each time and out of step with others: `retry_unit(work, pause=...)`.

    A random part of 2 ms, 4 ms, 8 ms, ... up to half a second.
    """
    longest = min(_LONGEST_SECONDS, _FIRST_SECONDS * 2**attempt)
    time.sleep(random.uniform(0, longest))  # noqa: S311 - spreads load, guards no secret
