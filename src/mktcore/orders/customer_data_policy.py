"""What a merchant is shown of a customer: a policy of the market, pinned on each order."""

from collections.abc import Iterable

import attrs

from mktcore.addresses import Address
from mktcore.errors import InvalidValue
from mktcore.orders.order_line import OrderLine

__all__ = ["ALL_CUSTOMER_DATA", "CustomerData"]

_PARTS = tuple(field.name for field in attrs.fields(Address) if field.name != "country")


def _to_parts(parts: Iterable[str]) -> tuple[str, ...]:
    if isinstance(parts, str):  # it would be taken letter by letter
        raise InvalidValue("CustomerData", "shown", parts, "a sequence of parts of an address")
    return tuple(sorted(set(parts)))


@attrs.frozen
class CustomerData:
    """Which parts of a customer's address merchants see, in their orders and whatever is made of them.

    The country is always shown: the tax depends on it. Whoever ships by the marketplace's own labels needs no more.

    >>> policy = CustomerData(["postal_code", "city"])
    >>> policy.show(Address("DE", postal_code="10115", city="Berlin", lines=["Invalidenstr. 1"], name="Ann"))
    Address(country='DE', postal_code='10115', subdivision='', city='Berlin', lines=(), name='', company='', ...)

    Attributes:
        shown: Names of the parts: `name`, `company`, `lines`, `postal_code`, `city`, `subdivision`, `phone`,
            `tax_number`; all of them by default.

    Raises:
        InvalidValue: An address has no such part.
    """

    shown: tuple[str, ...] = attrs.field(default=_PARTS, converter=_to_parts)

    def __attrs_post_init__(self) -> None:
        unknown = [part for part in self.shown if part not in _PARTS]
        if unknown:
            raise InvalidValue("CustomerData", "shown", unknown[0], f"one of {', '.join(_PARTS)}")

    def shows_all(self) -> bool:
        """Tell whether nothing is kept from merchants."""
        return len(self.shown) == len(_PARTS)

    def show(self, address: Address | None) -> Address | None:
        """Return what a merchant sees of an address."""
        if address is None or self.shows_all():
            return address
        return Address(address.country, **{part: getattr(address, part) for part in self.shown})

    def show_lines(self, lines: tuple[OrderLine, ...]) -> tuple[OrderLine, ...]:
        """Return what a merchant sees of lines, some of which may go elsewhere than the order."""
        return tuple(
            line if line.deliver_to is None else attrs.evolve(line, deliver_to=self.show(line.deliver_to))
            for line in lines
        )


ALL_CUSTOMER_DATA = CustomerData()
"""What holds unless a market says otherwise, and for orders of earlier releases."""
