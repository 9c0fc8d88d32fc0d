"""`promotions.csv`: one row for each, its common conditions in columns of their own, any other as a document."""

from collections.abc import Iterator
from decimal import Decimal
from typing import get_args

from mktcore.loading.csv_rows import Columns
from mktcore.loading.known_records import FolderReader
from mktcore.loading.market_file import MarketFile, each_row, write_records
from mktcore.loading.row_fields import RowFields
from mktcore.money import Currency, Money
from mktcore.promotions import (
    PROMOTIONS,
    AllOf,
    Amount,
    AmountOff,
    BuyXGetY,
    CheapestFree,
    FixedPrice,
    Limits,
    LineFilter,
    PercentOff,
    Promotion,
    ShippingOff,
    WithCode,
)
from mktcore.promotions.conditions import Condition, FirstOrder, InChannel, InGroup, Quantity
from mktcore.promotions.effects import Effect
from mktcore.promotions.promotion import Caps, Level
from mktcore.promotions.promotion_currencies import list_currencies
from mktcore.wire import from_json
from mktcore.wire.errors import InvalidDocument

__all__ = ["PROMOTIONS_FILE"]

EFFECTS = ("percent-off", "amount-off", "fixed-price", "buy-x-get-y", "cheapest-free", "shipping-off")
MAX_DOCUMENT = 20_000
"""Characters in a condition written as a document; other texts are shorter, see `RowFields.read`."""
_SHOWN = 3
_CONDITIONS = get_args(Condition)


def _read_promotion(fields: RowFields, reader: FolderReader) -> None:
    key = reader.key(fields, "promotion", "promotion")
    owner = reader.refer_optional(fields, "merchant", "merchant") or None
    currency = reader.currency
    effect, targets = _read_effect(fields, currency), _read_targets(fields)
    level, valid = fields.choice("level", Level, Level.ORDER), fields.window("valid_from", "valid_until")
    condition, priority = _read_condition(fields, targets, currency), fields.whole("priority", "0")
    combines = fields.texts("combines_with") if fields.read("combines_with") else None
    share = fields.fraction("merchant_share") if fields.read("merchant_share") else None
    caps, limits = _read_caps(fields, currency), _read_limits(fields, currency)
    title, group, is_exclusive = fields.text("title"), fields.text("group"), fields.flag("exclusive")
    made = None
    if effect is not None:
        made = fields.build(
            lambda: Promotion(
                key,
                effect,
                owner,
                condition=condition,
                targets=targets,
                level=Level(level),
                valid=valid,
                priority=priority,
                group=group,
                exclusive=is_exclusive,
                combines_with=combines,
                caps=caps,
                limits=limits,
                merchant_share=share,
                title=title,
            ),
            "promotion",
        )
    # Of the row's own columns all are read as the market's; a document may say anything.
    if made is not None and list_currencies(made) - {currency.code}:
        fields.fault("condition", f"it asks for amounts in another currency than {currency}", f"write {currency}")
    if made is not None:
        reader.contents.keep(PROMOTIONS, made)
        reader.own(fields, PROMOTIONS, key, word="promotion", owner=owner)


def _read_effect(fields: RowFields, currency: Currency) -> Effect | None:
    kind = fields.choice("effect", EFFECTS)
    if kind in {"percent-off", "shipping-off"} and (kind == "percent-off" or not fields.read("amount")):
        percent = fields.fraction("percent")
        make = PercentOff if kind == "percent-off" else ShippingOff
        return fields.join(("percent",), lambda: make(percent))
    if kind in {"amount-off", "fixed-price", "shipping-off"}:
        amount = fields.money("amount", currency)
        return None if amount is None else fields.join(("amount",), lambda: _to_amount_effect(kind, amount))
    if not kind:
        return None
    buy, times = fields.whole("buy"), fields.optional_whole("times")
    if kind == "cheapest-free":
        return fields.join(("times", "buy"), lambda: CheapestFree(buy, times))
    # Without a percentage what comes with it is free.
    get, percent = fields.whole("get", "1"), fields.fraction("percent") if fields.read("percent") else Decimal(1)
    return fields.join(("get", "percent", "times", "buy"), lambda: BuyXGetY(buy, get, percent, times=times))


def _read_targets(fields: RowFields) -> LineFilter:
    return LineFilter(
        skus=fields.ids("skus", "SKU"),
        categories=fields.texts("categories"),
        brands=fields.texts("brands"),
        merchants=fields.ids("merchants", "merchant"),
    )


def _read_condition(fields: RowFields, targets: LineFilter, currency: Currency) -> Condition | None:
    found = tuple(_read_conditions(fields, targets, currency))
    if len(found) > 1:
        return AllOf(found)
    return found[0] if found else None


def _read_conditions(fields: RowFields, targets: LineFilter, currency: Currency) -> Iterator[Condition]:
    if fields.read("codes"):
        yield WithCode(fields.texts("codes"))
    if fields.read("user_groups"):
        yield InGroup(fields.texts("user_groups"))
    if fields.read("channels"):
        yield InChannel(fields.texts("channels"))
    if fields.flag("first_order"):
        yield FirstOrder()
    least = fields.optional_money("from_amount", currency)
    if least is not None:
        yield Amount(least, of=targets)
    if fields.read("from_quantity"):
        yield Quantity(fields.whole("from_quantity"), of=targets)
    document = fields.read("condition", longest=MAX_DOCUMENT)
    if document and fields.is_sound("condition"):
        try:
            condition = from_json(document)
        except InvalidDocument as error:
            condition = "; ".join(str(problem) for problem in error.problems[:_SHOWN])
        # A document can be of any type that is stored; only conditions may stand here.
        if isinstance(condition, _CONDITIONS):
            yield condition
        else:
            reason = f"it is no condition: {condition}" if isinstance(condition, str) else "it is no condition"
            fields.fault("condition", reason, "write one with its $type, as to_json does")


def _read_caps(fields: RowFields, currency: Currency) -> Caps:
    columns = {"order": "order_cap", "line": "line_cap", "floor": "price_floor"}
    return Caps(**{name: fields.optional_money(column, currency) for name, column in columns.items()})


def _read_limits(fields: RowFields, currency: Currency) -> Limits:
    uses, per_buyer = fields.optional_whole("uses"), fields.optional_whole("uses_per_buyer")
    return Limits(uses=uses, per_buyer=per_buyer, budget=fields.optional_money("budget", currency))


def _to_amount_effect(kind: str, amount: Money) -> Effect:
    if kind == "fixed-price":
        return FixedPrice(amount)
    return AmountOff(amount) if kind == "amount-off" else ShippingOff(amount=amount)


PROMOTIONS_FILE = MarketFile(
    name="promotions.csv",
    columns=Columns(
        ("promotion", "effect"),
        (
            *("title", "merchant", "percent", "amount", "buy", "get", "times"),
            *(
                "level",
                "priority",
                "group",
                "exclusive",
                "combines_with",
                "merchant_share",
                "valid_from",
                "valid_until",
            ),
            *("skus", "categories", "brands", "merchants"),
            *("codes", "user_groups", "channels", "first_order", "from_amount", "from_quantity", "condition"),
            *("uses", "uses_per_buyer", "budget", "order_cap", "line_cap", "price_floor"),
        ),
    ),
    read=each_row(_read_promotion),
    write=write_records(PROMOTIONS),
)
