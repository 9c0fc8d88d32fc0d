"""A key that another user of the party asks with again answers with what was decided, as that user may see it."""

from collections.abc import Callable
from itertools import permutations

import pytest

from mktcore.access import Permission, User
from mktcore.carts import Cart, CartLine
from mktcore.extra import Extra
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.orders import MerchantOrder, Order
from mktcore.persistence import Party, Scope

BUYER = "buyer-1"
CLERK = [Permission.FULFIL_ORDERS, Permission.PLACE_ORDERS, Permission.CHANGE_ORDERS, Permission.READ_ORDERS]


@pytest.fixture
def market(market: Marketplace) -> Marketplace:
    operator = market.as_operator()
    for party, owner in ((Party.OPERATOR, ""), (Party.MERCHANT, "bolt")):
        may = [one for one in CLERK if party is Party.OPERATOR or one in {CLERK[0], CLERK[3]}]
        clerk = User(f"{owner or 'operator'}-clerk", party, owner, permissions=may)
        accountant = User(f"{owner or 'operator'}-accountant", party, owner, permissions=[*may, Permission.FINANCE])
        for user in (clerk, accountant):
            market.access.save_user(user, scope=operator)
    return market


def list_scopes(market: Marketplace, party: str) -> dict[str, Scope]:
    whole = market.as_operator() if party == "operator" else market.as_merchant(party)
    return {
        "clerk": market.as_user(f"{party}-clerk"),
        "accountant": market.as_user(f"{party}-accountant"),
        "party": whole,
    }


def place(market: Marketplace, scope: Scope, key: str) -> Order:
    cart = Cart.of(
        "cart-1", buyer=BUYER, lines=[CartLine("l1", "tripod", 2, offer="bolt-tripod")], extra=Extra({"note": "ring"})
    )
    return market.place(cart, key=key, scope=scope)


def find_commission(part: MerchantOrder) -> tuple[bool, bool]:
    """Tell whether the entries of commission are shown, and whether the sum is."""
    return part.commissions is not None, isinstance(part.commission, Money)


SEEN = {"clerk": (False, False), "accountant": (True, True), "party": (True, True)}
TURNS = list(permutations(SEEN))


@pytest.mark.parametrize("turns", TURNS, ids="-".join)
def test_a_placement_asked_for_again_by_another_user(market: Marketplace, turns: tuple[str, ...]) -> None:
    scopes = list_scopes(market, "operator")
    for who in turns:
        order = place(market, scopes[who], "k1")
        assert find_commission(order.merchant_orders[0]) == SEEN[who], who
        assert order == market.orders.get(order.id, scope=scopes[who])


def fire_merchant_order(market: Marketplace, scope: Scope) -> list[MerchantOrder]:
    return [market.fire("order-1--bolt", "pick", key="f1", scope=scope, reason="by hand")]


def fire_order(market: Marketplace, scope: Scope) -> list[MerchantOrder]:
    return list(market.orders.fire("order-1", "ask to cancel", key="f1", scope=scope).merchant_orders)


@pytest.mark.slow(counted=True)
@pytest.mark.parametrize(
    ("party", "fire"),
    [("bolt", fire_merchant_order), ("operator", fire_merchant_order), ("operator", fire_order)],
    ids=["merchant", "operator", "whole"],
)
@pytest.mark.parametrize("turns", TURNS, ids="-".join)
def test_an_action_asked_for_again_by_another_user(
    market: Marketplace,
    party: str,
    fire: Callable[[Marketplace, Scope], list[MerchantOrder]],
    turns: tuple[str, ...],
) -> None:
    place(market, market.as_operator(), "k1")
    scopes = list_scopes(market, party)
    for who in turns:
        [part] = fire(market, scopes[who])
        assert find_commission(part) == SEEN[who], who
        assert part == market.orders.get_merchant_order(part.id, scope=scopes[who])


def test_what_is_remembered_is_no_more_than_the_party_may_see(market: Marketplace) -> None:
    buyer = market.as_buyer(BUYER)
    placed = place(market, buyer, "k1")
    with market.store.begin(buyer.to_operator()) as unit:
        record = unit.find_record(str(buyer), "k1")
    assert record is not None
    assert record.result == placed
    assert placed.merchant_orders[0].commissions is None
