"""Laws of a whole sale: whatever is bought, shipped and canceled, sums are exact and no piece is lost."""

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from markets import open_in_memory
from mktcore.carts import Cart, CartLine
from mktcore.checkout import PlacementRefused
from mktcore.marketplace import Marketplace
from mktcore.marketplace.settings import Settings
from mktcore.money import Rounding
from mktcore.money.amount import Money
from mktcore.offers import OFFERS
from mktcore.processes import EventRefused
from mktcore.stock import StockLevel
from mktcore.testing.fakes import ManualClock
from mktcore.totals import Expense, Reduction, RoundAt, RoundingProfile

FIGURES = ("subtotal", "discount_total", "expense_total", "tax_total", "grand_total")
PROFILES = st.builds(
    RoundingProfile,
    at=st.sampled_from(RoundAt),
    mode=st.sampled_from(Rounding),
    cash_increment=st.sampled_from([None, Decimal("0.05"), Decimal(1)]),
)


def open_market(profile: RoundingProfile, *, included: bool) -> Marketplace:
    clock = ManualClock(datetime(2026, 7, 1, 12, tzinfo=UTC))
    return open_in_memory(clock, settings=Settings(profile=profile, prices_include_tax=included))


def find_levels(market: Marketplace) -> dict[str, StockLevel]:
    with market.store.begin(market.as_operator()) as unit:
        return unit.stock.find_levels([offer.id for offer in unit.repository(OFFERS).stream()])


@cache
def list_sold() -> list[str]:
    """Return the offers that have pieces."""
    market = open_market(RoundingProfile(at=RoundAt.LINE, mode=Rounding.HALF_UP), included=True)
    return sorted(offer for offer, level in find_levels(market).items() if level.available)


@st.composite
def carts(draw: st.DrawFn, name: str = "cart") -> Cart:
    offers = draw(st.lists(st.sampled_from(list_sold()), min_size=1, max_size=6, unique=True))
    lines = [
        CartLine(
            f"l{n}",
            offer.split("-", 2 if offer.startswith("second-look") else 1)[-1],
            draw(st.integers(1, 4)),
            offer=offer,
        )
        for n, offer in enumerate(offers)
    ]
    percent = draw(st.sampled_from([None, Decimal("0.05"), Decimal("0.333")]))
    reductions = [] if percent is None else [Reduction("SALE", percent=percent)]
    fee = draw(st.sampled_from([None, "0.01", "1.99"]))
    expenses = [] if fee is None else [Expense("service", None, Money.of(fee, "EUR"))]
    return Cart.of(name, buyer="buyer-1", lines=lines, reductions=reductions, expenses=expenses)


@given(cart=carts(), profile=PROFILES, included=st.booleans())
@settings(max_examples=60)
def test_every_figure_of_an_order_is_the_sum_of_its_parts(cart: Cart, profile: RoundingProfile, included: bool) -> None:
    market = open_market(profile, included=included)
    try:
        order = market.place(cart, key="k1", scope=market.as_operator())
    except PlacementRefused:
        return
    own = order.marketplace_order.expenses
    for figure in FIGURES:
        parts = [getattr(part.totals, figure) for part in order.merchant_orders]
        assert Money.sum([*parts, *(getattr(entry.totals, figure) for entry in own)]) == getattr(order.totals, figure)
        for part in order.merchant_orders:
            below = [getattr(line.totals, figure) for line in part.lines]
            below += [getattr(expense.totals, figure) for expense in part.expenses]
            assert Money.sum(below) == getattr(part.totals, figure)
    if profile.cash_increment is not None:
        assert order.totals.grand_total.amount % profile.cash_increment == 0
    assert market.verify() == ()


EVENTS = st.sampled_from(["ship", "deliver", "pick", "cancel by merchant"])


@given(cart=carts(), steps=st.lists(st.tuples(EVENTS, st.integers(0, 5), st.integers(1, 4)), max_size=12))
@settings(max_examples=60)
def test_no_piece_is_lost_or_doubled(cart: Cart, steps: list[tuple[str, int, int]]) -> None:
    market = open_market(RoundingProfile(at=RoundAt.LINE, mode=Rounding.HALF_UP), included=True)
    before = find_levels(market)
    try:
        order = market.place(cart, key="k1", scope=market.as_operator())
    except PlacementRefused:
        assert find_levels(market) == before
        return
    for number, (event, line, quantity) in enumerate(steps):
        for part in order.merchant_orders:
            try:
                market.fire(
                    part.id, event, key=f"{part.id}/{number}", scope=market.as_operator(), lines={f"l{line}": quantity}
                )
            except EventRefused:
                continue
    held: Counter[str] = Counter()
    gone: Counter[str] = Counter()
    for part in market.orders.get(order.id, scope=market.as_operator()).merchant_orders:
        for entry in part.lines:
            states = part.states[entry.key]
            assert sum(states.values()) == entry.quantity
            held[entry.offer] += states.get("new", 0) + states.get("picking", 0)
            gone[entry.offer] += states.get("shipped", 0) + states.get("delivered", 0)
    for offer, level in find_levels(market).items():
        assert level.on_hand == before[offer].on_hand - gone[offer]
        assert level.reserved == held[offer]
    assert market.verify() == ()
