"""Laws of promotions, however scopes, pieces, sets, amounts and conditions are composed, and a judge that tries all."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import combinations
from typing import Any

import attrs
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mktcore.money import Money, Rounding
from mktcore.periods import Period
from mktcore.promotions import (
    Amount,
    AmountOff,
    BuyXGetY,
    CheapestFree,
    FixedPrice,
    Limits,
    LineFilter,
    PercentOff,
    Promotion,
    PromotionOutcome,
    PromotionPolicy,
    ShippingOff,
    WithCode,
    apply_promotions,
)
from mktcore.promotions.conditions import Condition
from mktcore.promotions.effects import Effect
from mktcore.promotions.line_filter import ChargeFilter
from mktcore.promotions.piece_selection import Pieces, SetPart, Sets, Which
from mktcore.promotions.promotion import Caps, Level
from mktcore.promotions.promotion_line import PromotionLine
from mktcore.promotions.promotion_lines import PromotionCart
from mktcore.testing.strategies import rounding_profiles
from mktcore.totals import Expense, Line, RoundAt, RoundingProfile, compute_totals
from mktcore.totals.inputs import Basis

NOW = datetime(2026, 5, 1, tzinfo=UTC)
PROFILE = RoundingProfile(RoundAt.LINE, Rounding.HALF_UP)
MERCHANTS = ("acme", "bolt")


def minor(amount: int) -> Money:
    return Money.from_minor(amount, "EUR")


AMOUNTS = st.integers(0, 2000).map(minor)
POSITIVE = st.integers(1, 2000).map(minor)
FRACTIONS = st.sampled_from([Decimal("0.1"), Decimal("0.333"), Decimal("0.5"), Decimal(1)])
FILTERS = st.sampled_from(
    [LineFilter(), LineFilter(skus=("s0", "s1")), LineFilter(merchants=("acme",)), LineFilter(on_sale=False)]
)
CHOICES = st.one_of(
    st.none(),
    st.builds(Pieces, st.integers(1, 4), st.sampled_from(Which)),
    st.builds(
        Sets,
        st.lists(st.builds(SetPart, st.integers(1, 2), FILTERS), min_size=1, max_size=2).map(tuple),
        st.none() | st.integers(1, 2),
    ),
)
ON_LINES: st.SearchStrategy[Effect] = st.one_of(
    st.builds(PercentOff, FRACTIONS, basis=st.sampled_from(Basis)),
    st.builds(AmountOff, POSITIVE, per_piece=st.booleans()),
    st.builds(AmountOff, POSITIVE, every=POSITIVE),
    st.builds(FixedPrice, AMOUNTS),
)
BY_PIECES: st.SearchStrategy[Effect] = st.one_of(
    st.builds(BuyXGetY, st.integers(1, 2), percent=FRACTIONS, of=st.none() | FILTERS, which=st.sampled_from(Which)),
    st.builds(CheapestFree, st.integers(2, 3), st.none() | st.just(1)),
)
SHIPPING: st.SearchStrategy[Effect] = st.one_of(
    st.builds(ShippingOff, FRACTIONS), st.builds(lambda price: ShippingOff(price=price), AMOUNTS)
)
LARGE: st.SearchStrategy[Effect] = st.one_of(
    st.builds(AmountOff, POSITIVE),
    st.builds(
        PercentOff, st.sampled_from([Decimal("0.3"), Decimal("0.5"), Decimal("0.8")]), basis=st.sampled_from(Basis)
    ),
)
CONDITIONS: st.SearchStrategy[Condition | None] = st.none() | st.builds(
    Amount, st.integers(0, 4000).map(minor), of=FILTERS, basis=st.sampled_from(Basis)
)
CAPS = st.builds(Caps, order=st.none() | AMOUNTS, line=st.none() | AMOUNTS, floor=st.none() | AMOUNTS)


@st.composite
def promotions(draw: st.DrawFn, name: str) -> Promotion:
    kind = draw(st.integers(0, 3))
    effect = draw((ON_LINES, ON_LINES, BY_PIECES, SHIPPING)[kind])
    is_stepped = getattr(effect, "every", None) is not None  # of whole lines only
    pieces = draw(CHOICES) if kind < 2 and not is_stepped else None
    spends = draw(st.booleans()) if kind < 3 and not is_stepped else False
    is_by_piece = pieces is not None or spends or isinstance(effect, FixedPrice) or getattr(effect, "per_piece", False)
    charges = draw(st.none() | st.just(ChargeFilter())) if kind < 2 and not is_by_piece else None
    return Promotion(
        name,
        effect,
        owner=draw(st.sampled_from([None, "acme"])),
        condition=draw(CONDITIONS),
        targets=draw(FILTERS),
        level=draw(st.sampled_from(Level)),
        judged=draw(st.none() | st.sampled_from(Level)),
        pieces=pieces,
        spends_pieces=spends,
        charges=charges,
        priority=draw(st.integers(0, 2)),
        group=draw(st.sampled_from(["", "", "season"])),
        exclusive=draw(st.integers(0, 7)) == 0,
        caps=draw(st.just(Caps()) | CAPS),
    )


@st.composite
def carts(draw: st.DrawFn, most: int = 4) -> PromotionCart:
    drawn = draw(
        st.lists(
            st.tuples(st.integers(0, 3000), st.integers(1, 4), st.none() | st.integers(0, 3000)),
            min_size=1,
            max_size=most,
        )
    )
    lines = [
        PromotionLine(
            Line(f"l{n}", draw(st.sampled_from(MERCHANTS)), minor(price), quantity),
            f"s{n}",
            on_sale=draw(st.booleans()),
            least_price=None if least is None else minor(least),
        )
        for n, (price, quantity, least) in enumerate(drawn)
    ]
    sellers = sorted({line.line.merchant for line in lines})
    charges = [Expense(f"ship-{seller}", seller, minor(draw(st.integers(0, 900)))) for seller in sellers]
    return PromotionCart(lines, NOW, expenses=charges, shipping=[one.key for one in charges])


def offers(most: int) -> st.SearchStrategy[tuple[Promotion, ...]]:
    return st.integers(1, most).flatmap(lambda count: st.tuples(*[promotions(f"p{n}") for n in range(count)]))


BY_WHICH_PIECES: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [{}, {"spends_pieces": True}, {"pieces": Pieces(2, Which.DEAREST)}]
)


@st.composite
def rivals(draw: st.DrawFn) -> tuple[Promotion, ...]:
    """Draw one promotion that comes first by priority, and up to three that it keeps out: they may be better.

    Only then does it matter for how much the search takes those that are still to come.
    """
    first = Promotion("p0", draw(LARGE), priority=3, exclusive=True)
    caps = st.just(Caps()) | st.builds(Caps, order=POSITIVE)
    others = [
        Promotion(f"p{n}", draw(LARGE), targets=draw(FILTERS), caps=draw(caps), **draw(BY_WHICH_PIECES))
        for n in range(1, draw(st.integers(2, 4)))
    ]
    return (first, *others)


def apply(
    cart: PromotionCart, offered: tuple[Promotion, ...], profile: RoundingProfile = PROFILE, *, best: bool = False
) -> PromotionOutcome:
    policy = PromotionPolicy(best_for_buyer=best, search_limit=10_000)
    return apply_promotions(offered, cart, profile=profile, currency="EUR", policy=policy)


def total(outcome: PromotionOutcome) -> int:
    return sum(one.amount.minor for one in outcome.applied)


def lost(outcome: PromotionOutcome) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in outcome.applied:
        for key, part in one.parts.items():
            found[key] = found.get(key, 0) + part.minor
    return found


@given(cart=carts(), offered=offers(4), profile=rounding_profiles(cash=False), best=st.booleans())
@settings(max_examples=150)
def test_parts_sum_and_no_line_goes_below_zero_or_its_least_price(
    cart: PromotionCart, offered: tuple[Promotion, ...], profile: RoundingProfile, best: bool
) -> None:
    outcome = apply(cart, offered, profile, best=best)
    assert outcome == apply(cart, offered[::-1], profile, best=best)
    totals = compute_totals(
        [line.line for line in cart.lines], outcome.reductions, cart.expenses, prices_include_tax=True, profile=profile
    )
    taken = lost(outcome)
    for one in outcome.applied:
        assert sum(part.minor for part in one.parts.values()) == one.amount.minor > 0
    for line in cart.lines:
        key = line.line.key
        figures = totals.lines[key]
        assert taken.get(key, 0) == figures.discount_total.minor
        least = 0 if line.least_price is None else line.least_price.minor * line.line.quantity
        # A line that is below its least price by itself loses nothing.
        assert figures.grand_total.minor >= min(least, figures.subtotal.minor)
    for charge in cart.expenses:
        assert taken.get(charge.key, 0) == totals.expenses[charge.key].discount_total.minor <= charge.amount.minor


@given(cart=carts(), offered=offers(3))
@settings(max_examples=150)
def test_a_promotion_changes_no_line_that_it_may_not_touch(cart: PromotionCart, offered: tuple[Promotion, ...]) -> None:
    lines = {line.line.key: line for line in cart.lines}
    sellers = {charge.key: charge.merchant for charge in cart.expenses}
    for one in apply(cart, offered).applied:
        promotion = one.promotion
        assert isinstance(promotion, Promotion)
        effect = promotion.effect
        of = effect.of if isinstance(effect, BuyXGetY) and effect.of is not None else promotion.targets
        for key in one.parts:
            if key in lines:
                assert of.matches(lines[key])
                assert promotion.owner in {None, lines[key].line.merchant}
                assert not isinstance(effect, ShippingOff)
            else:
                assert promotion.charges is not None or isinstance(effect, ShippingOff)
                assert promotion.owner in {None, sellers[key]}


NEVER = st.sampled_from(
    [
        {"condition": Amount(minor(10**9))},
        {"condition": WithCode(("nobody entered it",))},
        {"valid": Period(None, NOW)},
        {"targets": LineFilter(skus=("absent",))},
        {"limits": Limits(uses=0)},
    ]
)


@given(cart=carts(), offered=offers(3), other=promotions("q"), why=NEVER, best=st.booleans())
@settings(max_examples=150)
def test_a_promotion_that_does_not_apply_changes_nothing(
    cart: PromotionCart, offered: tuple[Promotion, ...], other: Promotion, why: dict[str, Any], best: bool
) -> None:
    never = attrs.evolve(other, **why)
    assert apply(cart, (*offered, never), best=best).applied == apply(cart, offered, best=best).applied


HUNDRED = PromotionCart([PromotionLine(Line("l0", "acme", minor(10_000), 1), "s0")], NOW)
SIXTY = Promotion("p0", PercentOff(Decimal("0.6")), priority=3, exclusive=True)
FORTY = (Promotion("p1", AmountOff(minor(4_000))), Promotion("p2", AmountOff(minor(4_000))))
EIGHTY = Promotion("p1", PercentOff(Decimal("0.8")), spends_pieces=True)


# Whoever takes those to come for less than they can take stays with the 60.00 of the first.
@example(cart=HUNDRED, offered=(SIXTY, *FORTY))
@example(cart=HUNDRED, offered=(SIXTY, EIGHTY))
@given(cart=carts(most=3), offered=offers(4) | rivals())
@settings(max_examples=150)
def test_the_best_for_the_buyer_is_worse_than_no_choice_that_it_rejects(
    cart: PromotionCart, offered: tuple[Promotion, ...]
) -> None:
    best = apply(cart, offered, best=True)
    assert best.is_complete
    # By priority, each choice alone: what does not combine in it is left out of it.
    choices = (kept for size in range(len(offered) + 1) for kept in combinations(offered, size))
    assert total(best) == max(total(apply(cart, kept)) for kept in choices)
