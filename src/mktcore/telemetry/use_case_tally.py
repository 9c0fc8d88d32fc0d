"""What is counted while a use case runs."""

from contextvars import ContextVar

import attrs

__all__ = ["UNDER_WAY", "UseCaseTally"]


@attrs.define(eq=False)
class UseCaseTally:
    """Counts of the use case under way.

    Attributes:
        use_case: Its name.
        retries: As in `Told`.
        units: As in `Told`.
        store_calls: As in `Told`.
        has_decided: Whether a unit was committed, or answered as one was before.
    """

    use_case: str
    retries: int = 0
    units: int = 0
    store_calls: int = 0
    has_decided: bool = False


UNDER_WAY: ContextVar[UseCaseTally | None] = ContextVar("mktcore_use_case", default=None)
"""The tally of the use case that this thread or task is in."""
