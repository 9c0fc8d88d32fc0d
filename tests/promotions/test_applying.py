"""What promotions take off, worked out by hand."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import permutations

import pytest

from mktcore.errors import InvalidValue
from mktcore.money import CurrencyMismatch, Money, Rounding
from mktcore.periods import Period
from mktcore.pricing import Recurrence
from mktcore.promotions import (
    AllOf,
    Amount,
    AmountOff,
    AnyOf,
    BuyXGetY,
    CheapestFree,
    FixedPrice,
    Limits,
    LineFilter,
    Not,
    PercentOff,
    Promotion,
    PromotionOutcome,
    PromotionPolicy,
    ShippingOff,
    WithCode,
    apply_promotions,
)
from mktcore.promotions.conditions import Condition, During, FirstOrder, InChannel, InGroup, Quantity
from mktcore.promotions.effects import Effect
from mktcore.promotions.promotion import Caps, Level
from mktcore.promotions.promotion_line import PromotionLine
from mktcore.promotions.promotion_lines import PromotionCart
from mktcore.sales_context import SalesContext
from mktcore.totals import Expense, Line, RoundAt, RoundingProfile, compute_totals

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
PROFILE = RoundingProfile(RoundAt.LINE, Rounding.HALF_UP)
TEN = PercentOff(Decimal("0.1"))


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def line(sold: Line, category: str, brand: str = "Orlik") -> PromotionLine:
    return PromotionLine(
        sold, f"sku-{sold.key}", category=category, brand=brand, attributes={"colour": "red"} if brand else {}
    )


CART = PromotionCart(
    [
        line(Line("a", "acme", eur("100.00")), "photo/cameras"),
        line(Line("b", "acme", eur("20.00"), 3), "photo/tripods", "Solara"),
        line(Line("c", "bolt", eur("10.00"), 4), "kitchen", ""),
    ],
    NOW,
    context=SalesContext("b1", groups=("vip",), channel="web"),
    expenses=(Expense("ship-a", "acme", eur("5.00")), Expense("ship-b", "bolt", eur("3.00"))),
    shipping=("ship-a", "ship-b"),
    codes=("Summer",),
)


def apply(*promotions: Promotion, cart: PromotionCart = CART, best: bool = False) -> PromotionOutcome:
    return apply_promotions(
        promotions, cart, profile=PROFILE, currency="EUR", policy=PromotionPolicy(best_for_buyer=best)
    )


def find_parts(outcome: PromotionOutcome) -> dict[str, str]:
    """Return what each line loses, and check that the totals take off just that."""
    totals = compute_totals(
        [entry.line for entry in CART.lines],
        outcome.reductions,
        CART.expenses,
        prices_include_tax=True,
        profile=PROFILE,
    )
    lost = {key: figures.discount_total for key, figures in (*totals.lines.items(), *totals.expenses.items())}
    told: dict[str, Money] = {}
    for one in outcome.applied:
        assert Money.sum([*one.parts.values(), eur("0")]) == one.amount
        for key, amount in one.parts.items():
            told[key] = told[key] + amount if key in told else amount
    assert {key: amount for key, amount in lost.items() if not amount.is_zero()} == told
    return {key: str(amount.amount) for key, amount in told.items()}


@pytest.mark.parametrize(
    ("effect", "fields", "parts"),
    [
        (TEN, {}, {"a": "10.00", "b": "6.00", "c": "4.00"}),
        (TEN, {"targets": LineFilter(categories=("photo",))}, {"a": "10.00", "b": "6.00"}),
        (TEN, {"owner": "bolt"}, {"c": "4.00"}),
        (TEN, {"caps": Caps(order=eur("10.00"))}, {"a": "5.00", "b": "3.00", "c": "2.00"}),
        (TEN, {"caps": Caps(line=eur("5.00"))}, {"a": "5.00", "b": "5.00", "c": "4.00"}),
        (TEN, {"caps": Caps(floor=eur("19.00"))}, {"a": "10.00", "b": "3.00"}),
        (AmountOff(eur("20.00")), {}, {"a": "10.00", "b": "6.00", "c": "4.00"}),
        (AmountOff(eur("20.00")), {"level": Level.MERCHANT}, {"a": "12.50", "b": "7.50", "c": "20.00"}),
        (AmountOff(eur("2.00")), {"level": Level.LINE}, {"a": "2.00", "b": "2.00", "c": "2.00"}),
        (AmountOff(eur("900.00")), {"owner": "bolt"}, {"c": "40.00"}),
        (AmountOff(eur("20.00")), {"caps": Caps(line=eur("8.00"))}, {"a": "8.00", "b": "7.20", "c": "4.80"}),
        (AmountOff(eur("20.00")), {"caps": Caps(floor=eur("200.00"))}, {}),
        (FixedPrice(eur("15.00")), {}, {"a": "85.00", "b": "15.00"}),
        (FixedPrice(eur("15.00")), {"caps": Caps(order=eur("10.00"))}, {"a": "8.50", "b": "1.50"}),
        (BuyXGetY(2), {}, {"c": "20.00"}),  # 8 pieces: two of them free, the cheapest
        (BuyXGetY(2), {"level": Level.LINE}, {"b": "20.00", "c": "10.00"}),
        (BuyXGetY(2, percent=Decimal("0.5"), times=1), {}, {"c": "5.00"}),
        (CheapestFree(4), {"targets": LineFilter(categories=("photo",))}, {"b": "20.00"}),
        (CheapestFree(2, times=3), {}, {"c": "30.00"}),
        (
            BuyXGetY(1, get=2, of=LineFilter(brands=("Solara",))),
            {"targets": LineFilter(categories=("photo/cameras",))},
            {"b": "40.00"},
        ),
        (
            BuyXGetY(1, get=2, of=LineFilter(brands=("Solara",))),
            {"targets": LineFilter(categories=("photo/cameras",)), "caps": Caps(line=eur("7.00"))},
            {"b": "7.00"},
        ),
        (ShippingOff(percent=Decimal(1)), {}, {"ship-a": "5.00", "ship-b": "3.00"}),
        (ShippingOff(percent=Decimal(1)), {"owner": "bolt"}, {"ship-b": "3.00"}),
        (ShippingOff(amount=eur("4.00")), {}, {"ship-a": "2.50", "ship-b": "1.50"}),
        (ShippingOff(amount=eur("4.00")), {"level": Level.MERCHANT}, {"ship-a": "4.00", "ship-b": "3.00"}),
        (ShippingOff(percent=Decimal(1)), {"caps": Caps(order=eur("4.00"))}, {"ship-a": "2.50", "ship-b": "1.50"}),
        (
            ShippingOff(percent=Decimal(1)),
            {"level": Level.MERCHANT, "condition": Amount(eur("50.00"))},
            {"ship-a": "5.00"},
        ),
    ],
)
def test_each_effect_takes_off_what_it_says(effect: Effect, fields: dict[str, object], parts: dict[str, str]) -> None:
    promotion = Promotion("p", effect, **fields)  # type: ignore[arg-type]  # the fields differ by case
    assert find_parts(apply(promotion)) == parts


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (Amount(eur("200.00")), True),
        (Amount(eur("200.01")), False),
        (Amount(eur("1.00"), eur("199.99")), False),
        (Amount(eur("160.00"), of=LineFilter(merchants=("acme",))), True),
        (Quantity(8), True),
        (Quantity(9), False),
        (Quantity(1, 7), False),
        (Quantity(of=LineFilter(skus=("sku-c",))), True),
        (Quantity(of=LineFilter(categories=("phot",))), False),
        (Quantity(4, of=LineFilter(attributes={"colour": ("red", "blue")})), True),
        (Quantity(5, of=LineFilter(attributes={"colour": ("red", "blue")})), False),
        (Quantity(4, of=LineFilter(excluding=LineFilter(categories=("photo",)))), True),
        (InChannel(("web", "app")), True),
        (InChannel(("app",)), False),
        (InGroup(("vip",)), True),
        (InGroup(("staff",)), False),
        (FirstOrder(), False),
        (WithCode(("SUMMER",)), True),
        (WithCode(("WINTER",)), False),
        (During(Period(NOW)), True),
        (During(Period(None, NOW)), False),
        (During(recurs=Recurrence("FREQ=WEEKLY;BYDAY=FR", date(2026, 1, 2), time(10), lasts=timedelta(hours=4))), True),
        (
            During(recurs=Recurrence("FREQ=WEEKLY;BYDAY=FR", date(2026, 1, 2), time(13), lasts=timedelta(hours=4))),
            False,
        ),
        (AllOf(()), True),
        (AnyOf(()), False),
        (AllOf((InGroup(("vip",)), Not(FirstOrder()))), True),
        (AllOf((InGroup(("vip",)), FirstOrder())), False),
        (AnyOf((InGroup(("staff",)), Not(FirstOrder()))), True),
        (Not(InGroup(("vip",))), False),
    ],
)
def test_each_condition_decides(condition: Condition, holds: bool) -> None:
    outcome = apply(Promotion("p", TEN, condition=condition))
    assert bool(outcome.applied) is holds
    assert [one.reason for one in outcome.passed] == ([] if holds else ["its condition does not hold"])


def test_a_merchants_promotion_is_judged_by_its_own_lines() -> None:
    rich = Amount(eur("100.00"))
    assert find_parts(apply(Promotion("p", TEN, owner="bolt", condition=rich))) == {}
    assert find_parts(apply(Promotion("p", TEN, owner="acme", condition=rich))) == {"a": "10.00", "b": "6.00"}
    assert apply(Promotion("p", TEN, owner="nobody")).passed[0].reason == "its condition does not hold"


@pytest.mark.parametrize(
    ("owner", "share", "borne"), [(None, None, 0), ("acme", None, 1), (None, Decimal("0.25"), Decimal("0.25"))]
)
def test_the_cost_bearer_is_on_every_reduction(owner: str | None, share: Decimal | None, borne: int | Decimal) -> None:
    promotions = [
        Promotion("p", TEN, owner=owner, merchant_share=share),
        Promotion("f", CheapestFree(2), owner=owner, merchant_share=share),
    ]
    outcome = apply(*promotions)
    assert len(outcome.applied) == 2
    assert {reduction.merchant_share for reduction in outcome.reductions} == {borne}
    assert sum([len(one.reductions) for one in outcome.applied]) == len(outcome.reductions)


def test_promotions_are_applied_by_priority_each_on_what_is_left() -> None:
    promotions = [Promotion("first", TEN, priority=2), Promotion("b", AmountOff(eur("18.00"))), Promotion("a", TEN)]
    outcomes = [apply(*order) for order in permutations(promotions)]
    assert {tuple((one.promotion.id, str(one.amount)) for one in outcome.applied) for outcome in outcomes} == {
        (("first", "20.00 EUR"), ("a", "18.00 EUR"), ("b", "18.00 EUR"))
    }
    assert find_parts(outcomes[0]) == {"a": "28.00", "b": "16.80", "c": "11.20"}


def test_of_a_group_one_applies_and_an_exclusive_one_stands_alone() -> None:
    low = Promotion("low", TEN, group="season", priority=2)
    high = Promotion("high", PercentOff(Decimal("0.3")), group="season", priority=1, title="Sale")
    alone = Promotion("alone", PercentOff(Decimal("0.5")), exclusive=True)
    other = Promotion("other", AmountOff(eur("1.00")), combines_with=("season",))
    free = Promotion("free", ShippingOff(percent=Decimal(1)), group="shipping")
    by_priority = apply(low, high, alone, other, free)
    assert [one.promotion.id for one in by_priority.applied] == ["low", "free"]
    assert {one.promotion.id: one.reason for one in by_priority.passed} == {
        "high": "it does not combine with low",
        "alone": "it does not combine with low",
        "other": "it does not combine with free",
    }
    best = apply(low, high, alone, other, free, best=True)
    assert ([one.promotion.id for one in best.applied], best.is_complete) == (["alone"], True)
    without = apply(low, high, other, free, best=True)
    assert [one.promotion.id for one in without.applied] == ["high", "free"]


@pytest.mark.slow(counted=True)
def test_the_search_for_the_best_is_bounded_and_never_worse_than_by_priority() -> None:
    promotions = [
        Promotion(f"p{n}", PercentOff(Decimal(n + 1) / 100), group=f"g{n % 7}", priority=30 - n) for n in range(28)
    ]
    bounded = apply_promotions(
        promotions, CART, profile=PROFILE, currency="EUR", policy=PromotionPolicy(best_for_buyer=True, search_limit=3)
    )
    assert not bounded.is_complete
    whole = apply_promotions(
        promotions,
        CART,
        profile=PROFILE,
        currency="EUR",
        policy=PromotionPolicy(best_for_buyer=True, search_limit=100_000),
    )
    amounts = [sum(one.amount.minor for one in outcome.applied) for outcome in (apply(*promotions), bounded, whole)]
    assert amounts[0] <= amounts[1] <= amounts[2]
    assert [one.promotion.id for one in whole.applied] == [f"p{n}" for n in range(21, 28)]
    with pytest.raises(InvalidValue, match="1 or more"):
        PromotionPolicy(search_limit=0)


def test_limits_leave_out_what_is_used_up() -> None:
    def find(limits: Limits, claimed: dict[str, int]) -> PromotionOutcome:
        cart = PromotionCart(CART.lines, NOW, context=SalesContext("b1"), claimed=claimed)
        return apply(Promotion("p", TEN, limits=limits), cart=cart)

    assert find(Limits(uses=2), {"promotion/p/uses": 1}).applied
    assert find(Limits(uses=2), {"promotion/p/uses": 2}).passed[0].reason == "all 2 uses are taken"
    assert find(Limits(per_buyer=1), {"promotion/p/buyer/b2": 1}).applied
    assert find(Limits(per_buyer=1), {"promotion/p/buyer/b1": 1}).passed[0].reason == "this buyer's 1 uses are taken"
    budget = Limits(budget=eur("15.00"))
    assert find(budget, {"promotion/p/budget": 1500}).passed[0].reason == "its budget is spent"
    [rest] = find(budget, {"promotion/p/budget": 500}).applied
    assert str(rest.amount) == "10.00 EUR"  # of 20.00, the rest of the budget
    assert [(claim.counter, claim.amount, claim.limit) for claim in rest.claims or ()] == [
        ("promotion/p/budget", 1000, 1500)
    ]


def test_what_does_not_apply_says_why() -> None:
    promotions = [
        Promotion("over", TEN, valid=Period(None, NOW)),
        Promotion("dollars", AmountOff(Money.of("1.00", "USD"))),
        Promotion("nothing", TEN, targets=LineFilter(skus=("sku-z",))),
        Promotion("cheap", FixedPrice(eur("500.00"))),
        Promotion("secret", TEN, condition=WithCode(("X",))),
    ]
    outcome = apply(*promotions)
    assert {one.promotion.id: one.reason for one in outcome.passed} == {
        "over": "it is not valid now",
        "dollars": "it is not in EUR",
        "nothing": "nothing in the cart is meant",
        "cheap": "it takes nothing off",
        "secret": "its condition does not hold",
    }
    assert outcome.explain().to_text().splitlines() == [
        "promotions: 0",
        "└─ promotion cheap - not applied: it takes nothing off",
    ]


def test_what_applies_is_explained_with_its_bearer() -> None:
    outcome = apply(Promotion("p", TEN, title="Spring", merchant_share=Decimal("0.25")))
    assert outcome.explain().to_text().splitlines() == [
        "promotions: 1",
        "└─ promotion Spring: 20.00 EUR - borne by the merchants to 25 %",
        "   ├─ a: 10.00 EUR",
        "   ├─ b: 6.00 EUR",
        "   └─ c: 4.00 EUR",
    ]


def test_an_empty_cart_takes_nothing() -> None:
    assert not apply(Promotion("p", TEN), cart=PromotionCart([], NOW)).applied


def test_what_contradicts_itself_is_refused() -> None:
    cases: list[Callable[[], object]] = [
        lambda: PercentOff(Decimal(0)),
        lambda: PercentOff(Decimal("1.1")),
        lambda: AmountOff(eur("0")),
        lambda: FixedPrice(eur("-1")),
        lambda: BuyXGetY(0),
        lambda: BuyXGetY(buy=True),
        lambda: BuyXGetY(1, times=0),
        lambda: CheapestFree(1),
        lambda: CheapestFree(2, times=0),
        ShippingOff,
        lambda: ShippingOff(Decimal(1), eur("1")),
        lambda: Amount(eur("2"), eur("1")),
        lambda: Quantity(2, 1),
        lambda: Limits(uses=-1),
        lambda: Promotion("p", TEN, merchant_share=Decimal(2)),
        lambda: Promotion("p", TEN, owner="acme", merchant_share=Decimal("0.5")),
    ]
    for build in cases:
        with pytest.raises(InvalidValue):
            build()
    with pytest.raises(CurrencyMismatch):
        Amount(eur("1"), Money.of("2", "USD"))


def test_a_count_that_is_refused_is_told_as_it_was_given() -> None:
    with pytest.raises(InvalidValue) as refused:
        CheapestFree(1)
    assert refused.value.describe() == "CheapestFree.of: a whole number, 2 or more, not '1'"


@pytest.mark.parametrize("field", ["order", "line", "floor"])
def test_a_cap_below_zero_is_refused_where_it_is_written(field: str) -> None:
    with pytest.raises(InvalidValue, match=rf"Caps\.{field}"):
        Caps(**{field: eur("-0.01")})
