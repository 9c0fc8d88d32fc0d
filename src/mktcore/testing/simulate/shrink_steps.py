"""The fewest steps that still fail: those that matter to whoever looks for the fault."""

from collections.abc import Callable, Sequence

from mktcore.testing.simulate.draw_steps import Step

__all__ = ["shrink_steps"]


def shrink_steps(
    steps: Sequence[Step], fails: Callable[[Sequence[Step]], bool], *, tries: int = 500
) -> tuple[Step, ...]:
    """Return steps that still fail, and of which none can be left out, or as few as the tries allow.

    Args:
        steps: Steps that fail.
        fails: Tells whether steps fail; each time in a market of its own.
        tries: How often it is asked at most.
    """
    kept, size = list(steps), max(len(steps) // 2, 1)
    while tries > 0:
        begin, is_smaller = 0, False
        while begin < len(kept) and tries > 0:
            fewer = kept[:begin] + kept[begin + size :]
            tries -= 1
            if fails(fewer):
                kept, is_smaller = fewer, True
            else:
                begin += size
        if size == 1 and not is_smaller:
            break
        size = max(size // 2, 1)
    return tuple(kept)
