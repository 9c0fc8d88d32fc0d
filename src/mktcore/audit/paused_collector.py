"""Reading much at once without the collector of circles, which would look through all of it again and again."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["pause_collector"]


@contextmanager
def pause_collector() -> Iterator[None]:
    """Let no circles be collected for as long as the block lasts; what is in none goes as always.

    What is read of a store is frozen and holds no circles, so looking for them is a third of the time that reading
    takes. Blocks are a batch long: what other threads leave is collected between them.
    """
    if not gc.isenabled():  # a host decided so, or another audit that pauses it will let it go on
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
