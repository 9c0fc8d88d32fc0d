"""From a folder of CSV files to the values of a marketplace, checked as a whole. Reads files, touches no store."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import attrs

from mktcore.catalog import Category, Product, Sku
from mktcore.commissions import CommissionRule, Fixed, Percentage
from mktcore.delivery import ShippingFee
from mktcore.ids import MAX_ID_LENGTH
from mktcore.loading.csv_rows import read_rows
from mktcore.loading.goods_fields import MAX_CATEGORY, read_details, read_packing
from mktcore.loading.load_faults import LoadFaults
from mktcore.loading.market_files import FILES, MarketFiles, Sale
from mktcore.loading.price_rows import PriceRows, read_window
from mktcore.loading.promotion_rows import PromotionRows
from mktcore.loading.row_fields import RowFields
from mktcore.loading.stored_references import Ownership
from mktcore.money import Currency
from mktcore.offers import Condition, Offer
from mktcore.parties import Merchant
from mktcore.parties.organisations.merchant import MAX_MERCHANT_ID_LENGTH
from mktcore.periods import Period
from mktcore.persistence.kinds import Aggregate
from mktcore.taxes import TaxRule

__all__ = ["read_folder"]

A = TypeVar("A", bound=Aggregate)


def read_folder(folder: Path, currency: Currency, faults: LoadFaults) -> MarketFiles:
    """Read every known file of the folder; what is faulty is noted and left out.

    Args:
        folder: Where the files are; each is optional, at least one is there, and no other CSV file is.
        currency: The marketplace's currency.
        faults: Where faults go.
    """
    reader = _Reader(folder, currency, faults)
    reader.files.names.update(_find_files(folder, faults))
    reader.read_all()
    return reader.files


def _find_files(folder: Path, faults: LoadFaults) -> list[str]:
    """Return the names of the files to read, whatever they prove to be; note entries that would be overlooked."""
    shown = _show(folder.name or str(folder))
    try:
        names = sorted(entry.name for entry in folder.iterdir() if entry.name.casefold().endswith(".csv"))
    except (FileNotFoundError, NotADirectoryError, ValueError):  # the last for a path with a NUL
        names = []
    except OSError as error:
        reason = f"the folder cannot be read: {error.strerror or type(error).__name__}"
        faults.add(shown, 0, "", reason, "check its permissions")
        return []
    if not names:
        faults.add(shown, 0, "", "no folder with CSV files", f"it holds some of {', '.join(FILES)}")
    for name in names:
        if name.casefold() in FILES.keys() - {name}:
            faults.add(_show(name), 0, "", "its name is not in lower case", f"rename it to {name.casefold()}")
        elif name not in FILES:
            faults.add(_show(name), 0, "", "not a file of a marketplace", f"known files: {', '.join(FILES)}")
    return [name for name in names if name in FILES]


def _show(name: str) -> str:
    """Return a name that a stranger gave as text that every terminal and log can hold."""
    return name if name.isprintable() else ascii(name)[1:-1]


@attrs.frozen
class _Reader:
    """Reads the files, those first that others refer to. `named` holds what rows define, faulty ones too, by kind."""

    folder: Path
    currency: Currency
    faults: LoadFaults
    files: MarketFiles = attrs.field(factory=MarketFiles)
    named: dict[str, set[str]] = attrs.field(factory=dict)

    def read_all(self) -> None:
        self.each("merchants.csv", self.read_merchant)
        self.each("tax_rates.csv", self.read_tax_rule)
        self.each("categories.csv", self.read_category)
        self.each("products.csv", self.read_product)
        self.each("skus.csv", self.read_sku)
        self.each("offers.csv", self.read_offer)
        self.each("price_breaks.csv", self.read_break)
        prices = PriceRows(self, self.currency)
        self.each("price_schedules.csv", prices.read_schedule)
        prices.finish_schedules()
        self.each("price_assignments.csv", prices.read_assignment)
        self.each("promotions.csv", PromotionRows(self, self.currency).read)
        self.each("shipping_fees.csv", self.read_shipping_fee)
        self.each("commission_rules.csv", self.read_commission_rule)

    def each(self, name: str, read: Callable[[RowFields], None]) -> None:
        if name in self.files.names:
            for row in read_rows(self.folder / name, FILES[name], self.faults):
                read(RowFields(row, self.faults))

    def read_merchant(self, fields: RowFields) -> None:
        merchant = self.key(fields, "merchant", "merchant", MAX_MERCHANT_ID_LENGTH)
        name = fields.text("name")
        keep_record(self.files.merchants, fields.build(lambda: Merchant(merchant, name or merchant)))

    def read_tax_rule(self, fields: RowFields) -> None:
        category, name = fields.name("tax_category", "tax category"), fields.title("name", "tax")
        rate = fields.fraction("rate", below=True)
        if category and name:
            self.once(fields, "tax rule", f"{category} {name}", "name")
        self.define("tax category", category)
        keep_record(self.files.tax_rules, fields.build(lambda: TaxRule.of(category, name, rate)))

    def read_category(self, fields: RowFields) -> None:
        category, name = self.key(fields, "category", "category"), fields.text("name")
        parent = fields.name("parent", "category") if fields.read("parent") else None
        keep_record(self.files.categories, fields.build(lambda: Category(category, name or category, parent)))

    def read_product(self, fields: RowFields) -> None:
        product, name = self.key(fields, "product", "product"), fields.text("name")
        described = read_details(fields)
        tax_category = self.refer_optional(fields, "tax_category", "tax category")
        self.note_columns(fields)
        made = fields.build(lambda: Product(product, name or product, tax_category=tax_category, **described))
        keep_record(self.files.products, made)

    def read_sku(self, fields: RowFields) -> None:
        sku, name = self.key(fields, "sku", "SKU"), fields.text("name")
        tax_category = self.refer_optional(fields, "tax_category", "tax category")
        product = self.refer_optional(fields, "product", "product") or None
        described, packed = read_details(fields), read_packing(fields)
        self.define("SKU of category", str(described["category"]))
        self.note_columns(fields)
        made = fields.build(
            lambda: Sku(sku, name or sku, tax_category=tax_category, product=product, **described, **packed)
        )
        keep_record(self.files.skus, made)

    def read_offer(self, fields: RowFields) -> None:
        key = self.key(fields, "offer", "offer")
        merchant, sku = self.refer(fields, "merchant", "merchant"), self.refer(fields, "sku", "SKU")
        if fields.is_sound("offer", "merchant"):
            self.files.ownerships.append(Ownership(key, merchant, fields.row.line))
        fields.check_currency("currency", self.currency)
        price, stock = fields.money("price", self.currency), fields.whole("stock")
        condition = fields.read("condition", Condition.NEW)
        if condition not in _CONDITIONS:
            fields.fault("condition", f"{condition[:40]!r} is no condition", f"one of {', '.join(Condition)}")
        valid, sale = read_period(fields), self.read_sale(fields)
        self.define("price schedule", key)
        offer = fields.build(
            lambda: Offer(key, merchant, sku, schedule=key, condition=Condition(condition), valid=valid)
        )
        if offer is not None and price is not None:
            if sale is not None:
                self.files.sales[key] = sale
            self.files.offers[key] = offer
            self.files.stock[key] = stock
            self.files.prices[key] = price

    def read_sale(self, fields: RowFields) -> Sale | None:
        """Return what a row of `offers.csv` says of its sale; None when the file has no column for it."""
        if "sale_price" not in fields.row.texts:
            return None
        price = fields.money("sale_price", self.currency) if fields.read("sale_price") else None
        return Sale(price, read_window(fields, "sale_from", "sale_until"))

    def read_break(self, fields: RowFields) -> None:
        offer, quantity = self.refer(fields, "offer", "offer"), fields.whole("quantity")
        price = fields.money("price", self.currency)
        if fields.is_sound("quantity") and quantity < 2:  # noqa: PLR2004 - offers.csv has the price of one
            fields.fault("quantity", f"a break from {quantity}", "2 or more; the price of one is in offers.csv")
        if fields.is_sound("offer", "quantity"):
            self.once(fields, "price break", f"{offer} from {quantity}", "quantity")
        sale = fields.money("sale_price", self.currency) if fields.read("sale_price") else None
        if fields.is_sound() and price is not None:
            self.files.breaks.setdefault(offer, {})[quantity] = price
            if "sale_price" in fields.row.texts:
                self.files.break_sales.setdefault(offer, {})
            if sale is not None:
                self.files.break_sales[offer][quantity] = sale

    def read_shipping_fee(self, fields: RowFields) -> None:
        merchant = self.refer(fields, "merchant", "merchant")
        self.once(fields, "shipping fee", merchant, "merchant")
        fee = fields.money("fee", self.currency)
        free_from = fields.money("free_from", self.currency) if fields.read("free_from") else None
        tax_category = self.refer_optional(fields, "tax_category", "tax category")
        if fee is not None:
            made = fields.build(lambda: ShippingFee(merchant, fee, free_from, tax_category=tax_category))
            keep_record(self.files.shipping_fees, made)

    def read_commission_rule(self, fields: RowFields) -> None:
        key = self.key(fields, "rule", "commission rule")
        group, priority = fields.text("group", "sale"), fields.whole("priority", "0")
        merchant = self.refer_optional(fields, "merchant", "merchant") or None
        category, valid = fields.text("category", longest=MAX_CATEGORY), read_period(fields)
        if category and fields.is_sound("category"):
            self.expect(fields, "SKU of category", category, "category")
        terms = self.terms(fields)
        if terms is not None:
            rule = fields.build(
                lambda: CommissionRule(
                    key,
                    terms,
                    group=group,
                    priority=priority,
                    merchant=merchant,
                    category=category or None,
                    valid=valid,
                )
            )
            keep_record(self.files.commission_rules, rule)

    def terms(self, fields: RowFields) -> Percentage | Fixed | None:
        has_rate, has_fixed = bool(fields.read("rate")), bool(fields.read("fixed"))
        if has_rate == has_fixed:
            fields.fault("rate", "give either a rate or a fixed amount", "fill one of the columns rate and fixed")
            return None
        if has_rate:
            rate = fields.fraction("rate")
            return fields.join(("rate",), lambda: Percentage(rate))
        fixed = fields.money("fixed", self.currency)
        return None if fixed is None else fields.join(("fixed",), lambda: Fixed(fixed))

    def note_columns(self, fields: RowFields) -> None:
        """Keep which columns a file has; they are those of its header, in every row."""
        if fields.row.file not in self.files.columns:
            self.files.columns[fields.row.file] = frozenset(fields.row.texts)

    def key(self, fields: RowFields, column: str, kind: str, longest: int = MAX_ID_LENGTH) -> str:
        """Return the id of the record that a row defines, faulty row or not."""
        key = fields.name(column, kind, longest)
        self.once(fields, kind, key, column)
        return key

    def once(self, fields: RowFields, kind: str, key: str, column: str) -> None:
        seen = self.named.setdefault(kind, set())
        if key and key in seen:
            fields.fault(column, f"{kind} {key[:80]} is there twice", "remove one of the rows")
        seen.add(key)

    def define(self, kind: str, key: str) -> None:
        self.named.setdefault(kind, set()).add(key)

    def refer(self, fields: RowFields, column: str, kind: str) -> str:
        """Return the id of a record that another row, faulty or not, or else the store must define."""
        key = fields.name(column, kind)
        if fields.is_sound(column):
            self.expect(fields, kind, key, column)
        return key

    def refer_optional(self, fields: RowFields, column: str, kind: str) -> str:
        return self.refer(fields, column, kind) if fields.read(column) else ""

    def expect(self, fields: RowFields, kind: str, key: str, column: str) -> None:
        if key not in self.named.get(kind, ()):
            self.files.refer(kind, key, (fields.row.file, column), fields.row.line)


_CONDITIONS = frozenset(Condition)


def read_period(fields: RowFields) -> Period:
    """Return the period of a row; always, when its ends are faulty or empty."""
    return read_window(fields, "valid_from", "valid_until")


def keep_record(place: dict[str, A], value: A | None) -> None:
    """Keep what could be built, by its id."""
    if value is not None:
        place[value.id] = value
