"""`commission_rules.csv`: what the marketplace takes of a sale."""

import re
from decimal import Decimal

from mktcore.commissions import (
    COMMISSION_RULES,
    AmountBand,
    CommissionBase,
    CommissionOn,
    CommissionRule,
    Fixed,
    Per,
    Percentage,
    Reversal,
    SaleFilter,
    Tier,
    TierBy,
    Tiers,
)
from mktcore.commissions.fee_terms import FeeTerms, VolumePeriod
from mktcore.loading.csv_rows import Columns
from mktcore.loading.file_declaration import MarketFile, each_row, write_records
from mktcore.loading.folder_reader import FolderReader
from mktcore.loading.goods_fields import MAX_CATEGORY, parse_attributes
from mktcore.loading.row_fields import RowFields
from mktcore.money import Currency, Money, Rounding

__all__ = ["COMMISSION_RULES_FILE"]

_TIER = re.compile(r"(?P<start>[0-9]{1,18}(\.[0-9]{1,12})?):(?P<rate>[0-9](\.[0-9]{1,12})?)")
_ROUNDINGS = {mode.name.lower().replace("_", "-"): mode for mode in Rounding}
_TERMS = ("rate", "fixed", "tiers")


def _read_rule(fields: RowFields, reader: FolderReader) -> None:
    key = reader.key(fields, "rule", "commission rule")
    group, priority = fields.text("group", "sale"), fields.whole("priority", "0")
    merchant = reader.refer_optional(fields, "merchant", "merchant") or None
    category, valid = fields.text("category", longest=MAX_CATEGORY), fields.window("valid_from", "valid_until")
    # A misspelt category would take nothing, without a word: so there must be one, here or in the store.
    if category and fields.is_sound("category"):
        reader.expect(fields, "SKU of category", category, column="category")
    terms, where = _read_terms(fields, reader.currency), _read_filter(fields, reader)
    on, base = fields.choice("on", CommissionOn, CommissionOn.ITEM), fields.choice("base", CommissionBase, "net")
    floor, cap = (fields.optional_money(column, reader.currency) for column in ("floor", "cap"))
    bounds_per, rounding = fields.choice("bounds_per", Per, Per.LINE), fields.choice("rounding", _ROUNDINGS, "half-up")
    reversal, is_active = fields.choice("reversal", Reversal, "proportional"), fields.choice("active", _FLAGS, "yes")
    if terms is None:
        return
    rule = fields.build(
        lambda: CommissionRule(
            key,
            terms,
            group=group,
            priority=priority,
            merchant=merchant,
            category=category or None,
            where=where,
            on=CommissionOn(on),
            valid=valid,
            base=CommissionBase(base),
            floor=floor,
            cap=cap,
            bounds_per=Per(bounds_per),
            rounding=_ROUNDINGS[rounding],
            reversal=Reversal(reversal),
            is_active=is_active == "yes",
        ),
        "rule",
    )
    reader.contents.keep(COMMISSION_RULES, rule)


_FLAGS = ("no", "yes")


def _read_terms(fields: RowFields, currency: Currency) -> FeeTerms | None:
    given = [column for column in _TERMS if fields.read(column)]
    if len(given) != 1:
        fields.fault("rate", "give either a rate or a fixed amount", "fill one of the columns rate, fixed and tiers")
        return None
    if given == ["rate"]:
        rate = fields.fraction("rate")
        return fields.join(("rate",), lambda: Percentage(rate))
    if given == ["fixed"]:
        fixed, per = fields.money("fixed", currency), fields.choice("fixed_per", Per, Per.PIECE)
        return None if fixed is None else fields.join(("fixed",), lambda: Fixed(fixed, per=Per(per)))
    return _read_tiers(fields, currency)


def _read_tiers(fields: RowFields, currency: Currency) -> Tiers | None:
    by, is_slab = fields.choice("tiers_by", TierBy, TierBy.LINE), fields.flag("slab")
    period, time_zone = (
        fields.choice("period", VolumePeriod, VolumePeriod.MONTH),
        fields.text("time_zone", fields.zone_name),
    )
    found = [_TIER.fullmatch(text) for text in fields.texts("tiers")]
    if not all(found):
        form = "0:0.15; 100:0.10; 500:0.05"
        fields.fault("tiers", "each tier is an amount, a colon and a fraction", f"write {form}")
        return None
    pairs = [(one["start"], Decimal(one["rate"])) for one in found if one is not None]
    return fields.join(
        ("time_zone", "tiers"),
        lambda: Tiers(
            [Tier(Money.of(start, currency), rate) for start, rate in pairs],
            by=TierBy(by),
            is_slab=is_slab,
            period=VolumePeriod(period),
            time_zone=time_zone,
        ),
    )


def _read_filter(fields: RowFields, reader: FolderReader) -> SaleFilter:
    currency = reader.currency
    return SaleFilter(
        skus=fields.ids("skus", "SKU"),
        categories=_read_categories(fields, reader),
        brands=fields.texts("brands"),
        attributes=_read_choices(fields, "attributes"),
        price=_read_band(fields, "price_from", "price_below", currency=currency),
        merchants=_read_merchants(fields, reader),
        merchant_attributes=_read_choices(fields, "merchant_attributes"),
        channels=fields.texts("channels"),
        groups=fields.texts("user_groups"),
        order=_read_band(fields, "order_from", "order_below", currency=currency),
        excluding=_read_exclusions(fields),
    )


def _read_categories(fields: RowFields, reader: FolderReader) -> tuple[str, ...]:
    found = fields.texts("categories")
    for category in found:
        reader.expect(fields, "SKU of category", category, column="categories")
    return found


def _read_merchants(fields: RowFields, reader: FolderReader) -> tuple[str, ...]:
    found = fields.ids("merchants", "merchant")
    for merchant in found if fields.is_sound("merchants") else ():
        reader.expect(fields, "merchant", merchant, column="merchants")
    return found


def _read_exclusions(fields: RowFields) -> tuple[SaleFilter, ...]:
    excluded = (
        SaleFilter(skus=fields.ids("except_skus", "SKU")),
        SaleFilter(categories=fields.texts("except_categories")),
        SaleFilter(brands=fields.texts("except_brands")),
        SaleFilter(merchants=fields.ids("except_merchants", "merchant")),
    )
    return tuple(one for one in excluded if one != SaleFilter())


def _read_choices(fields: RowFields, column: str) -> dict[str, tuple[str, ...]]:
    """Read `state=SP|RJ; tier=gold`: for each name, one of some values."""
    found = parse_attributes(fields.text(column))
    if found is None:
        fields.fault(column, "it is no list of choices", "write state=SP|RJ; tier=gold")
    return {name: tuple(part.strip() for part in values.split("|")) for name, values in (found or {}).items()}


def _read_band(fields: RowFields, start_column: str, end_column: str, *, currency: Currency) -> AmountBand | None:
    start, end = fields.optional_money(start_column, currency), fields.optional_money(end_column, currency)
    if start is None and end is None:
        return None
    least = Money.zero(currency) if start is None else start
    return fields.join((start_column, end_column), lambda: AmountBand(least, end))


COMMISSION_RULES_FILE = MarketFile(
    name="commission_rules.csv",
    columns=Columns(
        ("rule",),
        (
            *("group", "priority", "merchant", "category", "rate", "fixed", "valid_from", "valid_until"),
            *("on", "base", "fixed_per", "tiers", "tiers_by", "slab", "period", "time_zone"),
            *("floor", "cap", "bounds_per", "rounding", "reversal", "active"),
            *("skus", "categories", "brands", "attributes", "price_from", "price_below", "merchants"),
            *("merchant_attributes", "channels", "user_groups", "order_from", "order_below"),
            *("except_skus", "except_categories", "except_brands", "except_merchants"),
        ),
    ),
    read=each_row(_read_rule),
    write=write_records(COMMISSION_RULES),
)
