"""A small world of types: every shape the wire carries."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, StrEnum
from fractions import Fraction
from typing import Literal

import attrs

from mktcore.explain import Explanation
from mktcore.money import Currency, ExactMoney, Money
from mktcore.periods import ALWAYS, Period
from mktcore.persistence.stored import Stored
from mktcore.wire import Codec, Registry


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Level(Enum):
    LOW = 1
    HIGH = 2


@attrs.frozen
class Percentage:
    rate: Decimal


@attrs.frozen
class Fixed:
    amount: Money


@attrs.frozen
class Tax:
    name: str
    rate: Decimal


@attrs.frozen
class Everything:
    id: str
    count: int
    flag: bool
    price: Money
    exact: ExactMoney
    currency: Currency
    rate: Decimal
    share: Fraction
    at: datetime
    day: date
    opens: time
    lasts: timedelta
    colour: Colour
    level: Level
    mode: Literal["a", "b"]
    note: str | None
    tags: frozenset[str]
    names: tuple[str, ...]
    pair: tuple[str, int]
    taxes: Mapping[tuple[str, Decimal], Money]
    by_colour: Mapping[Colour, int]
    rule: Percentage | Fixed
    rules: tuple[Percentage | Fixed, ...]
    reason: Explanation | None
    anything: object
    score: float = 0.5
    valid: Period = ALWAYS
    version: int = 0


REGISTRY = Registry(
    [
        Stored("samples.everything", 1, Everything),
        Stored("samples.percentage", 1, Percentage),
        Stored("samples.fixed", 1, Fixed),
    ]
)
CODEC = Codec(REGISTRY)


def make_everything() -> Everything:
    """Return a value with something in every field."""
    euro = Money.of("1.99", "EUR")
    return Everything(
        "e1",
        3,
        True,  # noqa: FBT003 - in the order of the fields
        euro,
        euro / 3,
        Currency.of("EUR"),
        Decimal("0.19"),
        Fraction(1, 3),
        datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        date(2026, 1, 1),
        time(9, 30),
        timedelta(hours=1),
        Colour.RED,
        Level.HIGH,
        "a",
        None,
        frozenset({"x", "y"}),
        ("a", "b"),
        ("p", 1),
        {("VAT", Decimal("0.19")): euro},
        {Colour.BLUE: 2},
        Fixed(euro),
        (Percentage(Decimal("0.1")),),
        Explanation("total", "1.99", "sum", (Explanation("part"),)),
        {"a": (1, "x", None)},
        0.25,
        Period(datetime(2026, 1, 2, tzinfo=UTC), None),
    )
