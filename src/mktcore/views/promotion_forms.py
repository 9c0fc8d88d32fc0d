"""Promotions and the codes of their pools as their readers see them."""

from typing import Any

from mktcore.promotions.conditions import (
    AllOf,
    Amount,
    AnyOf,
    During,
    FirstOrder,
    InChannel,
    InGroup,
    Not,
    Quantity,
    WithCode,
    WithPoolCode,
)
from mktcore.promotions.effects import AmountOff, BuyXGetY, CheapestFree, FixedPrice, Gift, PercentOff, ShippingOff
from mktcore.promotions.line_filter import ChargeFilter, LineFilter
from mktcore.promotions.piece_selection import Pieces, SetPart, Sets
from mktcore.promotions.pool_code import POOL_CODES, PoolCode
from mktcore.promotions.promotion import PROMOTIONS, Caps, Limits, Promotion
from mktcore.views.figure_forms import PERIOD
from mktcore.views.form import Field, Form, Later, OneOf, field, maybe
from mktcore.views.plain_fields import plain_fields
from mktcore.views.price_forms import RECURRENCE, WHEN
from mktcore.views.record_access import show_record
from mktcore.views.shapes import MONEY, TEXT, TRUTH, WHOLE, Listed, Mapped, Shape

__all__ = ["POOL_CODE", "PROMOTION"]


_TEXTS = Listed(TEXT)


def _any_of(name: str, about: str, shape: Shape = _TEXTS) -> Field:
    return maybe(name, shape, about, read=lambda asked: getattr(asked, name) or None)


_LINES: Form = Form(
    "LineFilter",
    LineFilter,
    (
        _any_of("skus", "Of one of these SKUs."),
        _any_of("categories", "Of one of these categories, or below."),
        _any_of("brands", "Of one of these brands."),
        _any_of("merchants", "Of one of these merchants."),
        _any_of("attributes", "With one of these values, by attribute.", Mapped(Listed(TEXT))),
        maybe("on_sale", TRUTH, "At a sale's price, or at their regular one."),
        maybe("excluding", Later(lambda: _LINES), "Except these."),
    ),
    about="Which lines; what is absent asks for nothing.",
)


_ASKED: dict[Any, Shape] = {LineFilter: _LINES, **WHEN}


def _fields(cls: type, *names: str) -> tuple[Field, ...]:
    return plain_fields(cls, *names, forms=_ASKED)


_PARTS = (field("conditions", Listed(Later(lambda: _CONDITION)), "Of these."),)


_CONDITION: OneOf = OneOf(
    {
        "all-of": Form("AllOf", AllOf, _PARTS),
        "any-of": Form("AnyOf", AnyOf, _PARTS),
        "not": Form("Not", Not, (field("condition", Later(lambda: _CONDITION), "What must not hold."),)),
        "amount": Form("Amount", Amount, _fields(Amount, "at_least", "at_most", "of", "basis")),
        "quantity": Form("Quantity", Quantity, _fields(Quantity, "at_least", "at_most", "of")),
        "in-channel": Form("InChannel", InChannel, (field("channels", Listed(TEXT), "One of these."),)),
        "in-group": Form("InGroup", InGroup, (field("groups", Listed(TEXT), "One of these."),)),
        "first-order": Form("FirstOrder", FirstOrder, ()),
        "during": Form(
            "During",
            During,
            (maybe("period", PERIOD, "Within this."), maybe("recurs", RECURRENCE, "And in these windows.")),
        ),
        "with-code": Form("WithCode", WithCode, (field("codes", Listed(TEXT), "One of these."),)),
        "with-pool-code": Form("WithPoolCode", WithPoolCode, (field("pool", TEXT, "One of this pool."),)),
    }
)


_EFFECT = OneOf(
    {
        "percent-off": Form("PercentOff", PercentOff, _fields(PercentOff, "percent", "basis")),
        "amount-off": Form("AmountOff", AmountOff, _fields(AmountOff, "amount", "per_piece", "every")),
        "fixed-price": Form(
            "FixedPrice", FixedPrice, (field("price", MONEY, "What a piece, or a set, costs instead."),)
        ),
        "buy-x-get-y": Form("BuyXGetY", BuyXGetY, _fields(BuyXGetY, "buy", "get", "percent", "of", "times", "which")),
        "cheapest-free": Form("CheapestFree", CheapestFree, _fields(CheapestFree, "of", "times")),
        "shipping-off": Form(
            "ShippingOff", ShippingOff, _fields(ShippingOff, "percent", "amount", "price", "per_charge")
        ),
        "gift": Form("Gift", Gift, _fields(Gift, "sku", "quantity", "offer", "is_kept")),
    }
)


_PIECES = OneOf(
    {
        "pieces": Form("Pieces", Pieces, _fields(Pieces, "at_most", "which")),
        "sets": Form(
            "Sets",
            Sets,
            (
                field("parts", Listed(Form("SetPart", SetPart, _fields(SetPart, "pieces", "of"))), "What is in a set."),
                maybe("times", WHOLE, "How many sets at most."),
            ),
        ),
    }
)


_CHARGES = Form(
    "ChargeFilter",
    ChargeFilter,
    (
        _any_of("keys", "Of one of these keys, where * stands for any text."),
        _any_of("merchants", "Of one of these merchants."),
    ),
    about="Which shipping charges; what is absent asks for nothing.",
)


_MOST = {
    Caps: Form("Caps", Caps, plain_fields(Caps, "order", "line", "floor")),
    Limits: Form("Limits", Limits, plain_fields(Limits, "uses", "per_buyer", "per_code", "budget")),
}


PROMOTION = Form(
    "Promotion",
    Promotion,
    (
        field("id", TEXT, "Its id."),
        field("effect", _EFFECT, "What it does."),
        maybe("condition", _CONDITION, "What a cart must meet; absent for always."),
        maybe("pieces", _PIECES, "Which pieces it is for; absent for all."),
        maybe("charges", _CHARGES, "Which shipping charges it is for."),
        *plain_fields(
            Promotion,
            *(
                "owner",
                "targets",
                "level",
                "judged",
                "spends_pieces",
                "valid",
                "priority",
                "group",
                "exclusive",
                "combines_with",
                "caps",
            ),
            *("limits", "merchant_share", "title"),
            forms=_ASKED | _MOST,
        ),
    ),
    show=show_record(PROMOTIONS),
)


POOL_CODE = Form("PoolCode", PoolCode, plain_fields(PoolCode, "pool", "code", "owner"), show=show_record(POOL_CODES))
