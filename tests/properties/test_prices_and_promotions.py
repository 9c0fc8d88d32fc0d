"""Laws of prices and promotions: no order of inputs matters, losers change nothing, parts sum, nothing is exceeded."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from mktcore.money import Money, Rounding
from mktcore.periods import Period
from mktcore.pricing import Assignment, PriceBook, PriceBreak, PriceQuery, PriceResolution, PriceSchedule
from mktcore.promotions import (
    AmountOff,
    BuyXGetY,
    CheapestFree,
    FixedPrice,
    LineFilter,
    PercentOff,
    Promotion,
    PromotionPolicy,
    apply_promotions,
)
from mktcore.promotions.effects import Effect
from mktcore.promotions.promotion import Caps, Level
from mktcore.promotions.promotion_line import PromotionLine
from mktcore.promotions.promotion_lines import PromotionCart
from mktcore.sales_context import SalesContext
from mktcore.testing.strategies import rounding_profiles
from mktcore.totals import Line, RoundAt, RoundingProfile, compute_totals

NOW = datetime(2026, 5, 1, tzinfo=UTC)
DAYS = st.sampled_from([None, *(NOW + timedelta(days=day) for day in (-9, -3, -1, 0, 1, 5))])


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start, end = draw(DAYS), draw(DAYS)
    return Period(start, None if start is not None and end is not None and end <= start else end)


QUERY = PriceQuery(
    "camera", "acme", "EUR", context=SalesContext("b1", user="u1", groups=("vip",), channel="web"), quantity=3
)
PROFILE = RoundingProfile(RoundAt.LINE, Rounding.HALF_UP)
WHOM: list[dict[str, str]] = [
    {},
    {"user": "u1"},
    {"group": "vip"},
    {"buyer": "b1"},
    {"buyer": "b2"},
    {"group": "staff"},
]


@st.composite
def candidates(draw: st.DrawFn, name: str) -> tuple[PriceSchedule, Assignment]:
    money = Money.from_minor(draw(st.integers(0, 9)), draw(st.sampled_from(["EUR", "EUR", "USD"])))
    owner = draw(st.sampled_from(["acme", "acme", "bolt"]))
    schedule = PriceSchedule(name, owner, [PriceBreak(1, money)], valid=draw(periods()))
    whom = draw(st.sampled_from(WHOM))
    merchant, channel = draw(st.sampled_from(["acme", None])), draw(st.sampled_from([None, "web", "outlet"]))
    return schedule, Assignment(f"to-{name}", "camera", name, merchant=merchant, channel=channel, **whom)  # type: ignore[arg-type]  # names of fields that hold a text


FIELDS = st.integers(0, 6).flatmap(lambda count: st.tuples(*[candidates(f"s{n}") for n in range(count)]))
Field = tuple[tuple[PriceSchedule, Assignment], ...]


def find(field: Field) -> object:
    found = PriceBook([one[0] for one in field], [one[1] for one in field]).find(QUERY, now=NOW)
    if isinstance(found, PriceResolution):
        return found.schedule, found.rule, found.is_ambiguous
    return found.notice.code


@given(field=FIELDS, data=st.data())
@settings(max_examples=200)
def test_resolution_does_not_depend_on_the_order_of_its_inputs(field: Field, data: st.DataObject) -> None:
    assert find(tuple(data.draw(st.permutations(field)))) == find(field)


@given(field=FIELDS, data=st.data())
@settings(max_examples=200)
def test_a_losing_candidate_changes_nothing(field: Field, data: st.DataObject) -> None:
    book = PriceBook([one[0] for one in field], [one[1] for one in field])
    found = book.find(QUERY, now=NOW)
    if not isinstance(found, PriceResolution):
        return
    losers = [one for one in field if one[0].id != found.schedule]
    kept = data.draw(st.sets(st.sampled_from(losers)) if losers else st.just(set()))
    winner = [one for one in field if one[0].id == found.schedule]
    again = find((*winner, *kept))
    assert isinstance(again, tuple)
    assert again[:2] == (found.schedule, found.rule)


EFFECTS: st.SearchStrategy[Effect] = st.sampled_from(
    [
        PercentOff(Decimal("0.333")),
        PercentOff(Decimal(1)),
        AmountOff(Money.of("7.77", "EUR")),
        FixedPrice(Money.of("1.01", "EUR")),
        BuyXGetY(2, 1, Decimal("0.5")),
        CheapestFree(3, times=1),
    ]
)
AMOUNTS = st.none() | st.integers(0, 2000).map(lambda minor: Money.from_minor(minor, "EUR"))


@st.composite
def promotions(draw: st.DrawFn, name: str) -> Promotion:
    owner = draw(st.sampled_from([None, "acme"]))
    return Promotion(
        name,
        draw(EFFECTS),
        owner=owner,
        level=draw(st.sampled_from(Level)),
        targets=LineFilter(categories=draw(st.sampled_from([(), ("photo",)]))),
        priority=draw(st.integers(0, 2)),
        group=draw(st.sampled_from(["", "season"])),
        exclusive=draw(st.integers(0, 5)) == 0,
        caps=draw(st.builds(Caps, order=AMOUNTS, line=AMOUNTS, floor=AMOUNTS)),
    )


@st.composite
def carts(draw: st.DrawFn) -> PromotionCart:
    lines = [
        PromotionLine(
            Line(f"l{n}", draw(st.sampled_from(["acme", "bolt"])), Money.from_minor(price, "EUR"), quantity),
            f"sku-{n}",
            category=draw(st.sampled_from(["photo/cameras", "kitchen"])),
        )
        for n, (price, quantity) in enumerate(
            draw(st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 5)), min_size=1, max_size=5))
        )
    ]
    return PromotionCart(lines, NOW)


OFFERED = st.integers(1, 5).flatmap(lambda count: st.tuples(*[promotions(f"p{n}") for n in range(count)]))


@given(cart=carts(), offered=OFFERED, profile=rounding_profiles(cash=False), best=st.booleans())
@settings(max_examples=200)
def test_parts_sum_to_the_promotion_and_no_line_loses_more_than_it_costs(
    cart: PromotionCart, offered: tuple[Promotion, ...], profile: RoundingProfile, best: bool
) -> None:
    policy = PromotionPolicy(best_for_buyer=best, search_limit=20)
    outcome = apply_promotions(offered, cart, profile=profile, currency="EUR", policy=policy)
    turned = apply_promotions(offered[::-1], cart, profile=profile, currency="EUR", policy=policy)
    assert outcome == turned
    lines = [line.line for line in cart.lines]
    totals = compute_totals(lines, outcome.reductions, prices_include_tax=True, profile=profile)
    lost = dict.fromkeys(totals.lines, 0)
    for one in outcome.applied:
        assert sum(part.minor for part in one.parts.values()) == one.amount.minor > 0
        assert isinstance(one.promotion, Promotion)
        cap = one.promotion.caps
        assert cap.order is None or one.amount <= cap.order
        for key, part in one.parts.items():
            lost[key] += part.minor
            assert cap.line is None or part <= cap.line
    for key, figures in totals.lines.items():
        assert lost[key] == figures.discount_total.minor <= figures.subtotal.minor
    sellers = {line.key: line.merchant for line in lines}
    for one in outcome.applied:
        assert not one.promotion.owner or {sellers[key] for key in one.parts} == {one.promotion.owner}


@given(cart=carts(), offered=OFFERED)
@settings(max_examples=100)
def test_the_search_is_never_worse_than_by_priority(cart: PromotionCart, offered: tuple[Promotion, ...]) -> None:
    by_priority, best = (
        apply_promotions(offered, cart, profile=PROFILE, currency="EUR", policy=PromotionPolicy(best_for_buyer=chosen))
        for chosen in (False, True)
    )
    taken = [sum(one.amount.minor for one in outcome.applied) for outcome in (by_priority, best)]
    assert taken[0] <= taken[1]
