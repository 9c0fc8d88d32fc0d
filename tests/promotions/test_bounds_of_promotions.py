"""What is just within a bound of promotions and what is just beyond it, what goes by name, and what is kept how."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from mktcore.errors import InvalidValue
from mktcore.money import Money, Rounding
from mktcore.promotions import (
    AllOf,
    Amount,
    AmountOff,
    FixedPrice,
    Limits,
    LineFilter,
    Not,
    PercentOff,
    Promotion,
    PromotionPolicy,
    ShippingOff,
    WithCode,
    apply_promotions,
)
from mktcore.promotions.conditions import Condition, FirstOrder, InChannel, InGroup
from mktcore.promotions.effects import Gift
from mktcore.promotions.line_filter import ChargeFilter
from mktcore.promotions.piece_selection import Pieces, SetPart, Sets
from mktcore.promotions.promotion import Caps
from mktcore.promotions.promotion_line import PromotionLine
from mktcore.promotions.promotion_lines import PromotionCart
from mktcore.promotions.promotion_size import check_promotion_size
from mktcore.promotions.stored import STORED
from mktcore.totals import Expense, Line, RoundAt, RoundingProfile
from mktcore.totals.inputs import Basis

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
TEN = PercentOff(Decimal("0.1"))


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def name(count: int) -> tuple[str, ...]:
    return tuple(f"n{number}" for number in range(count))


def nest(depth: int) -> Condition:
    condition: Condition = FirstOrder()
    for _ in range(depth - 1):
        condition = Not(condition)
    return condition


def exclude(depth: int) -> LineFilter:
    wanted = LineFilter(skus=("camera",))
    for _ in range(depth - 1):
        wanted = LineFilter(excluding=wanted)
    return wanted


@pytest.mark.parametrize(
    ("make", "most"),
    [
        (lambda n: Promotion("p", TEN, condition=AllOf((FirstOrder(),) * (n - 1))), 100),
        (lambda n: Promotion("p", TEN, condition=nest(n)), 10),
        (lambda n: Promotion("p", TEN, targets=exclude(n)), 10),
        (lambda n: Promotion("p", TEN, combines_with=name(n)), 5_000),
        (lambda n: Promotion("p", TEN, combines_with=name(2_000), condition=WithCode(name(n))), 3_000),
        (lambda n: Promotion("p", TEN, condition=AllOf((InGroup(name(n)), InChannel(name(1_500))))), 3_500),
        (lambda n: Promotion("p", TEN, charges=ChargeFilter(keys=name(n), merchants=name(1_000))), 4_000),
        # Each attribute is a name, and each of its values.
        (lambda n: Promotion("p", TEN, targets=LineFilter(attributes={"a": name(n), "b": name(2_000)})), 2_998),
        (lambda n: Promotion("p", TEN, targets=LineFilter(skus=name(n), brands=name(4), categories=name(5))), 4_991),
    ],
)
def test_how_much_a_promotion_may_ask_of_each_cart(make: Callable[[int], Promotion], most: int) -> None:
    check_promotion_size(make(most))
    with pytest.raises(InvalidValue, match="at most"):
        check_promotion_size(make(most + 1))


@pytest.mark.parametrize("field", ["uses", "per_buyer", "per_code"])
def test_limits_are_whole_numbers_in_64_bits(field: str) -> None:
    for value in (0, 1, 2**63 - 1):
        given: Any = {field: value}
        assert getattr(Limits(**given), field) == value
    for wrong in (-1, 2**63, 1.0, True, "1"):
        given = {field: wrong}
        with pytest.raises(InvalidValue, match="in 64 bits"):
            Limits(**given)


def test_amounts_of_promotions_may_be_nothing_but_not_less() -> None:
    nothing, less = eur("0.00"), eur("-0.01")
    assert Caps(order=nothing, line=nothing, floor=nothing).floor == nothing
    assert FixedPrice(nothing).price == ShippingOff(price=nothing).price == nothing
    for refuse in (
        lambda: Caps(order=less),
        lambda: Caps(line=less),
        lambda: Caps(floor=less),
        lambda: FixedPrice(less),
        lambda: ShippingOff(price=less),
        lambda: AmountOff(nothing),
    ):
        with pytest.raises(InvalidValue):
            refuse()


def test_a_merchants_promotion_is_borne_by_the_merchant_and_by_nobody_else() -> None:
    assert Promotion("p", TEN, owner="acme", merchant_share=Decimal(1)).bearer_share == 1
    assert Promotion("p", TEN, owner="acme").bearer_share == 1
    assert Promotion("p", TEN).bearer_share == 0
    assert Promotion("p", TEN).version == 0
    assert Promotion("p", TEN, merchant_share=Decimal("0.5")).bearer_share == Decimal("0.5")
    for share in ("0", "0.99"):
        with pytest.raises(InvalidValue, match="1 for a merchant's promotion"):
            Promotion("p", TEN, owner="acme", merchant_share=Decimal(share))
    for share in ("-0.01", "1.01"):
        with pytest.raises(InvalidValue, match="a Decimal from 0 to 1"):
            Promotion("p", TEN, merchant_share=Decimal(share))


@pytest.mark.parametrize(
    ("noun", "given"),
    [
        (Promotion, ("p", TEN, "acme", FirstOrder())),
        (PromotionLine, (Line("a", "acme", eur("1.00")), "camera", "photo")),
        (PromotionCart, ([], NOW, ("ship-a",))),
        (LineFilter, (("camera",),)),
        (ChargeFilter, (("*",), ("acme",), 1)),
        (Limits, (1,)),
        (Caps, (eur("1.00"),)),
        (AmountOff, (eur("1.00"), True)),
        (Amount, (eur("1.00"), None, LineFilter(), None)),
        (ShippingOff, (None, None, eur("1.00"))),
    ],
)
def test_what_could_be_mistaken_for_each_other_is_given_by_name(noun: Any, given: tuple[object, ...]) -> None:
    with pytest.raises(TypeError, match="positional argument"):
        noun(*given)


def test_a_charge_is_meant_where_both_its_key_and_its_merchant_are() -> None:
    charge = Expense("acme-express", "acme", eur("9.90"))
    assert ChargeFilter().matches(charge)
    assert ChargeFilter(keys=("*-express",), merchants=("acme",)).matches(charge)
    assert not ChargeFilter(keys=("*-express",), merchants=("bolt",)).matches(charge)
    assert not ChargeFilter(keys=("*-slow",), merchants=("acme",)).matches(charge)
    assert not ChargeFilter(keys=("*-slow",)).matches(charge)


def test_each_gift_is_of_its_own_promotion() -> None:
    lines = [
        PromotionLine(Line("a", "acme", eur("100.00")), "camera"),
        PromotionLine(Line("gift:bag", "acme", eur("5.00")), "bag", gift_of="bag"),
        PromotionLine(Line("gift:cap", "acme", eur("3.00")), "cap", gift_of="cap"),
    ]
    gifts = [Promotion("bag", Gift("bag")), Promotion("cap", Gift("cap"))]
    profile = RoundingProfile(RoundAt.LINE, Rounding.HALF_UP)
    outcome = apply_promotions(gifts, PromotionCart(lines, NOW), profile=profile, currency="EUR")
    assert {one.promotion.id: dict(one.parts) for one in outcome.applied} == {
        "bag": {"gift:bag": eur("5.00")},
        "cap": {"gift:cap": eur("3.00")},
    }


@pytest.mark.parametrize(
    ("basis", "parts"), [(Basis.REMAINING, {"a": "3.00", "b": "6.00"}), (Basis.ORIGINAL, {"a": "4.50", "b": "4.50"})]
)
def test_a_cap_is_shared_by_what_each_line_would_have_lost(basis: Basis, parts: dict[str, str]) -> None:
    lines = [PromotionLine(Line(key, "acme", eur("100.00")), key) for key in "ab"]
    half = Promotion("half", PercentOff(Decimal("0.5")), targets=LineFilter(skus=("a",)), priority=1)
    capped = Promotion(
        "tenth", PercentOff(Decimal("0.1"), basis=basis), caps=Caps(line=eur("20.00"), order=eur("9.00"))
    )
    profile = RoundingProfile(RoundAt.LINE, Rounding.HALF_UP)
    _, tenth = apply_promotions([half, capped], PromotionCart(lines, NOW), profile=profile, currency="EUR").applied
    assert {key: str(amount.amount) for key, amount in tenth.parts.items()} == parts


def test_what_cannot_take_more_than_the_best_is_not_tried() -> None:
    line = PromotionLine(Line("a", "acme", eur("100.00")), "a")
    exclusive = [
        Promotion("first", AmountOff(eur("10.00")), priority=1, exclusive=True),
        Promotion("second", AmountOff(eur("9.99")), exclusive=True),
    ]
    outcome = apply_promotions(
        exclusive,
        PromotionCart([line], NOW),
        profile=RoundingProfile(RoundAt.LINE, Rounding.HALF_UP),
        currency="EUR",
        policy=PromotionPolicy(best_for_buyer=True, search_limit=1),
    )
    assert ([one.promotion.id for one in outcome.applied], outcome.is_complete) == (["first"], True)


def test_one_is_left_out_that_would_lead_another_to_a_piece_that_bears_less() -> None:
    lines = [PromotionLine(Line(key, "acme", eur(price)), key) for key, price in (("a", "50.00"), ("b", "100.00"))]
    promotions = [
        Promotion("first", AmountOff(eur("60.00")), targets=LineFilter(skus=("b",)), priority=3),
        Promotion("second", AmountOff(eur("11.00")), targets=LineFilter(skus=("a",)), priority=2),
        Promotion("half", PercentOff(Decimal("0.5"), basis=Basis.ORIGINAL), pieces=Pieces(1)),
    ]
    taken = {}
    for best in (False, True):
        outcome = apply_promotions(
            promotions,
            PromotionCart(lines, NOW),
            profile=RoundingProfile(RoundAt.LINE, Rounding.HALF_UP),
            currency="EUR",
            policy=PromotionPolicy(best_for_buyer=best),
        )
        taken[best] = {one.promotion.id: str(one.amount.amount) for one in outcome.applied}
    # With the second, a costs 39.00 and is the cheapest: half of 50.00. Without it, b is, and gives what is left of it.
    assert taken == {
        False: {"first": "60.00", "second": "11.00", "half": "25.00"},
        True: {"first": "60.00", "half": "40.00"},
    }


def test_a_set_takes_the_dearest_single_pieces_and_no_more() -> None:
    lines = [PromotionLine(Line(key, "acme", eur(price)), key) for key, price in zip("abcde", "56784", strict=True)]
    three = Promotion("three", FixedPrice(eur("10.00")), pieces=Sets((SetPart(3),)))
    profile = RoundingProfile(RoundAt.LINE, Rounding.HALF_UP)
    (applied,) = apply_promotions([three], PromotionCart(lines, NOW), profile=profile, currency="EUR").applied
    # 8, 7 and 6 are 21 together, and 10 as a set.
    assert (applied.amount, sorted(applied.parts)) == (eur("11.00"), ["b", "c", "d"])


def test_what_is_not_in_the_carts_currency_is_not_for_it() -> None:
    line = PromotionLine(Line("a", "acme", eur("10.00")), "camera")
    dollars = Promotion("p", AmountOff(Money.of("1.00", "USD")))
    profile = RoundingProfile(RoundAt.LINE, Rounding.HALF_UP)
    (passed,) = apply_promotions([dollars], PromotionCart([line], NOW), profile=profile, currency="EUR").passed
    assert (passed.reason, passed.is_eligible) == ("it is not in EUR", False)


def test_under_which_tags_and_versions_promotions_are_kept() -> None:
    """Hosts keep such documents in queues and logs, where no migration reaches them."""
    assert {(one.tag, one.version) for one in STORED} == {
        ("promotions.promotion", 2),
        ("promotions.promotion-changed", 1),
        ("promotions.all-of", 1),
        ("promotions.any-of", 1),
        ("promotions.not", 1),
        ("promotions.amount", 1),
        ("promotions.quantity", 1),
        ("promotions.in-channel", 1),
        ("promotions.in-group", 1),
        ("promotions.first-order", 1),
        ("promotions.during", 1),
        ("promotions.with-code", 1),
        ("promotions.with-pool-code", 1),
        ("promotions.pool-code", 1),
        ("promotions.pieces", 1),
        ("promotions.sets", 1),
        ("promotions.gift", 1),
        ("promotions.percent-off", 1),
        ("promotions.amount-off", 1),
        ("promotions.fixed-price", 1),
        ("promotions.buy-x-get-y", 1),
        ("promotions.cheapest-free", 1),
        ("promotions.shipping-off", 1),
    }
