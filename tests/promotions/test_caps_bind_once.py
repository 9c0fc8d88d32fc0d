"""A cap or a budget that binds is spread once, from exact shares: never from parts that were rounded before."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mktcore.money import Rounding
from mktcore.money.amount import Money
from mktcore.promotions import (
    AmountOff,
    BuyXGetY,
    FixedPrice,
    Limits,
    PercentOff,
    Promotion,
    PromotionOutcome,
    ShippingOff,
    apply_promotions,
)
from mktcore.promotions.effects import Effect
from mktcore.promotions.promotion import Caps, Level
from mktcore.promotions.promotion_line import PromotionLine
from mktcore.promotions.promotion_lines import PromotionCart
from mktcore.totals import Expense, Line, RoundAt, RoundingProfile

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def to_cart(*prices: str, quantity: int = 1, shipping: tuple[str, ...] = ()) -> PromotionCart:
    lines = [PromotionLine(Line(f"l{n}", "acme", eur(price), quantity), "sku") for n, price in enumerate(prices)]
    charges = [Expense(f"s{n}", "acme", eur(price)) for n, price in enumerate(shipping)]
    return PromotionCart(lines, NOW, expenses=charges, shipping=[charge.key for charge in charges])


def apply(promotion: Promotion, cart: PromotionCart, at: RoundAt = RoundAt.LINE) -> PromotionOutcome:
    return apply_promotions([promotion], cart, profile=RoundingProfile(at, Rounding.HALF_UP), currency="EUR")


def find_parts(promotion: Promotion, cart: PromotionCart) -> dict[str, str]:
    [applied] = apply(promotion, cart).applied
    return {key: str(amount.amount) for key, amount in applied.parts.items()}


LIMITED = [{"caps": Caps(order=eur("1.00"))}, {"limits": Limits(budget=eur("1.00"))}]


@pytest.mark.parametrize("limit", LIMITED, ids=["cap", "budget"])
def test_an_amount_that_is_capped_is_the_capped_amount(limit: dict[str, object]) -> None:
    promotion = Promotion("p", AmountOff(eur("2.00")), **limit)  # type: ignore[arg-type]  # the fields differ by case
    # 1.00 over 0.70, 2.00 and 0.30 is 23 1/3, 66 2/3 and 10; of 47, 133 and 20 it would be 23.5, 66.5 and 10.
    assert find_parts(promotion, to_cart("0.70", "2.00", "0.30")) == {"l0": "0.23", "l1": "0.67", "l2": "0.10"}


@pytest.mark.parametrize("limit", LIMITED, ids=["cap", "budget"])
@pytest.mark.parametrize(
    ("effect", "prices", "parts"),
    [
        # A half of each is 0.5, 0.5, 0.5 and 100: of 1, 1, 1 and 100 the small ones would get a cent each.
        (PercentOff(Decimal("0.5")), ("0.01", "0.01", "0.01", "2.00"), {"l0": "0.01", "l3": "0.99"}),
        (BuyXGetY(1, percent=Decimal("0.5")), ("0.01", "0.01", "0.01", "2.00"), {"l0": "0.01", "l3": "0.99"}),
        (FixedPrice(eur("0.10")), ("0.80", "2.10", "0.40"), {"l0": "0.23", "l1": "0.67", "l2": "0.10"}),
    ],
)
def test_every_effect_is_capped_before_it_is_rounded(
    limit: dict[str, object], effect: Effect, prices: tuple[str, ...], parts: dict[str, str]
) -> None:
    level = Level.LINE if isinstance(effect, BuyXGetY) else Level.ORDER
    promotion = Promotion("p", effect, level=level, **limit)  # type: ignore[arg-type]  # the fields differ by case
    assert find_parts(promotion, to_cart(*prices, quantity=2 if level is Level.LINE else 1)) == parts


def test_shipping_is_capped_before_it_is_rounded() -> None:
    cart = to_cart("9.00", shipping=("0.70", "2.00", "0.30"))
    for effect in (ShippingOff(percent=Decimal("0.99")), ShippingOff(amount=eur("2.00"))):
        capped = Promotion("p", effect, caps=Caps(order=eur("1.00")))
        assert find_parts(capped, cart) == {"s0": "0.23", "s1": "0.67", "s2": "0.10"}


def test_parts_of_a_cart_share_a_cap_by_what_each_would_take() -> None:
    # Two lines of two merchants, 2.00 off each: 2.00 and 0.50 come to 2.50, and the cap is 1.00.
    lines = [PromotionLine(Line("a", "acme", eur("3.00")), "x"), PromotionLine(Line("b", "bolt", eur("0.50")), "y")]
    cart = PromotionCart(lines, NOW)
    promotion = Promotion("p", AmountOff(eur("2.00")), level=Level.MERCHANT, caps=Caps(order=eur("1.00")))
    assert find_parts(promotion, cart) == {"a": "0.80", "b": "0.20"}


PRICES = st.lists(st.integers(1, 500), min_size=1, max_size=6)


@given(prices=PRICES, amount=st.integers(1, 900), cap=st.integers(1, 900), at=st.sampled_from(RoundAt))
def test_a_capped_amount_is_the_lesser_amount(prices: list[int], amount: int, cap: int, at: RoundAt) -> None:
    cart = to_cart(*[str(Decimal(price) / 100) for price in prices])
    capped = Promotion("p", AmountOff(Money.from_minor(amount, "EUR")), caps=Caps(order=Money.from_minor(cap, "EUR")))
    plain = Promotion("p", AmountOff(Money.from_minor(min(amount, cap), "EUR")))
    assert [one.parts for one in apply(capped, cart, at).applied] == [
        one.parts for one in apply(plain, cart, at).applied
    ]


@given(prices=PRICES, percent=st.integers(1, 100), cap=st.integers(1, 900), line=st.none() | st.integers(1, 300))
def test_a_capped_percentage_is_within_a_cent_of_its_exact_share(
    prices: list[int], percent: int, cap: int, line: int | None
) -> None:
    cart = to_cart(*[str(Decimal(price) / 100) for price in prices])
    caps = Caps(order=Money.from_minor(cap, "EUR"), line=None if line is None else Money.from_minor(line, "EUR"))
    outcome = apply(Promotion("p", PercentOff(Decimal(percent) / 100), caps=caps), cart)
    if not outcome.applied or outcome.applied[0].amount.minor < cap:
        return
    wanted = [min(Fraction(price * percent, 100), Fraction(line or price)) for price in prices]
    for number, want in enumerate(wanted):
        part = outcome.applied[0].parts.get(f"l{number}", Money.zero("EUR"))
        assert abs(part.minor - cap * want / sum(wanted)) < 1 or part.minor == line
