"""Which sales a commission rule is for: goods, merchants, price, channel and order, as data."""

from collections.abc import Iterable, Iterator, Mapping

import attrs

from mktcore.commissions.commissionable_line import CommissionLine
from mktcore.errors import InvalidValue
from mktcore.money import CurrencyMismatch, Money

__all__ = ["ANY_SALE", "AmountBand", "SaleFilter"]


@attrs.frozen
class AmountBand:
    """From an amount up to, not including, another one; in another currency nothing lies inside.

    >>> band = AmountBand(Money.of("100", "EUR"), Money.of("500", "EUR"))
    >>> band.holds(Money.of("100.00", "EUR")), band.holds(Money.of("500.00", "EUR"))
    (True, False)

    Attributes:
        start: The least amount.
        end: Where it ends, itself outside; None for no end.
    """

    start: Money
    end: Money | None = None

    def __attrs_post_init__(self) -> None:
        if self.end is None:
            return
        if self.end.currency != self.start.currency:
            raise CurrencyMismatch(self.start.currency.code, self.end.currency.code)
        if self.end <= self.start:
            raise InvalidValue("AmountBand", "end", str(self.end), f"more than {self.start}: the end is outside")

    def holds(self, amount: Money, *, pieces: int = 1) -> bool:
        """Tell whether an amount lies inside, or what one of so many pieces costs of it, unrounded."""
        if amount.currency != self.start.currency or amount.minor < self.start.minor * pieces:
            return False
        return self.end is None or amount.minor < self.end.minor * pieces

    def __str__(self) -> str:
        return f"from {self.start}" if self.end is None else f"from {self.start} to below {self.end}"


def _to_texts(texts: Iterable[str]) -> tuple[str, ...]:
    # One text is an iterable of its letters: a brand "Orlik" must not become five.
    return (texts,) if isinstance(texts, str) else tuple(texts)


def _to_choices(choices: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {name: _to_texts(values) for name, values in choices.items()}


def _to_filters(filters: "SaleFilter | Iterable[SaleFilter]") -> "tuple[SaleFilter, ...]":
    return (filters,) if isinstance(filters, SaleFilter) else tuple(filters)


@attrs.frozen(kw_only=True)
class SaleFilter:
    """Which sales are meant: those that fit every field that is given, in one of its values.

    >>> line = CommissionLine(
    ...     "1",
    ...     "acme",
    ...     "lenses",
    ...     quantity=1,
    ...     net=Money.of("9", "EUR"),
    ...     gross=Money.of("9", "EUR"),
    ...     ancestors=("photo",),
    ... )
    >>> SaleFilter(categories=["photo"]).holds(line)
    True
    >>> SaleFilter(categories=["photo"], excluding=SaleFilter(merchants=["acme"])).holds(line)
    False

    Attributes:
        skus: These SKUs.
        categories: These categories and all below them.
        brands: These brands.
        attributes: For each named attribute of the goods, one of these values.
        price: What one piece costs, as prices are stated, before reductions.
        merchants: Sales of these merchants.
        merchant_attributes: For each named attribute of the merchant, one of these values: `{"state": ["SP"]}`.
        channels: Orders through these sales channels.
        groups: Orders of users in one of these groups.
        order: What the merchant's lines in the order cost together, as prices are stated, before reductions.
        excluding: Not the sales that one of these means: all merchants but these, all brands but these.
    """

    skus: tuple[str, ...] = attrs.field(default=(), converter=_to_texts)
    categories: tuple[str, ...] = attrs.field(default=(), converter=_to_texts)
    brands: tuple[str, ...] = attrs.field(default=(), converter=_to_texts)
    attributes: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict, converter=_to_choices, hash=False)
    price: AmountBand | None = None
    merchants: tuple[str, ...] = attrs.field(default=(), converter=_to_texts)
    merchant_attributes: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict, converter=_to_choices, hash=False)
    channels: tuple[str, ...] = attrs.field(default=(), converter=_to_texts)
    groups: tuple[str, ...] = attrs.field(default=(), converter=_to_texts)
    order: AmountBand | None = None
    excluding: tuple["SaleFilter", ...] = attrs.field(default=(), converter=_to_filters)

    def list_amounts(self) -> Iterator[Money]:
        """Yield every amount in it, those of what it excludes too."""
        for band in (self.price, self.order):
            if band is not None:
                yield band.start
                yield from () if band.end is None else (band.end,)
        for excluded in self.excluding:
            yield from excluded.list_amounts()

    def holds(self, line: CommissionLine) -> bool:
        """Tell whether a sale is meant."""
        return (
            (not self.skus or line.sku in self.skus)
            and (not self.categories or any(line.lies_in(category) for category in self.categories))
            and (not self.brands or line.brand in self.brands)
            and (not self.merchants or line.merchant in self.merchants)
            and self._holds_facts(line)
            and not any(one.holds(line) for one in self.excluding)
        )

    def _holds_facts(self, line: CommissionLine) -> bool:
        sale = line.sale
        return (
            (self.price is None or self.price.holds(line.stated, pieces=line.quantity))
            and (self.order is None or (sale.stated is not None and self.order.holds(sale.stated)))
            and (not self.channels or sale.channel in self.channels)
            and (not self.groups or any(group in self.groups for group in sale.groups))
            and all(line.attributes.get(name) in values for name, values in self.attributes.items())
            and all(sale.merchant_attributes.get(name) in values for name, values in self.merchant_attributes.items())
        )

    def asks_merchants(self) -> bool:
        """Tell whether it asks what merchants are."""
        return bool(self.merchant_attributes) or any(one.asks_merchants() for one in self.excluding)


ANY_SALE = SaleFilter()
"""Every sale."""
