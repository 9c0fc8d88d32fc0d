"""One party's promotion decides nothing for the lines of others, however prior, exclusive or grouped it is."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from mktcore.money import Rounding
from mktcore.money.amount import Money
from mktcore.promotions import (
    AmountOff,
    BuyXGetY,
    PercentOff,
    Promotion,
    PromotionPolicy,
    ShippingOff,
    apply_promotions,
)
from mktcore.promotions.promotion_line import PromotionLine
from mktcore.promotions.promotion_lines import PromotionCart
from mktcore.totals import Expense, Line, RoundAt, RoundingProfile

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
TEN, TWENTY, FIVE = (PercentOff(Decimal(text)) for text in ("0.10", "0.20", "0.05"))


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


CART = PromotionCart(
    [PromotionLine(Line(f"{who}-1", who, eur("100.00")), "sku") for who in ("acme", "bolt", "kettle")],
    NOW,
    expenses=[Expense(f"ship-{who}", who, eur("5.00")) for who in ("acme", "bolt")],
    shipping=["ship-acme", "ship-bolt"],
)
GRABBING = Promotion("grab", FIVE, owner="acme", exclusive=True, priority=10**9)


def find_parts(*promotions: Promotion, best: bool = False) -> dict[str, dict[str, str]]:
    outcome = apply_promotions(
        promotions,
        CART,
        profile=RoundingProfile(RoundAt.LINE, Rounding.HALF_UP),
        currency="EUR",
        policy=PromotionPolicy(best_for_buyer=best),
    )
    return {one.promotion.id: {key: str(part.amount) for key, part in one.parts.items()} for one in outcome.applied}


def test_a_merchants_exclusive_promotion_switches_nobody_elses_off() -> None:
    found = find_parts(GRABBING, Promotion("all", TEN), Promotion("bolts", TWENTY, owner="bolt"))
    assert found == {
        "grab": {"acme-1": "5.00"},
        "all": {"bolt-1": "10.00", "kettle-1": "10.00"},
        "bolts": {"bolt-1": "18.00"},
    }


def test_two_merchants_exclusive_promotions_stand_side_by_side() -> None:
    bolts = Promotion("bolts", TWENTY, owner="bolt", exclusive=True)
    assert find_parts(GRABBING, bolts) == {"grab": {"acme-1": "5.00"}, "bolts": {"bolt-1": "20.00"}}


def test_a_group_is_shared_by_nobody_who_touches_other_lines() -> None:
    acmes, bolts, operators = (
        Promotion(name, TEN, owner=owner, group="sale", priority=priority)
        for name, owner, priority in (("a", "acme", 2), ("b", "bolt", 1), ("all", None, 0))
    )
    assert find_parts(acmes, bolts, operators) == {
        "a": {"acme-1": "10.00"},
        "b": {"bolt-1": "10.00"},
        "all": {"kettle-1": "10.00"},
    }


def test_the_operators_exclusive_promotion_is_kept_from_lines_that_a_merchants_took_first() -> None:
    alone = Promotion("alone", TWENTY, exclusive=True, priority=5)
    assert find_parts(GRABBING, alone) == {
        "grab": {"acme-1": "5.00"},
        "alone": {"bolt-1": "20.00", "kettle-1": "20.00"},
    }
    # Before it in priority, it stands alone on all lines, which the operator may touch.
    first = Promotion("first", TWENTY, exclusive=True, priority=2 * 10**9)
    assert find_parts(GRABBING, first) == {"first": dict.fromkeys(("acme-1", "bolt-1", "kettle-1"), "20.00")}


def test_what_the_operator_was_kept_from_is_free_for_that_merchants_others() -> None:
    grab = Promotion("grab", FIVE, owner="acme", group="x", combines_with=("y",), priority=3)
    alone = Promotion("alone", TEN, exclusive=True, priority=2)
    more = Promotion("more", TEN, owner="acme", group="y", priority=1)
    found = find_parts(grab, alone, more)
    assert found["more"] == {"acme-1": "9.50"}
    assert found["alone"] == {"bolt-1": "10.00", "kettle-1": "10.00"}


@pytest.mark.parametrize(
    ("operators", "parts"),
    [
        (AmountOff(eur("30.00")), {"bolt-1": "15.00", "kettle-1": "15.00"}),
        (ShippingOff(percent=Decimal(1)), {"ship-bolt": "5.00"}),
        # Two bought, one of them free: what acme keeps to itself neither counts nor is given away.
        (BuyXGetY(1), {"bolt-1": "100.00"}),
        (BuyXGetY(2), None),
    ],
)
def test_every_effect_stays_out_of_the_lines_it_is_kept_from(
    operators: AmountOff | ShippingOff | BuyXGetY, parts: dict[str, str] | None
) -> None:
    assert find_parts(GRABBING, Promotion("all", operators)).get("all") == parts


def test_the_best_for_the_buyer_is_looked_for_line_by_line_too() -> None:
    found = find_parts(GRABBING, Promotion("all", TEN), best=True)
    assert found == {"all": dict.fromkeys(("acme-1", "bolt-1", "kettle-1"), "10.00")}
    found = find_parts(
        Promotion("grab", TWENTY, owner="acme", exclusive=True, priority=1), Promotion("all", TEN), best=True
    )
    assert found == {"grab": {"acme-1": "20.00"}} | {"all": {"bolt-1": "10.00", "kettle-1": "10.00"}}
