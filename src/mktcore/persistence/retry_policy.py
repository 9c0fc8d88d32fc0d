"""How often, and for how long, a unit that lost against another transaction is run again."""

import attrs

from mktcore.errors import InvalidValue

__all__ = ["RetryPolicy"]


@attrs.frozen
class RetryPolicy:
    """The end of trying: whichever comes first.

    >>> RetryPolicy(deadline=2.0)
    RetryPolicy(attempts=10, deadline=2.0)

    Attributes:
        attempts: How often a unit is run at most; 1 for never again.
        deadline: Seconds from the first attempt's begin after which none begins; the last may end a little later, by
            the waits of its own.
    """

    attempts: int = 10
    deadline: float = 10.0

    def __attrs_post_init__(self) -> None:
        if type(self.attempts) is not int or self.attempts < 1:
            raise InvalidValue("RetryPolicy", "attempts", self.attempts, "a whole number from 1 up")
        if type(self.deadline) not in {int, float} or not 0 <= self.deadline < float("inf"):
            raise InvalidValue("RetryPolicy", "deadline", self.deadline, "seconds, 0 or more")
