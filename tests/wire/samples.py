"""A small world of types: every shape the wire carries."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, StrEnum
from fractions import Fraction
from typing import Literal

import attrs

from mktcore.explain import Explanation
from mktcore.money import Currency, ExactMoney, Money
from mktcore.periods import ALWAYS, Period
from mktcore.wire import Codec, Registration, Registry


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
        Registration("samples.everything", 1, Everything),
        Registration("samples.percentage", 1, Percentage),
        Registration("samples.fixed", 1, Fixed),
    ]
)
CODEC = Codec(REGISTRY)
