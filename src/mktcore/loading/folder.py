"""From a folder of CSV files to the values of a marketplace, checked as a whole. Reads files, touches no store."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import attrs

from mktcore.catalog import Sku
from mktcore.commissions import CommissionRule, Fixed, Percentage
from mktcore.delivery import ShippingFee
from mktcore.loading.faults import Faults
from mktcore.loading.fields import Fields
from mktcore.loading.reading import Columns, read_rows
from mktcore.money import Currency, Money
from mktcore.offers import Condition, Offer
from mktcore.parties import Merchant
from mktcore.periods import Period
from mktcore.pricing import PriceBreak, PriceSchedule
from mktcore.taxes import TaxRule

__all__ = ["FILES", "MarketFiles", "Reference", "read_folder"]

FILES: Mapping[str, Columns] = {
    "merchants.csv": Columns(("merchant", "name")),
    "tax_rates.csv": Columns(("tax_category", "name", "rate")),
    "skus.csv": Columns(("sku", "name", "tax_category"), ("brand", "category")),
    "offers.csv": Columns(
        ("offer", "merchant", "sku", "price", "stock"), ("currency", "condition", "valid_from", "valid_until")
    ),
    "price_breaks.csv": Columns(("offer", "quantity", "price")),
    "shipping_fees.csv": Columns(("merchant", "fee"), ("free_from", "tax_category")),
    "commission_rules.csv": Columns(
        ("rule",), ("group", "priority", "merchant", "category", "rate", "fixed", "valid_from", "valid_until")
    ),
}
"""The files a folder may hold, and their columns."""

T = TypeVar("T")


@attrs.frozen
class Reference:
    """A row names a record that no file of the folder defines; the store must have it."""

    kind: str
    id: str
    file: str
    line: int
    column: str


@attrs.frozen
class MarketFiles:
    """What a folder says, by id. `stock` is by offer; `references` must be found in the store."""

    merchants: dict[str, Merchant] = attrs.field(factory=dict)
    tax_rules: dict[str, TaxRule] = attrs.field(factory=dict)
    skus: dict[str, Sku] = attrs.field(factory=dict)
    offers: dict[str, Offer] = attrs.field(factory=dict)
    schedules: dict[str, PriceSchedule] = attrs.field(factory=dict)
    stock: dict[str, int] = attrs.field(factory=dict)
    shipping_fees: dict[str, ShippingFee] = attrs.field(factory=dict)
    commission_rules: dict[str, CommissionRule] = attrs.field(factory=dict)
    references: list[Reference] = attrs.field(factory=list)

    def count(self) -> int:
        """Return how many records there are; stock is counted with its offers."""
        kept = (self.merchants, self.tax_rules, self.skus, self.offers, self.schedules)
        return sum([len(records) for records in (*kept, self.shipping_fees, self.commission_rules)])


def read_folder(folder: Path, currency: Currency, faults: Faults) -> MarketFiles:
    """Read every known file of the folder; what is faulty is noted and left out.

    Args:
        folder: Where the files are; each is optional, at least one is there, and no other CSV file is.
        currency: The marketplace's currency.
        faults: Where faults go.
    """
    reader = _Reader(folder, currency, faults)
    names = sorted(path.name for path in folder.glob("*.csv")) if folder.is_dir() else []
    if not names:
        faults.add(folder.name, 0, "", "no folder with CSV files", f"it holds some of {', '.join(FILES)}")
    for name in names:
        if name not in FILES:
            faults.add(name, 0, "", "not a file of a marketplace", f"known files: {', '.join(FILES)}")
    reader.read_all()
    return reader.files


@attrs.frozen
class _Reader:
    folder: Path
    currency: Currency
    faults: Faults
    files: MarketFiles = attrs.field(factory=MarketFiles)
    prices: dict[str, dict[int, Money]] = attrs.field(factory=dict)
    named: dict[str, set[str]] = attrs.field(factory=dict)

    def read_all(self) -> None:
        self.each("merchants.csv", self.read_merchant)
        self.each("tax_rates.csv", self.read_tax_rule)
        self.each("skus.csv", self.read_sku)
        self.each("offers.csv", self.read_offer)
        self.each("price_breaks.csv", self.read_break)
        self.each("shipping_fees.csv", self.read_shipping_fee)
        self.each("commission_rules.csv", self.read_commission_rule)
        for offer, prices in self.prices.items():
            if offer in self.files.offers:
                breaks = [PriceBreak(quantity, price) for quantity, price in prices.items()]
                self.files.schedules[offer] = PriceSchedule(offer, self.files.offers[offer].merchant, tuple(breaks))

    def each(self, name: str, read: Callable[[Fields], None]) -> None:
        path = self.folder / name
        if not path.is_file():
            return
        for row in read_rows(path, FILES[name], self.faults):
            read(Fields(row, self.faults))

    def read_merchant(self, fields: Fields) -> None:
        merchant, name = self.key(fields, "merchant", "merchant"), fields.text("name")
        self.keep(self.files.merchants, fields.build(lambda: Merchant(merchant, name or merchant)))

    def read_tax_rule(self, fields: Fields) -> None:
        category, name = fields.name("tax_category", "tax category"), fields.text("name")
        rate = fields.fraction("rate")
        key = f"{category}:{name.replace(' ', '-')}"
        self.once(fields, "tax rule", key, "name")
        self.define("tax category", category)
        self.keep(self.files.tax_rules, fields.build(lambda: TaxRule(key, category, name, rate)))

    def read_sku(self, fields: Fields) -> None:
        sku, name = self.key(fields, "sku", "SKU"), fields.text("name")
        tax_category = self.refer(fields, "tax_category", "tax category", optional=True)
        brand, category = fields.text("brand"), fields.text("category")
        self.keep(self.files.skus, fields.build(lambda: Sku(sku, name or sku, brand, category, tax_category)))

    def read_offer(self, fields: Fields) -> None:
        key = self.key(fields, "offer", "offer")
        merchant, sku = self.refer(fields, "merchant", "merchant"), self.refer(fields, "sku", "SKU")
        price, stock = fields.money("price", fields.currency("currency", self.currency)), fields.whole("stock")
        condition = fields.text("condition", Condition.NEW)
        if condition not in set(Condition):
            fields.fault("condition", f"{condition[:40]!r} is no condition", f"one of {', '.join(Condition)}")
        valid = self.period(fields)
        offer = fields.build(lambda: Offer(key, merchant, sku, key, Condition(condition), valid))
        if offer is not None and price is not None:
            self.files.offers[key] = offer
            self.files.stock[key] = stock
            self.prices[key] = {1: price}

    def read_break(self, fields: Fields) -> None:
        offer, quantity = fields.name("offer", "offer"), fields.whole("quantity")
        price = fields.money("price", self.currency)
        if offer and offer not in self.named.get("offer", ()):
            fields.fault("offer", f"offers.csv has no offer {offer}", "define the offer, or remove the break")
        elif fields.is_sound() and quantity < 2:  # noqa: PLR2004 - offers.csv has the price of one
            fields.fault("quantity", f"a break from {quantity}", "2 or more; the price of one is in offers.csv")
        elif fields.is_sound() and price is not None:
            self.once(fields, "price break", f"{offer} from {quantity}", "quantity")
            self.prices.setdefault(offer, {})[quantity] = price

    def read_shipping_fee(self, fields: Fields) -> None:
        merchant = self.refer(fields, "merchant", "merchant")
        self.once(fields, "shipping fee", merchant, "merchant")
        fee = fields.money("fee", self.currency)
        free_from = fields.money("free_from", self.currency) if fields.text("free_from") else None
        tax_category = self.refer(fields, "tax_category", "tax category", optional=True)
        if fee is not None:
            made = fields.build(lambda: ShippingFee(merchant, fee, free_from, tax_category))
            self.keep(self.files.shipping_fees, made)

    def read_commission_rule(self, fields: Fields) -> None:
        key = self.key(fields, "rule", "commission rule")
        group, priority = fields.text("group", "sale"), fields.whole("priority", "0")
        merchant = self.refer(fields, "merchant", "merchant", optional=True) or None
        category, valid = fields.text("category") or None, self.period(fields)
        terms = self.terms(fields)
        if terms is not None:
            rule = fields.build(lambda: CommissionRule(key, terms, group, priority, merchant, category, valid))
            self.keep(self.files.commission_rules, rule)

    def terms(self, fields: Fields) -> Percentage | Fixed | None:
        has_rate, has_fixed = bool(fields.text("rate")), bool(fields.text("fixed"))
        if has_rate == has_fixed:
            fields.fault("rate", "give either a rate or a fixed amount", "fill one of the columns rate and fixed")
            return None
        if has_rate:
            rate: Decimal = fields.fraction("rate")
            return fields.build(lambda: Percentage(rate))
        fixed = fields.money("fixed", self.currency)
        return None if fixed is None else Fixed(fixed)

    def period(self, fields: Fields) -> Period:
        start, end = fields.instant("valid_from"), fields.instant("valid_until")
        return fields.build(lambda: Period(start, end)) or Period()

    def key(self, fields: Fields, column: str, kind: str) -> str:
        key = fields.name(column, kind)
        self.once(fields, kind, key, column)
        self.define(kind, key)
        return key

    def once(self, fields: Fields, kind: str, key: str, column: str) -> None:
        seen = self.named.setdefault(f"row of {kind}", set())
        if key and key in seen:
            fields.fault(column, f"{kind} {key} is there twice", "remove one of the rows")
        seen.add(key)

    def define(self, kind: str, key: str) -> None:
        self.named.setdefault(kind, set()).add(key)

    def refer(self, fields: Fields, column: str, kind: str, *, optional: bool = False) -> str:
        """Return the id of a record that a file read before, or the store, must define, faulty row or not."""
        if optional and not fields.text(column):
            return ""
        key = fields.name(column, kind)
        if fields.is_sound() and key not in self.named.get(kind, ()):
            self.files.references.append(Reference(kind, key, fields.row.file, fields.row.line, column))
        return key

    def keep(self, place: dict[str, T], value: T | None) -> None:
        if value is not None:
            place[value.id] = value  # type: ignore[attr-defined]  # every kind kept here has an id
