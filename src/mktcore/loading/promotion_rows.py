"""Reading promotions: one row for each, its common conditions in columns of their own, any other as a document."""

from collections.abc import Iterator
from decimal import Decimal
from typing import get_args

import attrs

from mktcore.loading.price_rows import Names, keep_owner, read_window
from mktcore.loading.row_fields import RowFields
from mktcore.money import Currency, Money
from mktcore.promotions import (
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
from mktcore.wire import from_json
from mktcore.wire.errors import InvalidDocument

__all__ = ["PromotionRows"]

EFFECTS = ("percent-off", "amount-off", "fixed-price", "buy-x-get-y", "cheapest-free", "shipping-off")
MAX_DOCUMENT = 20_000
_SHOWN = 3
_CONDITIONS = get_args(Condition)


@attrs.frozen
class PromotionRows:
    """Reads the rows of promotions.

    Attributes:
        names: What else the folder defines.
        currency: The marketplace's currency.
    """

    names: Names
    currency: Currency

    def read(self, fields: RowFields) -> None:
        """Read a row of `promotions.csv`."""
        key = self.names.key(fields, "promotion", "promotion")
        owner = self.names.refer_optional(fields, "merchant", "merchant") or None
        effect, targets = self._read_effect(fields), self._read_targets(fields)
        level, valid = fields.choice("level", Level, Level.ORDER), read_window(fields, "valid_from", "valid_until")
        condition, priority = self._read_condition(fields, targets), fields.whole("priority", "0")
        combines = fields.texts("combines_with") if fields.read("combines_with") else None
        share = fields.fraction("merchant_share") if fields.read("merchant_share") else None
        caps, limits = self._read_caps(fields), self._read_limits(fields)
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
        if made is not None:
            self.names.files.promotions[key] = made
            keep_owner(self.names.files, fields.row, "promotion", key, owner)

    def _read_effect(self, fields: RowFields) -> Effect | None:
        kind = fields.choice("effect", EFFECTS)
        if kind in {"percent-off", "shipping-off"} and (kind == "percent-off" or not fields.read("amount")):
            percent = fields.fraction("percent")
            make = PercentOff if kind == "percent-off" else ShippingOff
            return fields.join(("percent",), lambda: make(percent))
        if kind in {"amount-off", "fixed-price", "shipping-off"}:
            amount = fields.money("amount", self.currency)
            return None if amount is None else fields.join(("amount",), lambda: _to_amount_effect(kind, amount))
        if not kind:
            return None
        buy, times = fields.whole("buy"), fields.whole("times") if fields.read("times") else None
        if kind == "cheapest-free":
            return fields.join(("times", "buy"), lambda: CheapestFree(buy, times))
        get, percent = fields.whole("get", "1"), fields.fraction("percent") if fields.read("percent") else Decimal(1)
        return fields.join(("get", "percent", "times", "buy"), lambda: BuyXGetY(buy, get, percent, times=times))

    def _read_targets(self, fields: RowFields) -> LineFilter:
        return LineFilter(
            skus=fields.ids("skus", "SKU"),
            categories=fields.texts("categories"),
            brands=fields.texts("brands"),
            merchants=fields.ids("merchants", "merchant"),
        )

    def _read_condition(self, fields: RowFields, targets: LineFilter) -> Condition | None:
        found = tuple(self._read_conditions(fields, targets))
        if len(found) > 1:
            return AllOf(found)
        return found[0] if found else None

    def _read_conditions(self, fields: RowFields, targets: LineFilter) -> Iterator[Condition]:
        if fields.read("codes"):
            yield WithCode(fields.texts("codes"))
        if fields.read("user_groups"):
            yield InGroup(fields.texts("user_groups"))
        if fields.read("channels"):
            yield InChannel(fields.texts("channels"))
        if fields.flag("first_order"):
            yield FirstOrder()
        least = self._read_optional(fields, "from_amount")
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
            if isinstance(condition, _CONDITIONS):
                yield condition
            else:
                reason = f"it is no condition: {condition}" if isinstance(condition, str) else "it is no condition"
                fields.fault("condition", reason, "write one with its $type, as to_json does")

    def _read_caps(self, fields: RowFields) -> Caps:
        columns = {"order": "order_cap", "line": "line_cap", "floor": "price_floor"}
        return Caps(**{name: self._read_optional(fields, column) for name, column in columns.items()})

    def _read_limits(self, fields: RowFields) -> Limits:
        uses, each = (fields.whole(column) if fields.read(column) else None for column in ("uses", "uses_per_buyer"))
        return Limits(uses=uses, per_buyer=each, budget=self._read_optional(fields, "budget"))

    def _read_optional(self, fields: RowFields, column: str) -> Money | None:
        return fields.money(column, self.currency) if fields.read(column) else None


def _to_amount_effect(kind: str, amount: Money) -> Effect:
    if kind == "fixed-price":
        return FixedPrice(amount)
    return AmountOff(amount) if kind == "amount-off" else ShippingOff(amount=amount)
