"""What a merchant is shown of a customer: a policy of the market, pinned on each order."""

from collections.abc import Iterable

import attrs

from mktcore.addresses import Address
from mktcore.errors import InvalidValue
from mktcore.orders.order_line import OrderLine

__all__ = ["ALL_CUSTOMER_DATA", "CustomerData"]

_PARTS = tuple(field.name for field in attrs.fields(Address) if field.name != "country")
_SHORT = 2
"""Characters: of a postal code the region, of a name no more than initials tell."""


def _to_parts(parts: Iterable[str]) -> tuple[str, ...]:
    if isinstance(parts, str):  # it would be taken letter by letter
        raise InvalidValue("CustomerData", "shown", parts, "a sequence of parts of an address")
    return tuple(sorted(set(parts)))


def _to_shortened(parts: Iterable[str]) -> tuple[str, ...]:
    found = _to_parts(parts)
    if "lines" in found:
        raise InvalidValue("CustomerData", "shortened", "lines", "a part that is one text")
    return found


@attrs.frozen
class CustomerData:
    """Which parts of a customer's address merchants see, in their orders and whatever is made of them.

    The country is always shown: the tax depends on it. Whoever ships by the marketplace's own labels needs no more.
    Once nothing can happen to an order any more, its merchant may need less of it than while it ships; an answer that
    is given again under its key is the one that was given, as everywhere.

    >>> home = Address("DE", postal_code="10115", city="Berlin", lines=["Invalidenstr. 1"], name="Ann")
    >>> policy = CustomerData(["postal_code", "city"], after_close=["postal_code"], shortened=["postal_code"])
    >>> policy.show(home)
    Address(country='DE', postal_code='10115', subdivision='', city='Berlin', lines=(), name='', company='', ...)
    >>> policy.show(home, is_closed=True)
    Address(country='DE', postal_code='10', subdivision='', city='', lines=(), name='', company='', ...)

    Attributes:
        shown: Names of the parts: `name`, `company`, `lines`, `postal_code`, `city`, `subdivision`, `phone`,
            `tax_number`; all of them by default.
        after_close: The parts that are still shown once the merchant order is closed or canceled, of those that were
            shown before; None for all of them.
        shortened: Parts of which only the first two characters are shown from then on.

    Raises:
        InvalidValue: An address has no such part, or one that is shortened is no single text.
    """

    shown: tuple[str, ...] = attrs.field(default=_PARTS, converter=_to_parts)
    after_close: tuple[str, ...] | None = attrs.field(
        default=None, kw_only=True, converter=attrs.converters.optional(_to_parts)
    )
    shortened: tuple[str, ...] = attrs.field(default=(), kw_only=True, converter=_to_shortened)

    def __attrs_post_init__(self) -> None:
        for field, parts in (
            ("shown", self.shown),
            ("after_close", self.after_close or ()),
            ("shortened", self.shortened),
        ):
            unknown = [part for part in parts if part not in _PARTS]
            if unknown:
                raise InvalidValue("CustomerData", field, unknown[0], f"one of {', '.join(_PARTS)}")

    def shows_all(self, *, is_closed: bool = False) -> bool:
        """Tell whether nothing is kept from merchants."""
        return len(self._list_shown(is_closed)) == len(_PARTS) and not (is_closed and self.shortened)

    def show(self, address: Address | None, *, is_closed: bool = False) -> Address | None:
        """Return what a merchant sees of an address."""
        if address is None or self.shows_all(is_closed=is_closed):
            return address
        cut = self.shortened if is_closed else ()
        parts = {part: getattr(address, part) for part in self._list_shown(is_closed)}
        return Address(
            address.country, **{part: text[:_SHORT] if part in cut else text for part, text in parts.items()}
        )

    def show_lines(self, lines: tuple[OrderLine, ...], *, is_closed: bool = False) -> tuple[OrderLine, ...]:
        """Return what a merchant sees of lines, some of which may go elsewhere than the order."""
        return tuple(
            line
            if line.deliver_to is None
            else attrs.evolve(line, deliver_to=self.show(line.deliver_to, is_closed=is_closed))
            for line in lines
        )

    def _list_shown(self, is_closed: bool) -> tuple[str, ...]:
        if not is_closed or self.after_close is None:
            return self.shown
        return tuple(part for part in self.shown if part in self.after_close)


ALL_CUSTOMER_DATA = CustomerData()
"""What holds unless a market says otherwise, and for orders of earlier releases."""
