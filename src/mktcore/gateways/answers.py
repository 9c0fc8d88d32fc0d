"""What every gateway answers: it succeeded, it was declined, or nobody knows.

A gateway never raises for what the far side says. `Unknown` is an answer of its own: the call may have had its effect,
so whoever asked looks it up, or asks again under the same key, and decides nothing meanwhile.
"""

from typing import Generic, TypeVar

import attrs

__all__ = ["Declined", "Succeeded", "Unknown"]

A = TypeVar("A")


@attrs.frozen
class Succeeded(Generic[A]):
    """It was done; `value` is what came of it."""

    value: A


@attrs.frozen
class Declined:
    """The far side said no, and will say no again.

    Attributes:
        reason: Why, in one clause.
    """

    reason: str


@attrs.frozen
class Unknown:
    """Nobody knows: no answer, none in time, or none that can be read.

    Attributes:
        reason: What is known of it, in one clause.
    """

    reason: str
