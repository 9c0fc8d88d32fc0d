"""Numbers of orders: one counter for each series, in the placement's own transaction."""

from collections.abc import Mapping
from typing import ClassVar

import attrs

from mktcore.errors import ErrorCategory, InvalidValue, MktcoreError
from mktcore.ids import is_id
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.orders.order import Order
from mktcore.orders.ports import NumberRequest, NumberSeries
from mktcore.persistence.counters import Counting

__all__ = ["NumberRefused", "StoredNumbers", "number_order"]

MAX_NUMBER = 60
"""Characters: with a merchant's id behind it, it still fits an id and a label."""
_COUNTER = "order-number/"
"""Begins the names of counters, in which no other room counts anything."""


@attrs.define(eq=False, slots=False)
class NumberRefused(MktcoreError):
    """A host's series gave an order a number that cannot be one, or that another order has; nothing was placed."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT
    code: ClassVar[str] = "orders.number-refused"
    remedy: ClassVar[str] = "let the series give each order another number: an id of 60 characters at most"
    number: str
    reason: str

    def describe(self) -> str:
        """Name the number, and what is wrong with it."""
        return f"{self.number[:80]!r} cannot be the number of an order: {self.reason}"


def _check_prefixes(_numbers: object, field: "attrs.Attribute[Mapping[str, str]]", prefixes: Mapping[str, str]) -> None:
    for channel, prefix in prefixes.items():
        # A digit at the end would run into the number: W1 and 23 is W and 123.
        if not prefix or not is_id(f"{prefix}1") or prefix[-1].isdigit() or len(prefix) > MAX_NUMBER // 2:
            reason = "text of ids, 30 characters at most, that does not end with a digit"
            raise InvalidValue("StoredNumbers", f"{field.name}[{channel}]", prefix, reason)
    if len(set(prefixes.values())) < len(prefixes):
        raise InvalidValue("StoredNumbers", field.name, ", ".join(prefixes.values()), "one of its own for each channel")


@attrs.frozen
class StoredNumbers:
    """The series that marketplaces use unless they bring their own: without gaps, in the order in which orders commit.

    A channel with a prefix of its own has a series of its own; all others share one. A placement that fails gives its
    number back. So whoever places waits for the number of the order before until that one is committed, which takes a
    few round trips: a host for whom that is too long draws numbers from elsewhere, and has gaps.

    >>> StoredNumbers({"web": "W-"}, first=1000).to_text("web", 3)
    'W-1002'

    Attributes:
        prefixes: What numbers begin with, by channel.
        first: The number of the first order of each series.

    Raises:
        InvalidValue: Two channels have one prefix, or one ends with a digit; or the first number is no whole one.
    """

    prefixes: Mapping[str, str] = attrs.field(factory=dict, validator=_check_prefixes)
    first: int = 100_001

    def __attrs_post_init__(self) -> None:
        if type(self.first) is not int or not 0 < self.first < 10**15:
            raise InvalidValue("StoredNumbers", "first", self.first, "a whole number of 15 digits at most")

    def draw(self, unit: Counting, request: NumberRequest) -> str:
        """Return the next number of the channel's series."""
        series = request.channel if request.channel in self.prefixes else ""
        return self.to_text(request.channel, unit.counters.advance(f"{_COUNTER}{series}"))

    def to_text(self, channel: str | None, count: int) -> str:
        """Return the number of an order that is the so manieth of its channel's series."""
        prefix = "" if channel is None else self.prefixes.get(channel, "")
        return f"{prefix}{self.first + count - 1}"

    def find_drawn(self, number: str) -> tuple[str, int] | None:
        """Return from which counter a number came, and what that held then; None for a number of no series of these.

        >>> StoredNumbers({"web": "W-"}, first=1000).find_drawn("W-1002")
        ('order-number/web', 3)
        """
        prefix = number.rstrip("0123456789")
        series = next((channel for channel, own in self.prefixes.items() if own == prefix), "" if not prefix else None)
        count = int(number.removeprefix(prefix) or 0) - self.first + 1
        return None if series is None or count < 1 else (f"{_COUNTER}{series}", count)


def number_order(unit: Counting, series: NumberSeries, transition: OrderTransition) -> OrderTransition:
    """Return the placement of an order with its number, on its merchant orders too.

    Raises:
        NumberRefused: The series gave it what cannot be one.
    """
    whole = transition.after.marketplace_order
    number = series.draw(unit, NumberRequest(whole.id, whole.channel, whole.placed_at, sold_by=whole.sold_by))
    # A host's code; what it returns goes into a column that is unique, addresses and file names.
    if not isinstance(number, str) or not is_id(number) or len(number) > MAX_NUMBER:
        raise NumberRefused(str(number), "it is no id, or has more than 60 characters")
    parts = tuple(attrs.evolve(part, number=number) for part in transition.after.merchant_orders)
    return attrs.evolve(transition, after=Order(attrs.evolve(whole, number=number), parts))
