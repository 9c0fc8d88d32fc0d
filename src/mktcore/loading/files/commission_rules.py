"""`commission_rules.csv`: what the marketplace takes of a sale."""

from mktcore.commissions import COMMISSION_RULES, CommissionRule, Fixed, Percentage
from mktcore.loading.csv_rows import Columns
from mktcore.loading.goods_fields import MAX_CATEGORY
from mktcore.loading.known_records import FolderReader
from mktcore.loading.market_file import MarketFile, each_row, write_records
from mktcore.loading.row_fields import RowFields
from mktcore.money import Currency

__all__ = ["COMMISSION_RULES_FILE"]


def _read_rule(fields: RowFields, reader: FolderReader) -> None:
    key = reader.key(fields, "rule", "commission rule")
    group, priority = fields.text("group", "sale"), fields.whole("priority", "0")
    merchant = reader.refer_optional(fields, "merchant", "merchant") or None
    category, valid = fields.text("category", longest=MAX_CATEGORY), fields.window("valid_from", "valid_until")
    # A misspelt category would take nothing, without a word: so one must have a SKU, here or in the store.
    if category and fields.is_sound("category"):
        reader.expect(fields, "SKU of category", category, column="category")
    terms = _read_terms(fields, reader.currency)
    if terms is not None:
        rule = fields.build(
            lambda: CommissionRule(
                key, terms, group=group, priority=priority, merchant=merchant, category=category or None, valid=valid
            )
        )
        reader.contents.keep(COMMISSION_RULES, rule)


def _read_terms(fields: RowFields, currency: Currency) -> Percentage | Fixed | None:
    has_rate, has_fixed = bool(fields.read("rate")), bool(fields.read("fixed"))
    if has_rate == has_fixed:
        fields.fault("rate", "give either a rate or a fixed amount", "fill one of the columns rate and fixed")
        return None
    if has_rate:
        rate = fields.fraction("rate")
        return fields.join(("rate",), lambda: Percentage(rate))
    fixed = fields.money("fixed", currency)
    return None if fixed is None else fields.join(("fixed",), lambda: Fixed(fixed))


COMMISSION_RULES_FILE = MarketFile(
    name="commission_rules.csv",
    columns=Columns(
        ("rule",), ("group", "priority", "merchant", "category", "rate", "fixed", "valid_from", "valid_until")
    ),
    read=each_row(_read_rule),
    write=write_records(COMMISSION_RULES),
)
