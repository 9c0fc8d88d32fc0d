"""Parts over time: cancel, return, refund or capture any quantities or amounts in any order, and close exactly."""

from collections.abc import Sequence

from mktcore.money import Rounding, allocate, round_ratio
from mktcore.money.rounding import Number, to_ratio
from mktcore.totals.errors import InvalidProgress

__all__ = ["apportion_amount", "apportion_progress"]


def apportion_progress(
    parts: Sequence[int], done: Sequence[int], progress: Number, *, mode: Rounding
) -> tuple[int, ...]:
    """Return how much more of each part is done when the whole has come to `progress`.

    The cumulative rule: done to date = round(whole x progress), this time = that less what was done before. What is
    done this time is spread over the parts by what remains of each, so no part goes back or beyond itself, and at a
    progress of 1 every part is done to the last unit.

    >>> from fractions import Fraction
    >>> parts = (600, 600, 200)  # returning 1, then 2 more, then the last of 4 pieces
    >>> first = apportion_progress(parts, (0, 0, 0), Fraction(1, 4), mode=Rounding.HALF_UP)
    >>> first
    (150, 150, 50)
    >>> apportion_progress(parts, first, Fraction(3, 4), mode=Rounding.HALF_UP)
    (300, 300, 100)

    Args:
        parts: Minor units (or pieces) of each part of the whole. Negative parts progress by themselves, beside the
            positive ones.
        done: What of each part was done before.
        progress: How far the whole is after this step, 0 to 1; never less than before.
        mode: How the running total rounds; the same in every step.

    Returns:
        What is done of each part in this step, with the part's sign.

    Raises:
        InvalidProgress: The progress is outside 0 to 1 or goes back, or `done` does not fit `parts`.
    """
    _check_done(parts, done)
    numerator, denominator = to_ratio(progress)
    if not 0 <= numerator <= denominator:
        raise InvalidProgress(f"{progress} is not between 0 and 1")
    steps = [0] * len(parts)
    # Charges and credits apart: together they may cancel out, and nothing would be left to measure by.
    for sign in (1, -1):
        chosen = [index for index, part in enumerate(parts) if part * sign > 0]
        whole = sum([parts[index] * sign for index in chosen])
        before = sum([done[index] * sign for index in chosen])
        step = round_ratio(whole * numerator, denominator, mode) - before
        if step < 0:
            raise InvalidProgress(f"{before} of {whole} is done already, more than a progress of {progress} makes")
        left = [(parts[index] - done[index]) * sign for index in chosen]
        for index, more in zip(chosen, allocate(step, left), strict=True):
            steps[index] = more * sign
    return tuple(steps)


def apportion_amount(parts: Sequence[int], done: Sequence[int], amount: int) -> tuple[int, ...]:
    """Return how much more of each part is done when `amount` more of the whole is, spread by what remains of each.

    >>> apportion_amount((600, 600, 200), (600, 0, 0), 100)
    (0, 75, 25)

    Args:
        parts: Minor units of each part of the whole, zero or more.
        done: What of each part was done before.
        amount: How much more, at most what remains.

    Raises:
        InvalidProgress: The amount is negative or more than remains, or `done` does not fit `parts`.
    """
    _check_done(parts, done)
    if any(part < 0 for part in parts):
        raise InvalidProgress("an amount is spread over parts of zero or more")
    left = [part - gone for part, gone in zip(parts, done, strict=True)]
    if type(amount) is not int or not 0 <= amount <= sum(left):
        raise InvalidProgress(f"{amount} is not between 0 and the {sum(left)} that remain")
    return allocate(amount, left)


def _check_done(parts: Sequence[int], done: Sequence[int]) -> None:
    if len(parts) != len(done):
        raise InvalidProgress(f"{len(parts)} parts, but {len(done)} of them done")
    for index, (part, gone) in enumerate(zip(parts, done, strict=True)):
        if type(part) is not int or type(gone) is not int:
            raise InvalidProgress(f"part {index} is not counted in ints")
        if not min(part, 0) <= gone <= max(part, 0):
            raise InvalidProgress(f"{gone} of part {index} is done, which is outside 0 to {part}")
