"""What promotions can say, each by a figure that everyday retail gave."""

from datetime import UTC, datetime
from decimal import Decimal

import attrs
import pytest

from mktcore.errors import InvalidValue
from mktcore.money import Money, Rounding
from mktcore.promotions import (
    AllOf,
    Amount,
    AmountOff,
    BuyXGetY,
    CheapestFree,
    FixedPrice,
    LineFilter,
    PercentOff,
    Promotion,
    PromotionOutcome,
    ShippingOff,
    apply_promotions,
)
from mktcore.promotions.conditions import Quantity
from mktcore.promotions.effects import Effect, Gift
from mktcore.promotions.line_filter import ChargeFilter
from mktcore.promotions.piece_selection import Pieces, SetPart, Sets, Which
from mktcore.promotions.promotion import Caps, Level
from mktcore.promotions.promotion_line import PromotionLine
from mktcore.promotions.promotion_lines import PromotionCart
from mktcore.totals import Expense, Line, RoundAt, RoundingProfile
from mktcore.totals.inputs import Basis

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
PROFILE = RoundingProfile(RoundAt.LINE, Rounding.HALF_UP)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def percent(text: str, basis: Basis = Basis.REMAINING) -> PercentOff:
    return PercentOff(Decimal(text), basis=basis)


def sold(*lines: tuple[str, int], **more: object) -> PromotionCart:
    """Make a cart of lines a, b, ... of one merchant, by price and quantity; the SKU has the line's name."""
    made = [
        PromotionLine(Line(key, "acme", eur(price), quantity), key)
        for key, (price, quantity) in zip("abcdefgh", lines, strict=False)
    ]
    return attrs.evolve(PromotionCart(made, NOW), **more)  # type: ignore[arg-type]  # fields of the cart


def of(*skus: str) -> LineFilter:
    return LineFilter(skus=skus)


def apply(cart: PromotionCart, *promotions: Promotion, profile: RoundingProfile = PROFILE) -> PromotionOutcome:
    return apply_promotions(promotions, cart, profile=profile, currency="EUR")


def take(cart: PromotionCart, *promotions: Promotion) -> dict[str, str]:
    """Return what each line and charge loses in all."""
    lost: dict[str, int] = {}
    for one in apply(cart, *promotions).applied:
        for key, part in one.parts.items():
            lost[key] = lost.get(key, 0) + part.minor
    return {key: str(Money.from_minor(minor, "EUR").amount) for key, minor in sorted(lost.items())}


def test_an_amount_off_each_piece() -> None:
    each = Promotion("p", AmountOff(eur("3.00"), per_piece=True))
    assert take(sold(("12.00", 2)), each) == {"a": "6.00"}
    assert take(sold(("20.00", 3)), attrs.evolve(each, effect=AmountOff(eur("5.00"), per_piece=True))) == {"a": "15.00"}
    # A piece that costs less is free, and what it cannot bear is taken off no other.
    assert take(sold(("2.00", 2), ("12.00", 1)), each) == {"a": "4.00", "b": "3.00"}


@pytest.mark.parametrize(
    ("judged", "level", "lost"),
    [
        (Level.ORDER, Level.LINE, {"a": "5.00", "b": "5.00"}),
        (None, Level.LINE, {"b": "5.00"}),
        (None, Level.ORDER, {"a": "2.00", "b": "3.00"}),
        (Level.LINE, Level.ORDER, {"b": "5.00"}),
    ],
)
def test_condition_and_effect_have_scopes_of_their_own(
    judged: Level | None, level: Level, lost: dict[str, str]
) -> None:
    offered = Promotion("p", AmountOff(eur("5.00")), condition=Amount(eur("50.00")), judged=judged, level=level)
    assert take(sold(("40.00", 1), ("60.00", 1)), offered) == lost
    assert take(sold(("20.00", 1), ("20.00", 1)), offered) == {}


def test_by_merchant_and_then_by_line() -> None:
    lines = [
        PromotionLine(Line(key, merchant, eur(price)), key)
        for key, merchant, price in (("a", "acme", "30.00"), ("b", "acme", "30.00"), ("c", "bolt", "40.00"))
    ]
    offered = Promotion(
        "p", AmountOff(eur("1.00")), condition=Amount(eur("50.00")), judged=Level.MERCHANT, level=Level.LINE
    )
    assert take(PromotionCart(lines, NOW), offered) == {"a": "1.00", "b": "1.00"}


@pytest.mark.parametrize(
    ("effect", "pieces", "lost"),
    [
        (AmountOff(eur("3.00")), Pieces(1), {"b": "1.00"}),
        (AmountOff(eur("3.00"), per_piece=True), Pieces(1), {"b": "1.00"}),
        (AmountOff(eur("1.50"), per_piece=True), Pieces(3), {"a": "1.50", "b": "2.00"}),
        (AmountOff(eur("1.50"), per_piece=True), Pieces(3, Which.DEAREST), {"a": "3.00", "b": "1.00"}),
        (percent("0.5"), Pieces(1, Which.DEAREST), {"a": "1.00"}),
        (percent("0.5"), Pieces(3), {"a": "1.00", "b": "1.00"}),
        (percent("0.5"), Pieces(99), {"a": "2.00", "b": "1.00"}),
        (FixedPrice(eur("0.50")), Pieces(1, Which.DEAREST), {"a": "1.50"}),
        (AmountOff(eur("3.00")), Pieces(3), {"a": "1.50", "b": "1.50"}),
    ],
)
def test_so_many_pieces_at_most(effect: Effect, pieces: Pieces, lost: dict[str, str]) -> None:
    assert take(sold(("2.00", 2), ("1.00", 2)), Promotion("p", effect, pieces=pieces)) == lost


def test_pieces_are_counted_in_each_part_of_the_cart() -> None:
    by_line = Promotion("p", percent("1"), pieces=Pieces(1), level=Level.LINE)
    assert take(sold(("2.00", 2), ("1.00", 2)), by_line) == {"a": "2.00", "b": "1.00"}


THREE = Sets((SetPart(3),))


@pytest.mark.parametrize(
    ("cart", "effect", "sets", "lost"),
    [
        (sold(("8.00", 4)), FixedPrice(eur("20.00")), THREE, {"a": "4.00"}),
        (sold(("8.00", 2)), FixedPrice(eur("20.00")), THREE, {}),
        (sold(("6.00", 3)), FixedPrice(eur("20.00")), THREE, {}),
        (sold(("8.00", 7)), FixedPrice(eur("20.00")), THREE, {"a": "8.00"}),
        (sold(("8.00", 7)), FixedPrice(eur("20.00")), Sets((SetPart(3),), times=1), {"a": "4.00"}),
        # The dearest make up the first set; the other three cost 15.00 by themselves.
        (sold(("5.00", 3), ("10.00", 3)), FixedPrice(eur("20.00")), THREE, {"b": "10.00"}),
        (sold(("8.00", 7)), AmountOff(eur("4.00")), THREE, {"a": "8.00"}),
        (sold(("8.00", 7)), percent("0.25"), THREE, {"a": "12.00"}),
        (sold(("8.00", 7)), AmountOff(eur("1.00"), per_piece=True), THREE, {"a": "6.00"}),
    ],
)
def test_sets(cart: PromotionCart, effect: Effect, sets: Sets, lost: dict[str, str]) -> None:
    assert take(cart, Promotion("p", effect, pieces=sets)) == lost


BUNDLE = Sets((SetPart(1, of("a")), SetPart(2, of("b"))))


@pytest.mark.parametrize(
    ("cart", "lost"),
    [
        # 100.00 + 2 x 20.00 for 119.00: 21.00 off, shared by what they cost.
        (sold(("100.00", 1), ("20.00", 2)), {"a": "15.00", "b": "6.00"}),
        (sold(("100.00", 1), ("20.00", 5)), {"a": "15.00", "b": "6.00"}),
        (sold(("100.00", 2), ("20.00", 4)), {"a": "30.00", "b": "12.00"}),
        (sold(("100.00", 2), ("20.00", 1)), {}),
        (sold(("100.00", 0), ("20.00", 2)), {}),
    ],
)
def test_bundles_of_different_products(cart: PromotionCart, lost: dict[str, str]) -> None:
    assert take(cart, Promotion("p", FixedPrice(eur("119.00")), pieces=BUNDLE)) == lost


def test_a_piece_that_serves_two_parts_of_a_set_goes_where_it_is_needed() -> None:
    # Only a serves both; b serves the first part alone, c the second alone.
    either = Sets((SetPart(1, of("a", "b")), SetPart(1, of("a", "c"))))
    half = Promotion("p", percent("0.5"), pieces=either)
    assert take(sold(("10.00", 1), ("4.00", 1)), half) == {"a": "5.00", "b": "2.00"}
    assert take(sold(("10.00", 1), ("4.00", 1), ("2.00", 1)), half) == {"a": "5.00", "b": "2.00"}
    # Two sets are b with a, and b with c; a and c alone would leave a b over.
    two = {"a": "5.00", "b": "4.00", "c": "1.00"}
    assert take(sold(("10.00", 1), ("4.00", 2), ("2.00", 1)), half) == two
    assert take(sold(("10.00", 2)), half) == {"a": "10.00"}


def test_pieces_serve_one_promotion() -> None:
    free = [Promotion(name, CheapestFree(3), spends_pieces=True) for name in ("p", "q")]
    assert take(sold(("9.00", 3)), *free) == {"a": "9.00"}
    assert take(sold(("9.00", 6)), *[attrs.evolve(one, effect=CheapestFree(3, times=1)) for one in free]) == {
        "a": "18.00"
    }
    # Without it both look at the same pieces: 9.00, and then a third of 18.00.
    assert take(sold(("9.00", 3)), *[attrs.evolve(one, spends_pieces=False) for one in free]) == {"a": "15.00"}


def test_what_is_left_of_unspent_pieces() -> None:
    # One of three 9.00 pieces is free; 10 % off all that is left; half off the other three, at 8.10 each.
    free = Promotion("p", CheapestFree(3, times=1), spends_pieces=True, priority=3)
    tenth = Promotion("q", percent("0.1"), priority=2)
    half = Promotion("r", percent("0.5"), spends_pieces=True, priority=1)
    outcome = apply(sold(("9.00", 6)), free, tenth, half)
    assert [str(one.amount) for one in outcome.applied] == ["9.00 EUR", "4.50 EUR", "12.15 EUR"]


def test_what_is_bought_is_spent_too() -> None:
    gets = Promotion("p", BuyXGetY(1, percent=Decimal("0.5"), of=of("b")), targets=of("a"), spends_pieces=True)
    others = [Promotion(sku, percent("0.1"), targets=of(sku), spends_pieces=True) for sku in ("qa", "qb")]
    others = [attrs.evolve(one, targets=of(one.id[1])) for one in others]
    assert take(sold(("10.00", 1), ("6.00", 1)), gets, *others) == {"b": "3.00"}
    assert take(sold(("10.00", 2), ("6.00", 1)), gets, *others) == {"b": "3.00"}
    assert take(sold(("10.00", 1), ("6.00", 2)), gets, *others) == {"b": "3.60"}


def test_percentages_of_the_original_price_add_up() -> None:
    added = [Promotion(name, percent(text, Basis.ORIGINAL)) for name, text in (("p", "0.2"), ("q", "0.1"))]
    assert take(sold(("100.00", 1)), *added) == {"a": "30.00"}
    compounded = [Promotion(name, percent(text)) for name, text in (("p", "0.2"), ("q", "0.1"))]
    assert take(sold(("100.00", 1)), *compounded) == {"a": "28.00"}
    more = [Promotion(name, percent("0.6", Basis.ORIGINAL)) for name in ("p", "q")]
    assert take(sold(("100.00", 1)), *more) == {"a": "100.00"}


def test_a_percentage_of_the_original_price_is_capped_and_floored_as_any() -> None:
    tenth = Promotion("p", AmountOff(eur("50.00")), priority=1)
    half = Promotion("q", percent("0.5", Basis.ORIGINAL), caps=Caps(floor=eur("10.00")))
    assert take(sold(("100.00", 1)), tenth, half) == {"a": "90.00"}
    capped = attrs.evolve(half, caps=Caps(line=eur("30.00")))
    assert take(sold(("100.00", 1)), tenth, capped) == {"a": "80.00"}
    by_piece = Promotion("r", percent("0.5", Basis.ORIGINAL), pieces=Pieces(1))
    assert take(sold(("100.00", 2)), tenth, by_piece) == {"a": "100.00"}


@pytest.mark.parametrize(
    ("price", "first", "least", "lost"),
    [
        ("120.00", percent("0.5"), "100.00", "60.00"),
        ("120.00", percent("0.1"), "100.00", "22.00"),
        ("60.00", percent("0.5"), "50.00", "30.00"),
    ],
)
def test_conditions_on_what_is_left(price: str, first: Effect, least: str, lost: str) -> None:
    half = Promotion("half", first, priority=5)
    after = Promotion("ten", AmountOff(eur("10.00")), condition=Amount(eur(least), basis=Basis.REMAINING))
    outcome = apply(sold((price, 1)), half, after)
    assert sum(one.amount.minor for one in outcome.applied) == eur(lost).minor
    before = attrs.evolve(after, condition=Amount(eur(least)))
    assert len(apply(sold((price, 1)), half, before).applied) == 2
    for one in outcome.passed:
        assert (one.reason, one.is_eligible) == ("its condition does not hold", False)


def test_a_condition_can_come_to_hold_after_others() -> None:
    half = Promotion("half", percent("0.5"), priority=5)
    small = Amount(eur("0.00"), eur("70.00"), basis=Basis.REMAINING)
    after = Promotion("ten", AmountOff(eur("10.00")), condition=AllOf((small, Quantity(1))))
    assert take(sold(("120.00", 1)), half, after) == {"a": "70.00"}
    assert take(sold(("120.00", 1)), after) == {}


def test_free_shipping_from_what_is_left() -> None:
    cart = sold(("60.00", 1), expenses=(Expense("ship", "acme", eur("4.90")),), shipping=("ship",))
    half = Promotion("half", percent("0.5"), priority=5)
    free = Promotion("free", ShippingOff(Decimal(1)), condition=Amount(eur("50.00"), basis=Basis.REMAINING))
    assert take(cart, half, free) == {"a": "30.00"}
    assert take(cart, free) == {"ship": "4.90"}


def test_sale_articles_are_left_out() -> None:
    lines = [
        PromotionLine(Line("a", "acme", eur("18.00")), "a", on_sale=False),
        PromotionLine(Line("b", "acme", eur("15.00")), "b", on_sale=True),
    ]
    fifth = Promotion("p", percent("0.2"), targets=LineFilter(on_sale=False))
    assert take(PromotionCart(lines, NOW), fifth) == {"a": "3.60"}
    assert take(PromotionCart(lines, NOW), attrs.evolve(fifth, targets=LineFilter(on_sale=True))) == {"b": "3.00"}
    assert take(PromotionCart(lines, NOW), attrs.evolve(fifth, targets=LineFilter())) == {"a": "3.60", "b": "3.00"}


def bear(*lines: tuple[str, int, str]) -> PromotionCart:
    made = [
        PromotionLine(Line(key, "acme", eur(price), quantity), key, least_price=eur(least))
        for key, (price, quantity, least) in zip("abc", lines, strict=False)
    ]
    return PromotionCart(made, NOW)


@pytest.mark.parametrize(
    ("effect", "pieces", "lost"),
    [
        (AmountOff(eur("20.00")), None, {"a": "5.00", "b": "15.00"}),
        (AmountOff(eur("40.00")), None, {"a": "5.00", "b": "30.00"}),
        (percent("0.5"), None, {"a": "5.00", "b": "25.00"}),
        (percent("0.5", Basis.ORIGINAL), None, {"a": "5.00", "b": "25.00"}),
        (FixedPrice(eur("10.00")), None, {"a": "5.00", "b": "30.00"}),
        (CheapestFree(2), None, {"a": "5.00"}),
        (AmountOff(eur("20.00")), Pieces(2), {"a": "5.00", "b": "15.00"}),
        (FixedPrice(eur("80.00")), Sets((SetPart(2),)), {"a": "5.00", "b": "15.00"}),
    ],
)
def test_no_product_goes_below_its_least_price(
    effect: Effect, pieces: Pieces | Sets | None, lost: dict[str, str]
) -> None:
    cart = bear(("50.00", 1, "45.00"), ("50.00", 1, "20.00"))
    assert take(cart, Promotion("p", effect, pieces=pieces)) == lost


def test_the_least_price_is_that_of_each_piece_and_holds_over_all_promotions() -> None:
    cart = bear(("50.00", 2, "45.00"))
    assert take(cart, Promotion("p", percent("0.08")), Promotion("q", percent("0.5"))) == {"a": "10.00"}
    floor = Promotion("p", percent("0.5"), caps=Caps(floor=eur("47.00")))
    assert take(cart, floor) == {"a": "6.00"}


def test_a_least_price_in_another_currency_bounds_nothing() -> None:
    line = PromotionLine(Line("a", "acme", eur("50.00")), "a", least_price=Money.of("4500", "JPY"))
    assert take(PromotionCart([line], NOW), Promotion("p", percent("0.5"))) == {"a": "25.00"}


GOODS_AND_SHIPPING = sold(
    ("10.00", 1),
    expenses=(
        Expense("acme-parcel", "acme", eur("5.00")),
        Expense("acme-express", "acme", eur("9.00")),
        Expense("service", "acme", eur("1.00")),
    ),
    shipping=("acme-parcel", "acme-express"),
)


@pytest.mark.parametrize(
    ("effect", "charges", "lost"),
    [
        (AmountOff(eur("50.00")), ChargeFilter(), {"a": "10.00", "acme-express": "9.00", "acme-parcel": "5.00"}),
        (AmountOff(eur("12.00")), ChargeFilter(), {"a": "5.00", "acme-express": "4.50", "acme-parcel": "2.50"}),
        (AmountOff(eur("50.00")), None, {"a": "10.00"}),
        (AmountOff(eur("50.00")), ChargeFilter(keys=("*-parcel",)), {"a": "10.00", "acme-parcel": "5.00"}),
        (percent("0.5"), ChargeFilter(), {"a": "5.00", "acme-express": "4.50", "acme-parcel": "2.50"}),
        (ShippingOff(Decimal(1)), ChargeFilter(keys=("*-express",)), {"acme-express": "9.00"}),
        (ShippingOff(Decimal(1)), ChargeFilter(merchants=("bolt",)), {}),
        (ShippingOff(Decimal(1)), None, {"acme-express": "9.00", "acme-parcel": "5.00"}),
        (ShippingOff(price=eur("7.00")), None, {"acme-express": "4.50", "acme-parcel": "2.50"}),
        (ShippingOff(price=eur("20.00")), None, {}),
        (ShippingOff(price=eur("0.00")), None, {"acme-express": "9.00", "acme-parcel": "5.00"}),
        (ShippingOff(price=eur("6.00"), per_charge=True), None, {"acme-express": "3.00"}),
        (ShippingOff(amount=eur("6.00")), None, {"acme-express": "3.86", "acme-parcel": "2.14"}),
        (ShippingOff(amount=eur("6.00"), per_charge=True), None, {"acme-express": "6.00", "acme-parcel": "5.00"}),
    ],
)
def test_goods_and_shipping(effect: Effect, charges: ChargeFilter | None, lost: dict[str, str]) -> None:
    assert take(GOODS_AND_SHIPPING, Promotion("p", effect, charges=charges)) == lost


def test_a_cap_binds_goods_and_shipping_together() -> None:
    both = Promotion("p", AmountOff(eur("50.00")), charges=ChargeFilter(), caps=Caps(order=eur("12.00")))
    assert take(GOODS_AND_SHIPPING, both) == {"a": "5.00", "acme-express": "4.50", "acme-parcel": "2.50"}
    # A cap of a line is not about charges: these bear what the line does not.
    by_line = attrs.evolve(both, caps=Caps(line=eur("2.00")), effect=AmountOff(eur("12.00")))
    assert take(GOODS_AND_SHIPPING, by_line) == {"a": "2.00", "acme-express": "6.43", "acme-parcel": "3.57"}
    half = attrs.evolve(by_line, effect=percent("0.5"))
    assert take(GOODS_AND_SHIPPING, half) == {"a": "2.00", "acme-express": "4.50", "acme-parcel": "2.50"}


def test_reductions_of_promotions_round_in_the_mode_of_reductions() -> None:
    down = attrs.evolve(PROFILE, reduction_mode=Rounding.DOWN)
    cart = sold(("10.05", 1))
    for effect, pieces in ((percent("0.1"), None), (percent("0.1"), Pieces(1))):
        offered = Promotion("p", effect, pieces=pieces)
        took = [str(apply(cart, offered, profile=one).applied[0].amount) for one in (PROFILE, down)]
        assert took == ["1.01 EUR", "1.00 EUR"]


@pytest.mark.parametrize(
    ("effect", "more"),
    [
        (CheapestFree(3), {"pieces": Pieces(1)}),
        (BuyXGetY(2), {"pieces": THREE}),
        (ShippingOff(Decimal(1)), {"pieces": Pieces(1)}),
        (ShippingOff(Decimal(1)), {"spends_pieces": True}),
        (Gift("bag"), {"spends_pieces": True}),
        (Gift("bag"), {"charges": ChargeFilter()}),
        (FixedPrice(eur("1.00")), {"charges": ChargeFilter()}),
        (AmountOff(eur("1.00"), per_piece=True), {"charges": ChargeFilter()}),
        (percent("0.1"), {"charges": ChargeFilter(), "pieces": Pieces(1)}),
        (percent("0.1"), {"charges": ChargeFilter(), "spends_pieces": True}),
    ],
)
def test_parts_that_do_not_go_together_are_refused(effect: Effect, more: dict[str, object]) -> None:
    with pytest.raises(InvalidValue):
        Promotion("p", effect, **more)  # type: ignore[arg-type]  # names of fields


@pytest.mark.parametrize("count", [0, -1, True, Decimal(1)])
def test_counts_are_whole_numbers(count: int) -> None:
    for make in (Pieces, SetPart, lambda n: Sets((SetPart(1),), n), lambda n: Gift("bag", n)):
        with pytest.raises(InvalidValue):
            make(count)


def test_a_set_has_one_to_eight_parts() -> None:
    for parts in ((), (SetPart(1),) * 9):
        with pytest.raises(InvalidValue):
            Sets(parts)
    assert take(sold(("1.00", 8)), Promotion("p", percent("1"), pieces=Sets((SetPart(1),) * 8))) == {"a": "8.00"}


def test_shipping_has_one_of_three() -> None:
    for given in ({}, {"percent": Decimal(1), "price": eur("1.00")}, {"price": eur("-1.00")}):
        with pytest.raises(InvalidValue):
            ShippingOff(**given)
