"""A price that is one user's alone is nobody else's, whatever a cart or a request names."""

import pytest

from mktcore.access import User
from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.money.amount import Money
from mktcore.persistence import NotFound, Party, Scope
from mktcore.pricing import Assignment, PriceBreak, PriceSchedule
from mktcore.sales_context import SalesContext
from mktcore.storefront import ViewRequest


@pytest.fixture(autouse=True)
def give_one_user_a_price(market: Marketplace) -> None:
    for user, buyer in (("u1", "ann"), ("u2", "bob")):
        scope = market.as_buyer(buyer)
        market.access.save_user(User(user, Party.BUYER, buyer, roles=frozenset({"buyer-purchaser"})), scope=scope)
    bolt = market.as_merchant("bolt")
    market.prices.save_schedule(PriceSchedule("for-u1", "bolt", [PriceBreak(1, Money.of("1.00", "EUR"))]), scope=bolt)
    market.prices.assign(Assignment("a1", "tripod", "for-u1", merchant="bolt", user="u1"), scope=bolt)


def make_cart(buyer: str, user: str) -> Cart:
    return Cart.of("c", buyer=buyer, lines=[CartLine("l", "tripod", 1, offer="bolt-tripod")], user=user)


CART = make_cart("ann", "u1")
VIEW = ViewRequest("bolt", SalesContext(user="u1"))


def find_price(market: Marketplace, cart: Cart, scope: Scope) -> str:
    return str(market.simulate(cart, scope=scope).lines[0].price.unit_price)


def test_a_user_and_its_buyer_get_the_users_price(market: Marketplace) -> None:
    for scope in (market.as_user("u1"), market.as_buyer("ann"), market.as_operator()):
        assert find_price(market, CART, scope) == "1.00 EUR"
        [view] = market.storefront.view_of_seller(
            "tripod", ViewRequest("bolt", SalesContext("ann", user="u1")), scope=scope
        )
        assert view.price is not None
    assert market.storefront.view_of_seller("tripod", VIEW, scope=market.as_merchant("bolt"))


def test_a_user_names_no_other_user_whether_there_is_one_or_not(market: Marketplace) -> None:
    scope = market.as_user("u2")
    for name in ("u1", "u9"):
        cart, view = make_cart("bob", name), ViewRequest("bolt", SalesContext("bob", user=name))
        for ask in (
            lambda: market.simulate(cart, scope=scope),  # noqa: B023 - asked before the loop goes on
            lambda: market.place(cart, key="k", scope=scope),  # noqa: B023 - as above
            lambda: market.storefront.view_of_seller("tripod", view, scope=scope),  # noqa: B023 - as above
            lambda: market.storefront.page_of_seller(view, scope=scope),  # noqa: B023 - as above
        ):
            with pytest.raises(NotFound, match=f"user '{name}'"):
                ask()
    assert find_price(market, make_cart("bob", "u2"), scope) != "1.00 EUR"


def test_another_buyers_user_is_to_a_buyer_as_one_that_nobody_stored(market: Marketplace) -> None:
    bob = market.as_buyer("bob")

    def show(user: str) -> list[str]:
        view = ViewRequest("bolt", SalesContext("bob", user=user))
        simulation = market.simulate(make_cart("bob", user), scope=bob)
        answers = [
            simulation,
            simulation.explain().to_text(),
            market.storefront.view_of_seller("tripod", view, scope=bob),
            market.storefront.page_of_seller(ViewRequest("bolt", SalesContext(user=user)), scope=bob, limit=3),
        ]
        return [str(answer).replace(f"'{user}'", "?") for answer in answers]

    assert show("u1") == show("u9")
    assert "1.00 EUR" not in show("u1")[1]
    placed = market.place(make_cart("bob", "u1"), key="k", scope=bob)
    assert placed.marketplace_order.user == "u1"
    assert placed.merchant_orders[0].lines[0].schedule != "for-u1"
    # Nor does its price decide when the merchant compares: it is the order's own that is right.
    assert market.orders.check_price(placed.merchant_orders[0].id, scope=market.as_merchant("bolt")).current is not None
    assert market.place(make_cart("bob", "u1"), key="k", scope=bob) == placed


def test_another_merchant_learns_no_price_of_a_user_or_group(market: Marketplace) -> None:
    acme = market.as_merchant("acme")
    for request in (VIEW, ViewRequest("bolt", SalesContext(groups=("vip",)))):
        with pytest.raises(NotFound):
            market.storefront.view_of_seller("tripod", request, scope=acme)
    assert market.storefront.view_of_seller("tripod", ViewRequest("bolt"), scope=acme)


def test_a_user_that_only_the_host_knows_is_the_buyers_word(market: Marketplace) -> None:
    assert find_price(market, make_cart("ann", "u9"), market.as_buyer("ann")) != "1.00 EUR"
