"""Thousands of offers of one SKU cost a cart what they are once, and not once for every line."""

from datetime import UTC, datetime
from unittest.mock import patch

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mktcore.carts import Cart, CartLine, Simulation, simulate_cart
from mktcore.carts.market_facts import MarketFacts
from mktcore.carts.ranked_offers import RankedOffers
from mktcore.catalog import Sku
from mktcore.errors import InvalidValue
from mktcore.market_policy import MarketPolicy
from mktcore.money import Currency, Money, Rounding
from mktcore.offers import Offer
from mktcore.offers.offer import BackOrders
from mktcore.pricing import PriceBook, PriceBreak, PriceSchedule
from mktcore.stock import StockLevel
from mktcore.taxes import NO_TAXES
from mktcore.totals import RoundAt, RoundingProfile
from yardstick import check_cost, count_yards

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
POLICY = MarketPolicy(
    Currency.of("EUR"), prices_include_tax=True, profile=RoundingProfile(RoundAt.LINE, Rounding.HALF_UP)
)


@attrs.frozen(kw_only=True)
class Sold:
    """An offer of `sku`: its price and stock, and what else bounds it."""

    price: int
    stock: int
    minimum: int = 1
    maximum: int | None = None
    cumulative: bool = False
    backorders: BackOrders = BackOrders.ALLOWED
    breaks: tuple[tuple[int, int], ...] = ()


def make_facts(sold: list[Sold]) -> MarketFacts:
    named = {f"o{number:04}": one for number, one in enumerate(sold)}
    schedules = [
        PriceSchedule(
            name,
            f"m{name}",
            [PriceBreak(quantity, Money.from_minor(minor, "EUR")) for quantity, minor in ((1, one.price), *one.breaks)],
            cumulative=one.cumulative,
        )
        for name, one in named.items()
    ]
    offers = {
        name: Offer(
            name,
            f"m{name}",
            "sku",
            schedule=name,
            minimum=one.minimum,
            maximum=one.maximum,
            backorders=one.backorders,
        )
        for name, one in named.items()
    }
    return MarketFacts(
        skus={"sku": Sku("sku", "Sku")},
        offers=offers,
        prices=PriceBook(schedules, defaults={name: name for name in named}),
        levels={name: StockLevel(name, f"m{name}", on_hand=one.stock) for name, one in named.items()},
        taxes=NO_TAXES,
        shipping_fees={},
    )


def simulate(facts: MarketFacts, quantities: list[int], named: dict[int, str] | None = None) -> Simulation:
    lines = [
        CartLine(f"l{number}", "sku", quantity, offer=(named or {}).get(number))
        for number, quantity in enumerate(quantities)
    ]
    return simulate_cart(Cart.of("c", buyer="b", lines=lines), facts, POLICY, now=NOW)


@pytest.mark.slow
def test_a_hundred_lines_cost_little_more_than_one() -> None:
    facts = make_facts([Sold(price=1000 + n * 7919 % 977, stock=1000) for n in range(3000)])
    once = min(count_yards(lambda: simulate(facts, [1])) for _ in range(3))
    check_cost(lambda: simulate(facts, [1] * 100), yards=3 * once)


def test_each_line_is_given_the_cheapest_that_the_lines_before_left() -> None:
    facts = make_facts([Sold(price=300, stock=9), Sold(price=100, stock=3), Sold(price=200, stock=2)])
    found = simulate(facts, [1, 2, 1, 1, 5, 1], named={1: "o0001"})
    assert [(line.offer.id, line.price.unit_price.minor) for line in found.lines] == [
        ("o0001", 100),
        ("o0001", 100),
        ("o0002", 200),
        ("o0002", 200),
        ("o0000", 300),
        ("o0000", 300),
    ]
    # Every box tells all offers, with what was left when its line came.
    box = found.lines[4].choice
    assert box is not None
    assert [(one.offer.id, one.available) for one in box.candidates] == [("o0000", 5), ("o0001", 0), ("o0002", 0)]


SOLD = st.builds(
    Sold,
    price=st.integers(100, 104),
    stock=st.integers(0, 6),
    minimum=st.sampled_from([1, 1, 1, 2, 4]),
    maximum=st.sampled_from([None, None, 4, 5]),
    cumulative=st.sampled_from([False, False, True]),
    backorders=st.sampled_from(BackOrders),
    breaks=st.sampled_from([(), (), ((3, 95),), ((2, 99), (5, 90))]),
)


@pytest.mark.slow
@given(
    st.lists(SOLD, min_size=1, max_size=6),
    st.lists(st.integers(1, 3), min_size=1, max_size=8),
    st.dictionaries(st.integers(0, 7), st.sampled_from(["o0000", "o0001"]), max_size=2),
)
def test_what_is_kept_from_line_to_line_is_as_if_looked_at_afresh(
    sold: list[Sold], quantities: list[int], named: dict[int, str]
) -> None:
    facts = make_facts(sold)
    kept = simulate(facts, quantities, named)
    choose = RankedOffers.choose

    def choose_afresh(self: RankedOffers, *given: object) -> object:
        self._shelves.clear()
        return choose(self, *given)  # type: ignore[arg-type]  # the line and its goods

    with patch.object(RankedOffers, "choose", choose_afresh):
        afresh = simulate(facts, quantities, named)
    assert kept.issues == afresh.issues
    assert kept.totals.order == afresh.totals.order
    for one, other in zip(kept.lines, afresh.lines, strict=True):
        assert (one.offer, one.price.unit_price, one.sources) == (other.offer, other.price.unit_price, other.sources)
        shown, wanted = [[] if line.choice is None else list(line.choice.candidates) for line in (one, other)]
        assert [(c.offer.id, c.available, c.refusals) for c in shown] == [
            (c.offer.id, c.available, c.refusals) for c in wanted
        ]
        assert [c.price and c.price.unit_price for c in shown] == [c.price and c.price.unit_price for c in wanted]


def test_a_cart_has_a_hundred_codes_and_a_line_two_hundred_options_at_most() -> None:
    line = CartLine("l1", "sku", options=tuple(map(str, range(200))))
    assert len(Cart.of("c", buyer="b", lines=[line], codes=map(str, range(100))).codes) == 100
    with pytest.raises(InvalidValue, match="100 at most"):
        Cart.of("c", buyer="b", lines=[line], codes=map(str, range(101)))
    with pytest.raises(InvalidValue, match="200 at most"):
        attrs.evolve(line, options=tuple(map(str, range(201))))


def test_lines_with_one_key_are_told_of_quickly() -> None:
    lines = [CartLine(f"l{number // 2}", "sku") for number in range(20_000)]

    def build() -> None:
        with pytest.raises(InvalidValue, match="a key of its own"):
            Cart.of("c", buyer="b", lines=lines)

    check_cost(build, yards=3)
