"""A merchant looks at what an order costs against its own price of now: it lets it pass, refuses it, or asks people."""

from collections.abc import Mapping
from datetime import timedelta
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
from mktcore.orders.effects import EFFECTS, Changes, Effect, Found, OrderTransition
from mktcore.orders.price_approvals.price_approval import ApprovalClosed, NotTheirTurn, PriceNotApproved
from mktcore.orders.use_cases import FireAction
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
from mktcore.testing.fakes import ManualClock

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
    assert [one.id for one in market.orders.price_approvals.page(scope=BO, where={"approver": "bo"}).items] == [
        found.id
    ]
    assert market.orders.price_approvals.page(scope=BO, where={"approver": "ann"}).items == ()
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
    assert market.orders.price_approvals.page(scope=Scope.merchant("acme", user="ann")).items == ()
    with pytest.raises(PermissionDenied):  # no price approval is for buyers: an empty page would be a false answer
        market.orders.price_approvals.page(scope=Scope.buyer("buyer-1"))
    assert [one.id for one in market.orders.price_approvals.page(scope=market.as_operator()).items] == [found.id]


def ship(market: Marketplace, order: str, pieces: int) -> None:
    market.fire(order, "ship", key=f"s{pieces}", scope=market.as_merchant("bolt"), lines={"l2": pieces})


def check_shipped(market: Marketplace, pieces: int) -> PriceApproval:
    """Compare the price of an order of which some pieces have left."""
    order = place(market)
    ship(market, order, pieces)
    market.orders.save_divergence_rule(RULE, scope=ANN)
    price(market, "24.00")
    return market.orders.check_price(order, scope=ANN)


def find_states(market: Marketplace, order: str) -> Mapping[str, int]:
    return market.orders.get_merchant_order(order, scope=market.as_operator()).states["l2"]


def find_level(market: Marketplace) -> tuple[int, int]:
    with market.store.begin(market.as_operator()) as unit:
        level = unit.stock.find_levels(["bolt-tripod"])["bolt-tripod"]
    return level.on_hand, level.reserved


def find_approval(market: Marketplace, order: str) -> PriceApproval:
    return market.orders.check_price(order, scope=market.as_operator())


def test_what_is_shipped_can_be_denied_no_more(market: Marketplace) -> None:
    found = check_shipped(market, 1)
    assert market.orders.deny_price(found.id, scope=ANN).state == "denied"
    assert find_states(market, found.id) == {"shipped": 1, "canceled": 1}


def test_a_refusal_that_comes_too_late_says_so_and_is_not_stored(market: Marketplace) -> None:
    found = check_shipped(market, 2)
    with pytest.raises(EventRefused):
        market.orders.deny_price(found.id, scope=ANN)
    assert find_states(market, found.id) == {"shipped": 2}
    assert find_approval(market, found.id) == found
    market.orders.approve_price(found.id, scope=ANN)
    assert market.orders.approve_price(found.id, scope=BO).state == "approved"


def test_a_rule_that_refuses_too_late_decides_nothing(market: Marketplace) -> None:
    order = place(market)
    ship(market, order, 2)
    market.orders.save_divergence_rule(RULE, scope=ANN)
    price(market, "30.00")
    with pytest.raises(EventRefused):
        market.orders.check_price(order, scope=ANN)
    assert market.orders.price_approvals.page(scope=BO).items == ()
    price(market, "19.95")
    assert market.orders.check_price(order, scope=ANN).state == "authorised"


@pytest.mark.parametrize("amount", ["24.00", "30.00"])
def test_a_refusal_is_stored_with_the_cancellation_or_not_at_all(
    market: Marketplace, monkeypatch: pytest.MonkeyPatch, amount: str
) -> None:
    order = place(market)
    market.orders.save_divergence_rule(RULE, scope=ANN)
    price(market, amount)
    before = market.orders.check_price(order, scope=ANN) if amount == "24.00" else None

    def break_down(*_: object, **__: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(FireAction, "fire_inside", break_down)
    refuse = market.orders.check_price if before is None else market.orders.deny_price
    with pytest.raises(ConnectionError):
        refuse(order, scope=ANN)
    assert market.orders.price_approvals.page(scope=BO).items == (() if before is None else (before,))
    assert find_states(market, order) == {"new": 2}


def test_who_refuses_is_who_cancels(market: Marketplace) -> None:
    found = check(market, "24.00")
    market.orders.deny_price(found.id, scope=ANN, reason="x" * 1_000)
    [step] = market.orders.page_merchant_order_history(found.id, scope=ANN).items[-1:]
    assert {move.by for move in step.moves} == {ANN}
    assert step.moves[0].why.startswith("price divergence: xxx")


def test_while_a_price_waits_the_goods_are_kept_and_stay(market: Marketplace) -> None:
    found = check(market, "24.00")
    assert found.answer_by == market.clock.now() + timedelta(days=7)
    with pytest.raises(PriceNotApproved, match=r"the approval of their price is waiting, for ann to answer"):
        ship(market, found.id, 1)
    market.fire(found.id, "pick", key="p1", scope=market.as_merchant("bolt"))
    assert (find_states(market, found.id), find_level(market)) == ({"picking": 2}, (12, 2))
    market.orders.approve_price(found.id, scope=ANN)
    with pytest.raises(PriceNotApproved, match="for bo to answer"):
        ship(market, found.id, 1)
    market.orders.approve_price(found.id, scope=BO)
    ship(market, found.id, 1)
    assert (find_states(market, found.id), find_level(market)) == ({"picking": 1, "shipped": 1}, (11, 1))
    assert market.verify() == ()


def test_a_price_that_nobody_answers_is_refused_when_time_is_up(market: Marketplace, clock: ManualClock) -> None:
    found = check(market, "24.00")
    market.orders.approve_price(found.id, scope=ANN)
    clock.advance(timedelta(days=7) - timedelta(seconds=1))
    assert market.orders.expire() == 0
    clock.advance(timedelta(seconds=1))
    assert (market.orders.expire(), market.orders.expire()) == (1, 0)
    assert find_approval(market, found.id).state == "lapsed"
    assert (find_states(market, found.id), find_level(market)) == ({"canceled": 2}, (12, 0))
    last = market.orders.page_merchant_order_history(found.id, scope=BO).items[-1]
    assert last.moves[-1].why == "price divergence: nobody answered by 2026-07-08T12:00:00+00:00"
    with pytest.raises(ApprovalClosed, match="is lapsed"):
        market.orders.approve_price(found.id, scope=BO)
    with market.store.begin(market.as_operator()) as unit:
        told = [one.event for one in unit.find_events("price_approval", found.id)]
    assert [getattr(one, "state", None) for one in told] == ["waiting", "waiting", "lapsed"]
    assert market.verify() == ()


def test_the_rule_says_how_long_approvers_have(market: Marketplace, clock: ManualClock) -> None:
    order = place(market)
    market.orders.save_divergence_rule(attrs.evolve(RULE, answer_within=timedelta(hours=1)), scope=ANN)
    price(market, "24.00")
    found = market.orders.check_price(order, scope=ANN)
    clock.advance(timedelta(hours=1))
    assert market.orders.expire() == 1
    assert find_approval(market, found.id).state == "lapsed"
    with pytest.raises(InvalidValue, match="above zero"):
        attrs.evolve(RULE, answer_within=timedelta())


def test_what_is_answered_does_not_lapse(market: Marketplace, clock: ManualClock) -> None:
    found = check(market, "24.00")
    market.orders.deny_price(found.id, scope=ANN)
    clock.advance(timedelta(days=8))
    assert market.orders.expire() == 0
    assert find_approval(market, found.id).state == "denied"


def test_an_approval_ends_with_the_order_that_it_is_for(market: Marketplace, clock: ManualClock) -> None:
    found = check(market, "24.00")
    bolt = market.as_merchant("bolt")
    market.fire(found.id, "cancel by merchant", key="c1", scope=bolt, lines={"l2": 1})
    assert find_approval(market, found.id).state == "waiting"
    market.fire(found.id, "cancel by merchant", key="c2", scope=bolt)
    assert find_approval(market, found.id).state == "withdrawn"
    assert market.orders.price_approvals.page(scope=ANN, where={"approver": "ann"}).items == ()
    clock.advance(timedelta(days=8))
    assert market.orders.expire() == 0


def test_what_is_refused_stays_even_where_it_cannot_be_cancelled(market: Marketplace, clock: ManualClock) -> None:
    found = check(market, "24.00")
    buyer = market.as_buyer("buyer-1")
    clock.advance(timedelta(days=6))
    market.orders.fire(found.id.removesuffix("--bolt"), "ask to cancel", key="a1", scope=buyer, lines={"l2": 2})
    clock.advance(timedelta(days=1))
    assert market.orders.expire() == 1
    assert find_approval(market, found.id).state == "lapsed"
    with pytest.raises(PriceNotApproved, match="is lapsed"):
        ship(market, found.id, 1)
    market.fire(found.id, "accept cancellation", key="y1", scope=market.as_merchant("bolt"))
    assert find_level(market) == (12, 0)


def test_of_a_shipment_and_a_comparison_at_once_the_later_loses(market: Marketplace) -> None:
    order = place(market)
    market.orders.save_divergence_rule(RULE, scope=ANN)
    price(market, "24.00")
    asked: list[PriceApproval] = []

    def compare(transition: OrderTransition, found: Found) -> Changes:
        """Compare the price once the shipment has looked for an approval, and before it writes."""
        del transition, found
        asked.append(market.orders.check_price(order, scope=ANN))
        return Changes()

    racing = Marketplace(market.store, "EUR", clock=market.clock, effects=(*EFFECTS, Effect("race", compare)))
    with pytest.raises(PriceNotApproved):
        ship(racing, order, 1)
    assert (len(asked), find_states(market, order)) == (1, {"new": 2})
