"""Offers, stock, price schedules and promotions, as people are shown them."""

from typing import Any

from mktcore.access import Permission
from mktcore.offers.merchant_closure import CLOSURES, Closure
from mktcore.offers.offer import OFFERS, Offer
from mktcore.offers.refresh.last_answer import FRESHNESS as KIND_OF_FRESHNESS
from mktcore.offers.refresh.last_answer import Freshness, Unavailability
from mktcore.offers.refresh.notifications import NotBound, NotedItem
from mktcore.offers.stock_terms import OfferPart, StockTerms
from mktcore.periods import Period
from mktcore.pricing import PriceBreak, PriceSchedule, Recurrence
from mktcore.pricing.price_schedule import PRICE_SCHEDULES
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
from mktcore.promotions.pieces import Pieces, SetPart, Sets
from mktcore.promotions.promotion import PROMOTIONS, Caps, Limits, Promotion
from mktcore.promotions.promotion_lines import ChargeFilter, LineFilter
from mktcore.stock.level import StockLevel
from mktcore.stock.use_cases import ChangedStock
from mktcore.totals import Option
from mktcore.views.figure_forms import OPTION, PERIOD
from mktcore.views.form import Field, Form, Later, OneOf, field, maybe
from mktcore.views.plain_fields import plain_fields
from mktcore.views.record_access import Owners, show_owned, show_record
from mktcore.views.shapes import MONEY, TEXT, TRUTH, WHOLE, Listed, Mapped, Shape

__all__ = [
    "CHANGED_STOCK",
    "CLOSURE",
    "FRESHNESS",
    "NOTED_ITEM",
    "NOT_BOUND",
    "OFFER",
    "PRICE_SCHEDULE",
    "PROMOTION",
    "STOCK_LEVEL",
]

_RECURRENCE = Form("Recurrence", Recurrence, plain_fields(Recurrence, "rule", "first", "opens", "lasts", "time_zone"))
_WHEN = {Period: PERIOD, Recurrence: _RECURRENCE}
_PART = Form("OfferPart", OfferPart, plain_fields(OfferPart, "offer", "quantity"))
_STOCK_TERMS = Form(
    "StockTerms",
    StockTerms,
    plain_fields(StockTerms, "counted", "issued", "safety", "sourcing", "parts", forms={OfferPart: _PART}),
)
OFFER = Form(
    "Offer",
    Offer,
    plain_fields(
        Offer,
        *("id", "merchant", "sku", "schedule", "condition", "valid", "list_price", "channels", "minimum", "maximum"),
        *("multiple", "least_price", "handling_days", "approval", "backorders", "backorder_days", "item", "locations"),
        *("extra", "stock"),
        forms=_WHEN | {StockTerms: _STOCK_TERMS},
    ),
    show=show_record(OFFERS),
)


def _find_merchant(level: StockLevel) -> Owners:
    return {"merchant": level.merchant}


STOCK_LEVEL = Form(
    "StockLevel",
    StockLevel,
    (
        *plain_fields(StockLevel, "item", "merchant", "on_hand", "reserved", "backorder"),
        field("available", WHOLE, "Pieces that can be reserved now."),
        field("on_hand_free", WHOLE, "Pieces that can be reserved now without promising any that are not there."),
        field("short", WHOLE, "Pieces reserved that a count from outside says are not there."),
    ),
    show=show_owned("stock item", lambda level: level.item, owners=_find_merchant, permission=Permission.STOCK),
)
CHANGED_STOCK = Form(
    "ChangedStock",
    ChangedStock,
    (field("levels", Listed(STOCK_LEVEL), "The items that changed, as they then stood."),),
)
_BREAK = Form("PriceBreak", PriceBreak, plain_fields(PriceBreak, "quantity", "unit_price", "sale_price"))
PRICE_SCHEDULE = Form(
    "PriceSchedule",
    PriceSchedule,
    plain_fields(
        PriceSchedule,
        *("id", "owner", "breaks", "valid", "per", "sale", "recurs", "minimum", "maximum", "restricted", "cumulative"),
        *("options", "includes_tax"),
        forms={**_WHEN, PriceBreak: _BREAK, Option: OPTION},
    ),
    show=show_record(PRICE_SCHEDULES),
)


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
_ASKED: dict[Any, Shape] = {LineFilter: _LINES, **_WHEN}


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
            (maybe("period", PERIOD, "Within this."), maybe("recurs", _RECURRENCE, "And in these windows.")),
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
_UNAVAILABLE = Form("Unavailability", Unavailability, plain_fields(Unavailability, "since", "why"))
FRESHNESS = Form(
    "Freshness",
    Freshness,
    (
        field("offer", TEXT, "Id of the offer.", read="id"),
        *plain_fields(
            Freshness,
            *("merchant", "as_of", "answered_at", "unavailable"),
            forms={Unavailability: _UNAVAILABLE},
        ),
    ),
    show=show_record(KIND_OF_FRESHNESS),
)
CLOSURE = Form(
    "Closure",
    Closure,
    plain_fields(Closure, "id", "merchant", "period", "extra_days", "offers", "reason", forms=_WHEN),
    show=show_record(CLOSURES),
)
NOTED_ITEM = Form("NotedItem", NotedItem, plain_fields(NotedItem, "item", "sku"))
NOT_BOUND = Form("NotBound", NotBound, plain_fields(NotBound, "item", "remedy"))
