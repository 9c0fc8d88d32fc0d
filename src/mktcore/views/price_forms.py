"""Price schedules as their readers see them, and when prices and promotions hold."""

from mktcore.periods import Period
from mktcore.pricing import PriceBreak, PriceSchedule, Recurrence
from mktcore.pricing.price_schedule import PRICE_SCHEDULES
from mktcore.totals import Option
from mktcore.views.figure_forms import OPTION, PERIOD
from mktcore.views.form import Form
from mktcore.views.plain_fields import plain_fields
from mktcore.views.record_access import show_record

__all__ = ["PRICE_SCHEDULE", "RECURRENCE", "WHEN"]


RECURRENCE = Form("Recurrence", Recurrence, plain_fields(Recurrence, "rule", "first", "opens", "lasts", "time_zone"))


WHEN = {Period: PERIOD, Recurrence: RECURRENCE}


_BREAK = Form("PriceBreak", PriceBreak, plain_fields(PriceBreak, "quantity", "unit_price", "sale_price"))


PRICE_SCHEDULE = Form(
    "PriceSchedule",
    PriceSchedule,
    plain_fields(
        PriceSchedule,
        *("id", "owner", "breaks", "valid", "per", "sale", "recurs", "minimum", "maximum", "restricted", "cumulative"),
        *("options", "includes_tax"),
        forms={**WHEN, PriceBreak: _BREAK, Option: OPTION},
    ),
    show=show_record(PRICE_SCHEDULES),
)
