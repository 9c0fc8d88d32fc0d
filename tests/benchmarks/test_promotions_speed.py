"""Speed of promotions: `pytest -s tests/benchmarks/test_promotions_speed.py`. The best of many rounds counts."""

from datetime import UTC, datetime
from decimal import Decimal
from time import perf_counter

import pytest

from mktcore.money import Money, Rounding
from mktcore.promotions import (
    AllOf,
    Amount,
    AmountOff,
    BuyXGetY,
    FixedPrice,
    LineFilter,
    PercentOff,
    Promotion,
    PromotionPolicy,
    apply_promotions,
)
from mktcore.promotions.conditions import Quantity
from mktcore.promotions.outcome import NO_PROMOTIONS
from mktcore.promotions.promotion import Caps, Level
from mktcore.promotions.promotion_line import PromotionLine
from mktcore.promotions.promotion_lines import PromotionCart
from mktcore.totals import Line, RoundAt, RoundingProfile, compute_totals

NOW = datetime(2026, 5, 1, tzinfo=UTC)
PROFILE = RoundingProfile(RoundAt.LINE, Rounding.HALF_UP)
FIVE_MILLISECONDS = 5e-3
SLOWER = 1.7
"""How much slower the slowest machine is that this floor was set against."""


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def make_lines() -> list[PromotionLine]:
    """Spread 100 lines over ten merchants, categories and brands."""
    return [
        PromotionLine(
            Line(f"l{n}", f"merchant-{n % 10}", Money.from_minor(999 + 37 * n, "EUR"), 1 + n % 4),
            f"sku-{n}",
            category=f"photo/group-{n % 7}",
            brand=f"brand-{n % 5}",
        )
        for n in range(100)
    ]


def make_promotions() -> list[Promotion]:
    """Mix 30 promotions: six kinds, half of them with conditions or caps, all of them taking something off."""
    made = []
    for n in range(5):
        photo = LineFilter(categories=(f"photo/group-{n}",))
        made += [
            Promotion(f"percent-{n}", PercentOff(Decimal("0.05")), targets=photo, priority=n),
            Promotion(f"amount-{n}", AmountOff(eur("3.00")), condition=Amount(eur("50.00")), priority=n),
            Promotion(f"brand-{n}", PercentOff(Decimal("0.03")), targets=LineFilter(brands=(f"brand-{n}",))),
            Promotion(f"three-{n}", BuyXGetY(2, times=3), targets=photo, condition=Quantity(3, of=photo)),
            Promotion(f"fixed-{n}", FixedPrice(eur("19.99")), targets=photo, caps=Caps(line=eur("4.00"))),
            Promotion(
                f"merchant-{n}",
                AmountOff(eur("1.00")),
                owner=f"merchant-{n}",
                level=Level.MERCHANT,
                condition=AllOf((Amount(eur("10.00")), Quantity(2))),
            ),
        ]
    return made


@pytest.mark.parametrize("policy", [PromotionPolicy(), PromotionPolicy(best_for_buyer=True)], ids=["priority", "best"])
def test_thirty_promotions_on_a_hundred_lines(policy: PromotionPolicy) -> None:
    lines, promotions = make_lines(), make_promotions()
    cart = PromotionCart(lines, NOW)
    best, floor = 1.0, 1.0
    outcome = NO_PROMOTIONS
    for _ in range(60):
        start = perf_counter()
        outcome = apply_promotions(promotions, cart, profile=PROFILE, currency="EUR", policy=policy)
        best = min(best, perf_counter() - start)
        start = perf_counter()
        compute_totals(
            [line.line for line in lines], outcome.reductions, prices_include_tax=True, profile=PROFILE, currency="EUR"
        )
        floor = min(floor, perf_counter() - start)
    assert len(outcome.applied) == 30
    print(  # noqa: T201 - the figures are what a benchmark is run for
        f"\n{best * 1e3:.2f} ms, {len(outcome.reductions)} reductions; totals take {floor * 1e3:.2f} ms with them"
    )
    assert best < FIVE_MILLISECONDS * SLOWER
