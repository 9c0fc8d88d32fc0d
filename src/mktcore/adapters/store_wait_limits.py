"""How long a store waits for other units, and for its database."""

import attrs

from mktcore.errors import InvalidValue

__all__ = ["BUSY_SECONDS", "POOL_SIZE", "STATEMENT_SECONDS", "WaitLimits"]

POOL_SIZE = 8
BUSY_SECONDS = 10.0
STATEMENT_SECONDS = 30.0
_LONGEST = 1_000_000
"""Databases count milliseconds in 32 bits."""


@attrs.frozen(kw_only=True)
class WaitLimits:
    """The bounds of waiting; every one ends in `Busy`. A store in memory has no connections and no statements.

    >>> WaitLimits(busy_seconds=0.5)
    WaitLimits(pool_size=8, busy_seconds=0.5, statement_seconds=30.0)

    Attributes:
        pool_size: Connections that one process has at most. More than cores can use make each transaction slower, and
            hold locks for longer: units beyond them wait in line, in the order in which they came.
        busy_seconds: For how long a unit waits for a connection, for the turn to write, for a lock; for each of them.
        statement_seconds: For how long one statement may run; None for as long as it takes.
    """

    pool_size: int = POOL_SIZE
    busy_seconds: float = BUSY_SECONDS
    statement_seconds: float | None = STATEMENT_SECONDS

    def __attrs_post_init__(self) -> None:
        if type(self.pool_size) is not int or self.pool_size < 1:
            raise InvalidValue("WaitLimits", "pool_size", self.pool_size, "a whole number from 1 up")
        for name, value in (("busy_seconds", self.busy_seconds), ("statement_seconds", self.statement_seconds)):
            if name == "statement_seconds" and value is None:
                continue
            if type(value) not in {int, float} or not 0 < float(value or 0) <= _LONGEST:
                raise InvalidValue("WaitLimits", name, value, f"seconds above 0, {_LONGEST:,} at most")
