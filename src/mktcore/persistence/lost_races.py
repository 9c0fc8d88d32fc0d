"""What looked first and wrote then, and found that another unit had done it in between: it looks again."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mktcore.persistence.errors import NotFound, Retryable, UniqueViolation
from mktcore.persistence.kinds import Kind

__all__ = ["look_again"]


@contextmanager
def look_again(*kinds: Kind[Any]) -> Iterator[None]:
    """Let a unit run again that lost the race for a record of these kinds, which it adds or removes where it has to.

    Doing twice what is harmless twice is then harmless at the same time too: the second finds what the first did.

    Args:
        kinds: Only those of which the unit adds what it did not find and removes what it found. What the caller itself
            names as new, or as it read it, is no race: there the refusal is the answer.

    Raises:
        Retryable: A record was added that the unit adds too, or removed that it changes or removes.
    """
    try:
        yield
    except (UniqueViolation, NotFound) as race:
        if any(kind.name == race.kind for kind in kinds):
            raise Retryable(race.describe()) from race
        raise
