"""Areas: a country, a part of one, or a range of its postal codes; what taxes and delivery are declared for."""

import re
from collections.abc import Iterable
from typing import Self

import attrs

from mktcore.addresses.address import Address, check_codes, to_postal_key
from mktcore.errors import InvalidValue

__all__ = ["Area", "find_narrowness"]

_KEY = re.compile(r"[A-Z0-9]{1,15}")


@attrs.frozen
class Area:
    """A country, a part of it, or a range of its postal codes.

    >>> islands = Area.parse("DE 25845-25849")
    >>> islands.contains(Address("DE", postal_code="25847")), islands.contains(Address("DE"))
    (True, False)
    >>> Area.parse("GB SW1*").contains(Address("GB", postal_code="sw1a 1aa"))
    True

    Attributes:
        country: ISO 3166-1, two letters.
        subdivision: ISO 3166-2, with its country; empty for all of it.
        first: The first postal code of the range, without blanks and hyphens; empty for all.
        last: The last one, in it: whatever begins with it belongs to the range. Codes are compared as texts, as far
            as these are long, so both have one length.

    Raises:
        InvalidValue: A code is none, or the range is.
    """

    country: str
    subdivision: str = attrs.field(default="", kw_only=True)
    first: str = attrs.field(default="", kw_only=True)
    last: str = attrs.field(default="", kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_codes("Area", self.country, self.subdivision)
        if not self.first and not self.last:
            return
        is_range = _KEY.fullmatch(self.first) and _KEY.fullmatch(self.last) and len(self.first) == len(self.last)
        if not is_range or self.first > self.last:
            raise InvalidValue("Area", "first", f"{self.first}-{self.last}", "two postal codes of one length, in order")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an area: `DE`, `US-CA`, `DE 10115`, `DE 10000-19999`, `GB SW1*`.

        Raises:
            InvalidValue: It is none.
        """
        place, _, codes = text.strip().upper().partition(" ")
        country = place[:2]
        first, _, last = codes.partition("-")
        # A star says what is so anyway: a code that is shorter than those compared with it is a beginning of them.
        ends = [to_postal_key(end.removesuffix("*")) for end in (first, last or first)]
        return cls(country, subdivision="" if place == country else place, first=ends[0], last=ends[1])

    def __str__(self) -> str:
        """Return it as `parse` reads it."""
        codes = self.first if self.first == self.last else f"{self.first}-{self.last}"
        return f"{self.subdivision or self.country} {codes}".strip()

    @property
    def narrowness(self) -> int:
        """1 for a country, 2 for a part of it, 3 for postal codes."""
        return 3 if self.first else 2 if self.subdivision else 1

    def contains(self, address: Address) -> bool:
        """Tell whether an address is known to lie in it: what it does not say may be anywhere."""
        if address.country != self.country or self.subdivision not in {"", address.subdivision}:
            return False
        key = to_postal_key(address.postal_code)
        return not self.first or (len(key) >= len(self.first) and self.first <= key[: len(self.first)] <= self.last)


def find_narrowness(areas: Iterable[Area], address: Address | None) -> int | None:
    """Return how narrow the narrowest area is that an address lies in; 0 where no areas are named, None outside.

    >>> areas = [Area("US"), Area("US", subdivision="US-CA")]
    >>> find_narrowness(areas, Address("US", subdivision="US-CA")), find_narrowness(areas, Address("DE"))
    (2, None)
    >>> find_narrowness((), None), find_narrowness(areas, None)
    (0, None)
    """
    named = tuple(areas)
    if not named:
        return 0
    found = [area.narrowness for area in named if address is not None and area.contains(address)]
    return max(found, default=None)
