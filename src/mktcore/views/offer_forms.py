"""Offers, stock, price schedules and promotions, as people are shown them."""

from mktcore.access import Permission
from mktcore.offers.merchant_closure import CLOSURES, Closure
from mktcore.offers.offer import OFFERS, Offer
from mktcore.offers.refresh.last_answer import FRESHNESS as KIND_OF_FRESHNESS
from mktcore.offers.refresh.last_answer import Freshness, Unavailability
from mktcore.offers.refresh.use_cases.notifications import NotBound, NotedItem
from mktcore.offers.stock_list import StockOfOffer
from mktcore.offers.stock_terms import OfferPart, StockTerms
from mktcore.stock.level import StockLevel
from mktcore.stock.use_cases import ChangedStock
from mktcore.views.form import Form, field
from mktcore.views.plain_fields import plain_fields
from mktcore.views.price_forms import WHEN
from mktcore.views.record_access import Owners, show_owned, show_record
from mktcore.views.shapes import TEXT, WHOLE, Listed, Mapped

__all__ = ["CHANGED_STOCK", "CLOSURE", "FRESHNESS", "NOTED_ITEM", "NOT_BOUND", "OFFER", "STOCK_LEVEL", "STOCK_OF_OFFER"]

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
        forms=WHEN | {StockTerms: _STOCK_TERMS},
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
    plain_fields(Closure, "id", "merchant", "period", "extra_days", "offers", "reason", forms=WHEN),
    show=show_record(CLOSURES),
)
NOTED_ITEM = Form("NotedItem", NotedItem, plain_fields(NotedItem, "item", "sku"))
NOT_BOUND = Form("NotBound", NotBound, plain_fields(NotBound, "item", "remedy"))


def _find_holder(stock: StockOfOffer) -> Owners:
    return {"merchant": stock.merchant}


STOCK_OF_OFFER = Form(
    "StockOfOffer",
    StockOfOffer,
    (
        *plain_fields(StockOfOffer, "id", "merchant", "sku"),
        field("available", WHOLE, "Pieces that can be promised, at all places together."),
        field("places", Mapped(STOCK_LEVEL), "The stock by place; under an empty text where there is one place."),
    ),
    show=show_owned("stock", lambda stock: stock.id, owners=_find_holder, permission=Permission.STOCK),
)
