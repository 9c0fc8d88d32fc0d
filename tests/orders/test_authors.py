"""Who did it: every step of a history names its real author, and the party it was done for."""

from datetime import timedelta
from decimal import Decimal

import attrs
import pytest

from mktcore.carts import Cart, CartLine
from mktcore.catalog import SKUS
from mktcore.marketplace import Marketplace
from mktcore.money.amount import Money
from mktcore.orders import Order
from mktcore.orders.actions.cancellations import AskToCancel
from mktcore.orders.price_approvals.price_approval import NotTheirTurn
from mktcore.persistence import Scope
from mktcore.pricing import PRICE_SCHEDULES, DivergenceRule, OnDivergence, PriceBreak
from mktcore.pricing.price_divergence import Direction, DivergenceBand
from mktcore.processes.portions.subject import Move
from mktcore.testing.fakes import ManualClock

RITA, BOLT, BUYER = Scope.operator(user="rita"), Scope.merchant("bolt"), Scope.buyer("buyer-1")
ANN = Scope.merchant("bolt", user="ann")
PART = "order-1--bolt"


def place(market: Marketplace, scope: Scope) -> Order:
    lines = (CartLine("l1", "tripod", 3, offer="bolt-tripod"), CartLine("l2", "camera", 1, offer="acme-camera"))
    return market.place(Cart.of("cart-1", buyer="buyer-1", lines=lines), key="k1", scope=scope)


def list_moves(market: Marketplace, scope: Scope, part: str = PART) -> list[Move]:
    page = market.orders.page_merchant_order_history(part, scope=scope)
    return [move for step in page.items for move in step.moves]


def list_whole_moves(market: Marketplace, scope: Scope) -> list[Move]:
    return [move for step in market.orders.page_history("order-1", scope=scope).items for move in step.moves]


def test_an_order_that_the_operators_user_placed_says_so(market: Marketplace) -> None:
    place(market, RITA)
    for moves in (list_whole_moves(market, RITA), list_moves(market, RITA)):
        by = moves[0].by
        assert by is not None
        assert (by.party, by.user, by.acts_for) == ("operator", "rita", BUYER)


def test_its_buyer_and_merchants_learn_the_party_and_not_the_person(market: Marketplace) -> None:
    place(market, RITA)
    for move in (list_whole_moves(market, BUYER)[0], list_moves(market, BOLT)[0]):
        assert move.by is not None
        assert (move.by.party, move.by.user, move.by.acts_for) == ("operator", None, BUYER)


def test_an_order_that_the_buyers_user_placed_names_that_user(market: Marketplace) -> None:
    place(market, Scope.buyer("buyer-1", user="ann"))
    assert list_whole_moves(market, BUYER)[0].by == Scope.buyer("buyer-1", user="ann")
    assert list_moves(market, RITA)[0].by == Scope.buyer("buyer-1", user="ann")
    assert list_moves(market, BOLT)[0].by == BUYER


def test_what_follows_in_the_other_process_has_the_author_of_what_set_it_off(market: Marketplace) -> None:
    place(market, BUYER)
    market.orders.fire("order-1", AskToCancel("too-late"), key="a1", scope=BUYER, lines={"l1": 1}, reason="late")
    asked = list_moves(market, BOLT)[-1]
    assert (asked.event, asked.by) == ("ask to cancel", BUYER)
    market.fire(PART, "ship", key="s1", scope=Scope.merchant("bolt", user="jo"), lines={"l1": 2})
    shipped = list_whole_moves(market, RITA)[-1]
    assert (shipped.event, shipped.by) == ("ship", Scope.merchant("bolt", user="jo"))
    assert list_whole_moves(market, BUYER)[-1].by == BOLT


def test_nobody_is_the_author_of_what_time_does(market: Marketplace, clock: ManualClock) -> None:
    place(market, BUYER)
    market.fire(PART, "ship", key="s1", scope=BOLT)
    market.fire(PART, "deliver", key="d1", scope=BOLT)
    clock.advance(timedelta(days=31))
    assert market.orders.expire() > 0
    assert (list_whole_moves(market, RITA)[-1].event, list_whole_moves(market, RITA)[-1].by) == ("close", None)


RULE = DivergenceRule.of(
    "bolt",
    [
        DivergenceBand(Direction.BELOW, Decimal(0), Decimal("0.2"), action=OnDivergence.TASK, approvers=("ann",)),
    ],
    otherwise=OnDivergence.DENY,
)


def raise_price(market: Marketplace, amount: str) -> None:
    with market.store.begin(market.as_operator()) as unit:
        schedule = unit.repository(PRICE_SCHEDULES).get("bolt-tripod")
        changed = attrs.evolve(schedule, breaks=[PriceBreak(1, Money.of(amount, "EUR"))])
        unit.repository(PRICE_SCHEDULES).save(changed)
        unit.commit()


@pytest.fixture
def ordered(market: Marketplace) -> Marketplace:
    market.orders.save_divergence_rule(RULE, scope=BOLT)
    place(market, BUYER)
    return market


def test_a_price_that_the_rule_denies_is_cancelled_by_who_asked_for_the_merchant(ordered: Marketplace) -> None:
    raise_price(ordered, "900.00")
    ordered.orders.check_price(PART, scope=RITA)
    canceled = list_moves(ordered, RITA)[-1]
    assert canceled.event == "cancel by merchant"
    assert canceled.by is not None
    assert (canceled.by.party, canceled.by.user, canceled.by.acts_for) == ("operator", "rita", BOLT)


def test_a_price_that_an_approver_denies_is_cancelled_by_that_approver(ordered: Marketplace) -> None:
    raise_price(ordered, "24.00")
    ordered.orders.check_price(PART, scope=RITA)
    ordered.orders.deny_price(PART, scope=ANN)
    assert (list_moves(ordered, BOLT)[-1].event, list_moves(ordered, BOLT)[-1].by) == ("cancel by merchant", ANN)


def test_the_operators_user_of_an_approvers_name_is_not_that_approver(ordered: Marketplace) -> None:
    raise_price(ordered, "24.00")
    ordered.orders.check_price(PART, scope=RITA)
    with pytest.raises(NotTheirTurn):
        ordered.orders.approve_price(PART, scope=Scope.operator(user="ann"))
    assert ordered.orders.approve_price(PART, scope=ANN).state == "approved"


def test_the_history_of_what_was_loaded_names_who_loaded_it() -> None:
    market = Marketplace.in_memory("EUR")
    market.load("examples/market", user="rita")
    revisions = market.catalog.page_history(SKUS, "tripod", scope=RITA).items
    assert [revision.by for revision in revisions] == [RITA]
