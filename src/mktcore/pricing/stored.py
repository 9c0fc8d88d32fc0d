"""What prices store and publish."""

from mktcore.persistence.stored import Stored
from mktcore.pricing.assignment import ASSIGNMENTS, Assignment
from mktcore.pricing.events import AssignmentChanged, PriceScheduleChanged
from mktcore.pricing.price_divergence import DIVERGENCE_RULES, DivergenceRule
from mktcore.pricing.price_schedule import PRICE_SCHEDULES, PriceSchedule

__all__ = ["STORED", "name_operator_by_nobody"]


def name_operator_by_nobody(old: dict[str, object]) -> dict[str, object]:
    """What the operator owned had an empty owner; now it has none."""
    return {**old, "owner": old.get("owner") or None}


STORED = (
    Stored("pricing.price-schedule", 2, PriceSchedule, kind=PRICE_SCHEDULES, upcasters={1: name_operator_by_nobody}),
    Stored("pricing.assignment", 1, Assignment, kind=ASSIGNMENTS),
    Stored("pricing.divergence-rule", 1, DivergenceRule, kind=DIVERGENCE_RULES),
    Stored("pricing.price-schedule-changed", 1, PriceScheduleChanged),
    Stored("pricing.assignment-changed", 1, AssignmentChanged),
)
