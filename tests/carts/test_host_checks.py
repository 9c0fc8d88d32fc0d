"""A host's own checks of a cart: told with ours, and in the way of placing as ours are."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest

from carts.shop import open_shop, sell
from mktcore.carts import Cart, CartLine, Simulation
from mktcore.carts.host_checks import CheckAnswerRefused
from mktcore.catalog import Sku
from mktcore.checkout import PlacementRefused
from mktcore.marketplace import Marketplace
from mktcore.notice import Notice, Severity
from mktcore.orders import MARKETPLACE_ORDERS


def limit_lamps(simulation: Simulation) -> Iterable[Notice]:
    for line in simulation.lines:
        if line.sku.id == "lamp" and line.line.quantity > 2:
            operands = {"sku": "lamp", "most": 2}
            yield Notice("shop.too-many-lamps", "", "2 lamps at most", "take 2", operands).at_line(line.line.key)


def tell_late(_simulation: Simulation) -> tuple[Notice, ...]:
    return (Notice("shop.late", "", "it comes after the holidays", severity=Severity.WARNING),)


def open_lamps(*checks: Any, **settings: Any) -> Marketplace:
    market = open_shop(cart_checks=checks, **settings)
    market.catalog.save_sku(Sku("lamp", "lamp", "Lamp"), scope=market.as_operator())
    sell(market, "acme-lamp", "lamp", {1: "9.90"})
    return market


def count_orders(market: Marketplace) -> int:
    with market.store.begin(market.as_operator()) as unit:
        return unit.repository(MARKETPLACE_ORDERS).count()


def make_cart(quantity: int, *more: CartLine, id_: str = "c1") -> Cart:
    return Cart.of(id_, buyer="ann", lines=[CartLine("l1", "lamp", quantity), *more])


def test_what_a_host_finds_is_told_after_ours_and_in_the_order_of_its_checks() -> None:
    market = open_lamps(tell_late, limit_lamps, lambda _: ())
    told = market.simulate(make_cart(3, CartLine("l2", "ghost")), scope=market.as_buyer("ann"))
    assert [(issue.code, issue.line) for issue in told.issues][1:] == [("shop.too-many-lamps", "l1")]
    assert told.issues[0].line == "l2"
    assert [notice.code for notice in told.notices] == ["shop.late"]
    assert str(told.totals.order.grand_total) == "29.70 EUR"


def test_an_issue_of_a_host_stands_in_the_way_and_a_warning_does_not() -> None:
    market = open_lamps(tell_late, limit_lamps)
    scope = market.as_buyer("ann")
    with pytest.raises(PlacementRefused) as refused:
        market.place(make_cart(3), key="k1", scope=scope)
    assert [str(issue) for issue in refused.value.issues] == ["line l1: 2 lamps at most (take 2)"]
    assert market.verify() == ()
    with market.store.begin(market.as_operator()) as unit:
        assert unit.stock.find_levels(["acme-lamp"])["acme-lamp"].available == 100
    placed = market.place(make_cart(2), key="k2", scope=scope)
    assert str(placed.totals.grand_total) == "19.80 EUR"


def test_a_refusal_is_answered_again_as_it_was_whatever_the_check_says_by_now() -> None:
    answers = [tuple(limit_lamps(_simulate_three())), ()]
    market = open_lamps(lambda _: answers.pop(0))
    for _ in range(2):
        with pytest.raises(PlacementRefused) as refused:
            market.place(make_cart(3), key="k1", scope=market.as_buyer("ann"))
        assert refused.value.issues[0].operands == {"sku": "lamp", "most": 2, "line": "l1"}
    assert len(answers) == 1


def _simulate_three() -> Simulation:
    market = open_lamps()
    return market.simulate(make_cart(3), scope=market.as_operator())


def test_each_check_sees_the_whole_cart_as_the_operator_does_and_what_was_found_before_it() -> None:
    seen: list[Simulation] = []

    def look(simulation: Simulation) -> tuple[Notice, ...]:
        seen.append(simulation)
        return ()

    market = open_lamps(limit_lamps, look)
    market.simulate(make_cart(3), scope=market.as_buyer("ann"))
    assert seen[0] == market.simulate(make_cart(3), scope=market.as_operator())
    assert [issue.code for issue in seen[0].issues] == ["shop.too-many-lamps"]


@pytest.mark.parametrize(
    "answer",
    [
        None,
        7,
        "no",
        ["no"],
        [None],
        [Notice("", "", "no code")],
        [Notice("shop.no", "", "")],
        [Notice("shop.no", "", "amounts cannot be kept", operands={"most": Decimal("1.5")})],
        [Notice("shop.no", "", "nor can lists", operands={"skus": ["lamp"]})],
    ],
    ids=str,
)
def test_an_answer_that_cannot_be_told_is_the_hosts_fault_and_leaves_nothing(answer: Any) -> None:
    market = open_lamps(lambda _: answer)
    for ask in (
        lambda: market.simulate(make_cart(1), scope=market.as_buyer("ann")),
        lambda: market.place(make_cart(1), key="k1", scope=market.as_buyer("ann")),
    ):
        with pytest.raises(CheckAnswerRefused) as refused:
            ask()
        assert "<lambda>" in refused.value.check
        assert refused.value.error_category.status == 500
    assert count_orders(market) == 0


def test_a_check_that_fails_fails_the_placement_and_leaves_nothing() -> None:
    def fail(_simulation: Simulation) -> tuple[Notice, ...]:
        raise ConnectionError("somebody outside was asked")

    market = open_lamps(fail)
    with pytest.raises(ConnectionError):
        market.place(make_cart(1), key="k1", scope=market.as_buyer("ann"))
    assert count_orders(market) == 0
    assert market.verify() == ()
