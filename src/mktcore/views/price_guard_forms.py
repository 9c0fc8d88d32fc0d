"""Guards of merchants' prices, and the prices that they hold, as people are shown them."""

from mktcore.offers.price_guards import HELD_PRICES, PRICE_GUARDS, HeldPrice, PriceBreach, PriceGuard
from mktcore.pricing import Assignment, PriceSchedule
from mktcore.views.form import Form
from mktcore.views.plain_fields import plain_fields
from mktcore.views.price_forms import PRICE_SCHEDULE
from mktcore.views.record_access import show_record
from mktcore.views.rule_forms import ASSIGNMENT

__all__ = ["HELD_PRICE", "PRICE_GUARD"]

PRICE_GUARD = Form(
    "PriceGuard",
    PriceGuard,
    plain_fields(PriceGuard, "id", "reference", "above", "below", "merchant", "category", "meanwhile"),
    show=show_record(PRICE_GUARDS),
)
_BREACH = Form(
    "PriceBreach",
    PriceBreach,
    plain_fields(PriceBreach, "guard", "sku", "reference", "quantity", "price", "per", "compared", "apart"),
)
HELD_PRICE = Form(
    "HeldPrice",
    HeldPrice,
    plain_fields(
        HeldPrice,
        *("id", "merchant", "schedule", "assignment", "offers", "breaches", "meanwhile", "asked_at", "state"),
        *("decided_at", "decided_by", "reason"),
        forms={PriceBreach: _BREACH, PriceSchedule: PRICE_SCHEDULE, Assignment: ASSIGNMENT},
    ),
    show=show_record(HELD_PRICES),
)
