"""What is drawn of markets: it opens, it sells, what fails shrinks to what can be read, and that can be pasted."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample
from hypothesis.stateful import initialize, run_state_machine_as_test

from mktcore.carts import Cart, CartLine
from mktcore.catalog import Sku
from mktcore.commissions import CommissionRule
from mktcore.commissions.fee_terms import Fixed, Percentage
from mktcore.delivery.shipping_fee import ShippingFee
from mktcore.extra import Extra
from mktcore.goods import Unit
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.offers import Condition, Offer
from mktcore.orders import INTERACTION, MARKETPLACE_PROCESS, Order, OrderProcesses
from mktcore.orders.effects import EFFECTS
from mktcore.orders.effects.changes import Changes
from mktcore.orders.effects.effect import Effect, Found
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.parties.organisations.merchant import Merchant
from mktcore.pricing import PriceBreak, PriceSchedule
from mktcore.processes import Process, bind_portions
from mktcore.promotions.conditions import Amount, Quantity
from mktcore.promotions.effects import (
    AmountOff,
    BuyXGetY,
    CheapestFree,
    FixedPrice,
    Gift,
    PercentOff,
    ShippingOff,
)
from mktcore.promotions.line_filter import ChargeFilter, LineFilter
from mktcore.promotions.piece_selection import Pieces, SetPart, Sets, Which
from mktcore.promotions.promotion import Caps, Level, Promotion
from mktcore.sales_context import SalesContext
from mktcore.taxes.tax_rule import TaxRule
from mktcore.testing.fakes import CountingIds
from mktcore.testing.market_machine import MarketMachine
from mktcore.testing.market_sample import MarketSample
from mktcore.testing.market_strategies import carts, market_samples, merchant_processes, placed_orders, processes
from mktcore.testing.write_python_source import write_source
from mktcore.totals import RoundAt, compute_taxes
from mktcore.totals.inputs import Basis

QUIET = [*HealthCheck]
FEW = settings(max_examples=25, deadline=None, database=None)
SHRINKING = settings(max_examples=200, deadline=None, database=None, suppress_health_check=QUIET)
NAMES: dict[str, Any] = {
    "UTC": UTC,
    "datetime": datetime,
    "timedelta": timedelta,
    "Decimal": Decimal,
    "Fraction": Fraction,
    **{
        cls.__name__: cls
        for cls in (
            *(Cart, CartLine, SalesContext, Extra, Money, Condition, Merchant, Sku, PriceSchedule, PriceBreak, Offer),
            *(TaxRule, ShippingFee, CommissionRule, Percentage, Fixed, Promotion, LineFilter, PercentOff, AmountOff),
            *(
                BuyXGetY,
                CheapestFree,
                ShippingOff,
                FixedPrice,
                Gift,
                Amount,
                Quantity,
                Caps,
                ChargeFilter,
                MarketSample,
            ),
            *(Pieces, Sets, SetPart, Which, Level, Basis, Unit, MarketSample),
        )
    },
}


@st.composite
def sales(draw: st.DrawFn) -> tuple[MarketSample, Cart]:
    sample = draw(market_samples())
    return sample, draw(carts(offers=sample.offers))


@FEW
@given(sales())
def test_what_is_shown_of_it_makes_it(sale: tuple[MarketSample, Cart]) -> None:
    sample, cart = sale
    assert eval(repr(sample), dict(NAMES)) == sample  # noqa: S307 - of our own making
    assert eval(write_source(cart), dict(NAMES)) == cart  # noqa: S307 - as above


def test_source_text_leaves_out_what_is_as_by_default_and_names_enumerations() -> None:
    offer = Offer("acme-lamp", "acme", "lamp", schedule="s", condition=Condition.USED, channels=["web"])
    assert write_source(offer) == (
        "Offer(id='acme-lamp', merchant='acme', sku='lamp', schedule='s', condition=Condition.USED, "
        "channels=frozenset({'web'}))"
    )
    assert write_source(timedelta(days=2, seconds=3)) == "timedelta(days=2, seconds=3)"
    assert write_source((datetime(2026, 7, 1, tzinfo=UTC),)) == "(datetime(2026, 7, 1, tzinfo=UTC),)"
    assert write_source([Extra({"gift": True}), Decimal("0.10")]) == (
        "[Extra(everyone={'gift': True}), Decimal('0.10')]"
    )


@pytest.mark.slow
@FEW
@given(sales())
def test_a_market_that_is_drawn_opens_and_sells_what_it_says(sale: tuple[MarketSample, Cart]) -> None:
    sample, cart = sale
    first = sample.offers[0]
    with sample.open() as market:
        one = Cart.of("cart-0", buyer="b1", lines=[CartLine("l1", first.sku, offer=first.id)])
        assert market.simulate(one, scope=market.as_operator()).is_placeable()
        issues = market.simulate(cart, scope=market.as_operator()).issues
        packs = {"not-in-packs"}  # of another offer of the SKU, which the marketplace chose
        assert {issue.code for issue in issues} <= {"out-of-stock", "above-maximum", "no-offer", "offer-twice"} | packs
        assert market.verify() == ()


@pytest.mark.slow
@settings(FEW, max_examples=15)
@given(placed_orders(), processes(), merchant_processes())
def test_orders_and_processes_that_are_drawn_are_whole(order: Order, process: Process, part: Process) -> None:
    assert order.totals.grand_total == Money.sum(
        [one.totals.grand_total for one in order.merchant_orders]
        + [entry.totals.grand_total for entry in order.marketplace_order.expenses]
    )
    assert {one.source for one in process.transitions} <= {state.name for state in process.states}
    pair = OrderProcesses(bind_portions(MARKETPLACE_PROCESS), bind_portions(part), INTERACTION)
    Marketplace.in_memory("EUR", processes=pair).close()


def test_it_shrinks_to_one_line_at_one_cent() -> None:
    # The simplest that there is comes first.
    sample, cart = find(sales(), lambda _: True, settings=settings(SHRINKING, phases=[Phase.generate]))
    assert repr(sample) == (
        "MarketSample(merchants=(Merchant(id='acme', name='Acme'),), skus=(Sku(id='lamp', name='Lamp'),), "
        "schedules=(PriceSchedule(id='acme-lamp', owner='acme', "
        "breaks=(PriceBreak(quantity=1, unit_price=Money.of('0.01', 'EUR')),)),), "
        "offers=(Offer(id='acme-lamp', merchant='acme', sku='lamp', schedule='acme-lamp'),), "
        "stock={'acme-lamp': 1}, "
        "taxes=(TaxRule(id='standard:VAT', category='standard', name='VAT', rate=Decimal('0.19')),))"
    )
    assert write_source(cart) == (
        "Cart(id='cart-1', context=SalesContext(buyer='buyer-1'), lines=(CartLine(key='l1', sku='lamp', "
        "offer='acme-lamp'),))"
    )


# Two planted faults, and what they shrink to.


TWO_GOODS = MarketSample(
    [Merchant("acme", "Acme")],
    skus=[Sku("lamp", "Lamp", tax_category="standard"), Sku("vase", "Vase", tax_category="standard")],
    schedules=[
        PriceSchedule("acme-lamp", "acme", [PriceBreak(1, Money.of("0.11", "EUR"))]),
        PriceSchedule("acme-vase", "acme", [PriceBreak(1, Money.of("19.99", "EUR"))]),
    ],
    offers=[
        Offer("acme-lamp", "acme", "lamp", schedule="acme-lamp"),
        Offer("acme-vase", "acme", "vase", schedule="acme-vase"),
    ],
    stock={"acme-lamp": 99, "acme-vase": 99},
    taxes=[TaxRule.of("standard", "VAT", Decimal("0.19"))],
)


@pytest.mark.slow
def test_tax_that_is_rounded_on_the_sum_shrinks_to_two_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounding by the line is planted as rounding of the sum: two lines are enough to have another tax."""
    members = compute_taxes._round_members

    def round_sum(taxable: Any, shares: Any, profile: Any) -> list[int]:
        return members(taxable, shares, attrs.evolve(profile, at=RoundAt.ORDER))

    with TWO_GOODS.open() as market:

        def is_wrong(cart: Cart) -> bool:
            totals = market.simulate(cart, scope=market.as_operator()).totals
            # In each line 19 parts of 119, rounded half up.
            return any(
                line.tax_total.minor != int(Fraction(19 * line.grand_total.minor, 119) + Fraction(1, 2))
                for line in totals.lines.values()
            )

        drawn = carts(offers=TWO_GOODS.offers)
        with pytest.raises(NoSuchExample):
            find(drawn, is_wrong, settings=settings(SHRINKING, max_examples=20))
        monkeypatch.setattr(compute_taxes, "_round_members", round_sum)
        # From four starts: a shrinker may end at three lines of a piece each, from which no single step leads on.
        starts = [Random(seed) for seed in range(4)]  # noqa: S311 - a draw, no secret
        found = [find(drawn, is_wrong, settings=SHRINKING, random=start) for start in starts]
    cart = min(found, key=lambda one: len(one.lines))
    assert [(line.sku, line.quantity) for line in cart.lines] == [("lamp", 1), ("lamp", 2)], write_source(cart)


def _recall(transition: OrderTransition, found: Found) -> Changes:
    """Take a piece back whenever several of a line are shipped: what a host's own effect may get wrong."""
    del found
    recalled = {
        line.reservation: 1
        for part in transition.list_moved_parts()
        for line in part.lines
        for move in transition.moved.moves[part.id]
        if (move.line, move.event) == (line.key, "ship") and move.quantity > 1
    }
    return Changes(recalled=recalled)


class Wrong(MarketMachine):
    """A market with an effect that is wrong."""

    def open_market(self, sample: MarketSample) -> Marketplace:
        return Marketplace.in_memory(
            sample.currency, clock=self.clock, ids=CountingIds(), effects=(*EFFECTS, Effect("recall", _recall))
        )

    @initialize(sample=st.just(TWO_GOODS))
    def fill(self, sample: MarketSample) -> None:
        super().fill(sample)


@pytest.mark.slow
def test_an_effect_that_is_wrong_shrinks_to_one_line_and_one_event() -> None:
    phases = [Phase.generate, Phase.shrink]
    options = settings(
        max_examples=60, stateful_step_count=5, derandomize=True, phases=phases, deadline=None, database=None
    )
    with pytest.raises(AssertionError) as found:
        run_state_machine_as_test(Wrong, settings=settings(options, suppress_health_check=QUIET))
    shown = "\n".join(found.value.__notes__)
    assert shown.count("CartLine(") == 1, shown
    assert "quantity=2" in shown
    assert shown.count("state.place(") == shown.count("state.fire(") == 1


@pytest.mark.slow
def test_a_market_of_ours_stands_it() -> None:
    run_state_machine_as_test(
        MarketMachine, settings=settings(max_examples=8, stateful_step_count=10, deadline=None, database=None)
    )
