"""What is matched: a plain record, whatever the host calls it."""

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from mktcore.errors import InvalidValue
from mktcore.goods import Gtin, Measure

__all__ = ["MatchRecord"]


def _list(numbers: Iterable[Gtin]) -> tuple[Gtin, ...]:
    return tuple(numbers)


def _freeze(facts: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    pairs: Any = facts.items() if isinstance(facts, Mapping) else facts
    return tuple(sorted((str(name), str(value)) for name, value in pairs))


@attrs.frozen
class MatchRecord:
    """A thing as one party describes it: a SKU of the catalogue, or what a merchant sends.

    >>> MatchRecord("A-17", "Sony Alpha 7 IV body", brand="Sony", gtins=[Gtin.parse("4548736133730")]).gtins
    (Gtin(digits='04548736133730'),)

    Attributes:
        id: Names it among the records of its side; between equal scores the smaller id comes first.
        name: As people read it; most of what decides stands here. The first 2,000 characters and 80 words count.
        brand: Who makes it, empty where unknown.
        category: Where it stands, as words: `"tools > drills"`.
        description: Longer text; its words may explain those of the other's name.
        gtins: Its trade item numbers.
        mpn: The maker's part number, in any spelling.
        host_ids: Numbers that both sides share, by scheme: `{"asin": "B00X4WHP5E"}`; a mapping or pairs.
        attributes: Other facts by name, a mapping or pairs; their values count as words of the description.
        price: In minor units of `currency`; None where unknown.
        currency: ISO 4217 code of the price; prices of different currencies are not compared.
        size: How much of it there is.

    Raises:
        InvalidValue: The id is empty, the price is below zero, or a scheme is empty, holds a colon, or is "gtin".
    """

    id: str
    name: str
    brand: str = ""
    category: str = ""
    description: str = ""
    gtins: tuple[Gtin, ...] = attrs.field(default=(), converter=_list)
    mpn: str = ""
    host_ids: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_freeze)
    attributes: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_freeze)
    price: int | None = None
    currency: str = ""
    size: Measure | None = None

    def __attrs_post_init__(self) -> None:
        if not self.id:
            raise InvalidValue("MatchRecord", "id", self.id, "a text of at least one character")
        for scheme, number in self.host_ids:
            if not number or not scheme or ":" in scheme or scheme == "gtin":
                raise InvalidValue("MatchRecord", "host_ids", scheme, "a number by its scheme, GTINs in gtins")
        if self.price is not None and self.price < 0:
            raise InvalidValue("MatchRecord", "price", self.price, "zero or above, or None")
