"""A merchant looks at what an order costs against its own price of now: it lets it pass, refuses it, or asks people."""

from decimal import Decimal
from typing import Any

import attrs
import pytest

from mktcore.access import PermissionDenied
from mktcore.carts import Cart, CartLine
from mktcore.errors import InvalidValue
from mktcore.marketplace import Marketplace
from mktcore.money.amount import Money
from mktcore.offers import OFFERS
from mktcore.orders import PriceApproval
from mktcore.orders.price_approvals.price_approval import ApprovalClosed, NotTheirTurn
from mktcore.persistence import NotFound, Scope
from mktcore.pricing import (
    ASSIGNMENTS,
    PRICE_SCHEDULES,
    Assignment,
    DivergenceRule,
    OnDivergence,
    PriceBreak,
    PriceSchedule,
)
from mktcore.pricing.price_divergence import Direction, DivergenceBand
from mktcore.processes import EventRefused

RULE = DivergenceRule.of(
    "bolt",
    [
        DivergenceBand(Direction.ABOVE, Decimal(0), None, action=OnDivergence.AUTHORISE),
        DivergenceBand(Direction.BELOW, Decimal(0), Decimal("0.05"), action=OnDivergence.AUTHORISE),
        DivergenceBand(
            Direction.BELOW, Decimal("0.05"), Decimal("0.2"), action=OnDivergence.TASK, approvers=("ann", "bo")
        ),
    ],
    otherwise=OnDivergence.DENY,
)
ANN, BO = Scope.merchant("bolt", user="ann"), Scope.merchant("bolt", user="bo")


def price(market: Marketplace, amount: str) -> None:
    """Let bolt ask another price for its tripod."""
    with market.store.begin(market.as_operator()) as unit:
        schedule = unit.repository(PRICE_SCHEDULES).get("bolt-tripod")
        changed = attrs.evolve(schedule, breaks=[PriceBreak(1, Money.of(amount, "EUR"))])
        unit.repository(PRICE_SCHEDULES).save(changed)
        unit.commit()


def place(market: Marketplace, number: int = 1, **asked: Any) -> str:
    """Buy two tripods at 19.95 of bolt, and return its merchant order."""
    lines = [CartLine("l1", "camera"), CartLine("l2", "tripod", 2, offer="bolt-tripod")]
    cart = Cart.of(f"cart-{number}", buyer="buyer-1", lines=lines, **asked)
    order = market.place(cart, key=f"k{number}", scope=market.as_operator())
    return next(part.id for part in order.merchant_orders if part.merchant == "bolt")


def check(market: Marketplace, amount: str) -> PriceApproval:
    order = place(market)
    market.orders.save_divergence_rule(RULE, scope=ANN)
    price(market, amount)
    return market.orders.check_price(order, scope=market.as_operator())


@pytest.mark.parametrize(
    ("amount", "state", "reason"),
    [
        ("19.95", "authorised", "the prices are the same"),
        ("10.00", "authorised", "above by over 0 % to more"),
        ("20.99", "authorised", "below by over 0 % to 5 %"),
        ("24.00", "waiting", "below by over 5 % to 20 %"),
        ("30.00", "denied", "no band matches"),
    ],
)
def test_the_merchants_bands_decide(market: Marketplace, amount: str, state: str, reason: str) -> None:
    found = check(market, amount)
    assert (found.state, found.reason) == (state, reason)
    assert (found.ordered, found.current) == (Money.of("39.90", "EUR"), Money.of(amount, "EUR") * 2)
    stands = market.orders.get_merchant_order(found.id, scope=market.as_operator()).states["l2"]
    assert stands == ({"canceled": 2} if state == "denied" else {"new": 2})


def test_what_was_decided_stays_however_prices_move(market: Marketplace) -> None:
    found = check(market, "24.00")
    price(market, "99.00")
    assert market.orders.check_price(found.id, scope=ANN) == found
    denied = market.orders.deny_price(found.id, scope=ANN, reason="too cheap")
    assert market.orders.check_price(found.id, scope=market.as_operator()) == denied


def test_approvers_answer_in_their_order(market: Marketplace) -> None:
    found = check(market, "24.00")
    with pytest.raises(NotTheirTurn, match="waits for ann, not for bo"):
        market.orders.approve_price(found.id, scope=BO)
    for scope in (Scope.merchant("bolt"), market.as_operator()):
        with pytest.raises(NotTheirTurn, match="a party without user"):
            market.orders.approve_price(found.id, scope=scope)
    half = market.orders.approve_price(found.id, scope=ANN)
    assert (half.state, half.approver) == ("waiting", "bo")
    assert [one.id for one in market.orders.page_price_approvals(scope=BO, approver="bo").items] == [found.id]
    assert market.orders.page_price_approvals(scope=BO, approver="ann").items == ()
    done = market.orders.approve_price(found.id, scope=BO, reason="fine")
    assert [(vote.user, vote.at, vote.approves, vote.reason) for vote in done.votes] == [
        ("ann", market.clock.now(), True, ""),
        ("bo", market.clock.now(), True, "fine"),
    ]
    assert done.state == "approved"
    assert market.orders.get_merchant_order(found.id, scope=ANN).states["l2"] == {"new": 2}
    with pytest.raises(ApprovalClosed, match="is approved"):
        market.orders.deny_price(found.id, scope=BO)


def test_one_refusal_denies_and_cancels_the_merchants_part(market: Marketplace) -> None:
    found = check(market, "24.00")
    market.orders.approve_price(found.id, scope=ANN)
    assert market.orders.deny_price(found.id, scope=BO, reason="below cost").state == "denied"
    order = market.orders.get_merchant_order(found.id, scope=market.as_operator())
    assert order.states["l2"] == {"canceled": 2}
    assert (
        market.orders.page_merchant_order_history(found.id, scope=BO).items[-1].moves[-1].why
        == "price divergence: below cost"
    )
    assert market.verify() == ()


def test_it_is_compared_with_the_price_for_this_user(market: Marketplace) -> None:
    with market.store.begin(market.as_operator()) as unit:
        vip = PriceSchedule("vip-tripod", "bolt", [PriceBreak(1, Money.of("15.00", "EUR"))])
        unit.repository(PRICE_SCHEDULES).add(vip)
        unit.repository(ASSIGNMENTS).add(Assignment("a1", "tripod", "vip-tripod", merchant="bolt", group="vip"))
        unit.commit()
    order = place(market, groups=("vip",))
    market.orders.save_divergence_rule(RULE, scope=ANN)
    found = market.orders.check_price(order, scope=ANN)
    assert (found.reason, str(found.current)) == ("the prices are the same", "30.00 EUR")


@pytest.mark.parametrize(
    ("otherwise", "state"), [(OnDivergence.DENY, "denied"), (OnDivergence.AUTHORISE, "authorised")]
)
def test_without_a_rule_the_setting_decides(market: Marketplace, otherwise: OnDivergence, state: str) -> None:
    strict = Marketplace(market.store, "EUR", clock=market.clock, divergence=otherwise)
    order = place(market)
    price(market, "19.99")
    assert strict.orders.check_price(order, scope=market.as_operator()).state == state
    with pytest.raises(InvalidValue, match="a task needs approvers"):
        Marketplace(market.store, "EUR", divergence=OnDivergence.TASK)


def test_a_price_that_is_gone_is_what_no_band_reaches(market: Marketplace) -> None:
    order = place(market)
    with market.store.begin(market.as_operator()) as unit:
        unit.repository(OFFERS).remove(unit.repository(OFFERS).get("bolt-tripod"))
        unit.commit()
    market.orders.save_divergence_rule(attrs.evolve(RULE, otherwise=OnDivergence.TASK, approvers=("ann",)), scope=ANN)
    found = market.orders.check_price(order, scope=ANN)
    assert (found.state, found.reason, found.current) == ("waiting", "no current price for l2", None)


def test_it_is_the_merchants_own_matter(market: Marketplace) -> None:
    found = check(market, "24.00")
    for scope in (Scope.merchant("acme", user="ann"), Scope.buyer("buyer-1")):
        with pytest.raises((NotFound, PermissionDenied)):
            market.orders.check_price(found.id, scope=scope)
        with pytest.raises((NotFound, PermissionDenied)):
            market.orders.approve_price(found.id, scope=scope)
        with pytest.raises((NotFound, PermissionDenied)):
            market.orders.save_divergence_rule(RULE, scope=scope)
    assert market.orders.page_price_approvals(scope=Scope.merchant("acme", user="ann")).items == ()
    with pytest.raises(PermissionDenied):  # no price approval is for buyers: an empty page would be a false answer
        market.orders.page_price_approvals(scope=Scope.buyer("buyer-1"))
    assert [one.id for one in market.orders.page_price_approvals(scope=market.as_operator()).items] == [found.id]


def test_what_is_shipped_can_be_denied_no_more(market: Marketplace) -> None:
    found = check(market, "24.00")
    market.fire(found.id, "ship", key="s1", scope=market.as_merchant("bolt"), lines={"l2": 1})
    assert market.orders.deny_price(found.id, scope=ANN).state == "denied"
    stands = market.orders.get_merchant_order(found.id, scope=market.as_operator()).states["l2"]
    assert stands == {"shipped": 1, "canceled": 1}


def test_a_refusal_that_comes_too_late_says_so(market: Marketplace) -> None:
    found = check(market, "24.00")
    market.fire(found.id, "ship", key="s1", scope=market.as_merchant("bolt"))
    with pytest.raises(EventRefused):
        market.orders.deny_price(found.id, scope=ANN)
    assert market.orders.get_merchant_order(found.id, scope=market.as_operator()).states["l2"] == {"shipped": 2}
