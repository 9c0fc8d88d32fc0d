"""Every type of this library that is stored or published, with its tag and the version of its present shape.

A tag lives for ever; when a field changes its meaning, its name or its type, the version rises and an up-caster is
registered for the one before. A new field with a default needs neither.
"""

from mktcore.errors import Problem
from mktcore.explain import Explanation
from mktcore.offers.stock import Reservation, ReservationExpired, Shortage, ShortageRecorded, StockCount, StockLevel
from mktcore.periods import Period
from mktcore.wire.registry import Registration, Registry

__all__ = ["REGISTRY", "TYPES"]

TYPES = (
    Registration("core.problem", 1, Problem),
    Registration("core.explanation", 1, Explanation),
    Registration("core.period", 1, Period),
    Registration("offers.stock-count", 1, StockCount),
    Registration("offers.stock-level", 1, StockLevel),
    Registration("offers.reservation", 1, Reservation),
    Registration("offers.shortage", 1, Shortage),
    Registration("offers.shortage-recorded", 1, ShortageRecorded),
    Registration("offers.reservation-expired", 1, ReservationExpired),
)

REGISTRY = Registry(TYPES)
"""The registry used where no other is given; hosts add their own types to it."""
