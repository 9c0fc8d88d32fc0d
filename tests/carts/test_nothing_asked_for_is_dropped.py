"""What a buyer asks for is on the order, or it is an issue, or the buyer is told: never dropped without a word."""

from decimal import Decimal

import pytest

from carts.shop import add_goods, eur, open_shop, sell, simulate
from mktcore.carts import Cart, CartLine, Simulation
from mktcore.catalog import Product, Sku
from mktcore.catalog.order_choices import Choice, Spec
from mktcore.checkout import PlacementRefused
from mktcore.marketplace import Marketplace
from mktcore.promotions import AllOf, Amount, AnyOf, Limits, Not, PercentOff, Promotion, WithCode
from mktcore.totals import Option

STRAP = Spec("strap", "Strap", [Choice("black"), Choice("red")], required=True)
EXTRAS = Spec("extras", "Extras", [Choice("bag"), Choice("card")], several=True)


@pytest.fixture
def market() -> Marketplace:
    market = open_shop()
    for spec in (STRAP, EXTRAS):
        market.catalog.save_spec(spec, scope=market.as_operator())
    add_goods(market, Product("watch", "Watch", specs=["strap", "extras"]), Sku("watch-1", "Watch", product="watch"))
    add_goods(market, Sku("pen", "Pen"))
    sell(market, "acme-watch", "watch-1", {1: "90.00"}, options=(Option("red", eur("5.00")),))
    sell(market, "acme-pen", "pen", {1: "9.00"})
    sell(market, "bolt-pen", "pen", {1: "10.00"}, options=(Option("engraving", eur("4.00")),))
    return market


def find_codes(simulation: Simulation) -> list[str]:
    return [issue.code for issue in simulation.issues]


def test_a_chosen_option_without_a_mark_up_is_on_the_order(market: Marketplace) -> None:
    cart = Cart.of("c", buyer="ann", lines=[CartLine("l1", "watch-1", options=("black", "bag", "card"))])
    order = market.place(cart, key="k", scope=market.as_buyer("ann"))
    [line] = order.merchant_orders[0].lines
    assert (line.chosen, line.options, line.totals.subtotal) == (("black", "bag", "card"), (), eur("90.00"))
    assert market.verify() == ()


def test_an_option_with_a_mark_up_costs_it_and_is_on_the_order(market: Marketplace) -> None:
    cart = Cart.of("c", buyer="ann", lines=[CartLine("l1", "watch-1", 2, options=("red",))])
    [line] = market.place(cart, key="k", scope=market.as_buyer("ann")).merchant_orders[0].lines
    assert (line.chosen, [option.key for option in line.options]) == (("red",), ["red"])
    assert line.totals.subtotal == eur("190.00")


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        (("black",), []),
        ((), ["choice-missing"]),
        (("black", "red"), ["too-many-choices"]),
        (("black", "gold"), ["unknown-option"]),
        (("gold",), ["unknown-option", "choice-missing"]),
        (("black", "bag", "bag"), ["option-twice"]),
    ],
)
@pytest.mark.parametrize("offer", [None, "acme-watch"], ids=["buy box", "named"])
def test_choices_are_those_that_specs_allow(
    market: Marketplace, options: tuple[str, ...], codes: list[str], offer: str | None
) -> None:
    simulation = simulate(market, CartLine("l1", "watch-1", options=options, offer=offer))
    assert find_codes(simulation) == codes
    assert all(issue.line == "l1" for issue in simulation.issues)


def test_goods_without_specs_take_the_options_that_their_price_knows(market: Marketplace) -> None:
    named = simulate(market, CartLine("l1", "pen", options=("engravign",), offer="bolt-pen"))
    assert [(issue.code, issue.operands["option"]) for issue in named.issues] == [("unknown-option", "engravign")]
    # acme is cheaper, and does not engrave.
    [chosen] = simulate(market, CartLine("l1", "pen", options=("engraving",))).lines
    assert chosen.offer.id == "bolt-pen"
    assert find_codes(simulate(market, CartLine("l1", "pen", options=("gold",)))) == ["unknown-option"]


def save(market: Marketplace, *promotions: Promotion) -> None:
    for one in promotions:
        market.promotions.save(one, scope=market.as_operator())


def test_a_code_that_nobody_takes_is_an_issue(market: Marketplace) -> None:
    save(market, Promotion("p", PercentOff(Decimal("0.10")), condition=WithCode(("SUMMER",))))
    assert find_codes(simulate(market, CartLine("l1", "pen"), codes=("summer",))) == []
    wrong = simulate(market, CartLine("l1", "pen"), codes=("SUMER", "summer"))
    assert [(issue.code, issue.operands["code"]) for issue in wrong.issues] == [("unknown-code", "SUMER")]
    cart = Cart.of("c", buyer="ann", lines=[CartLine("l1", "pen")], codes=("SUMER",))
    with pytest.raises(PlacementRefused, match="SUMER"):
        market.place(cart, key="k", scope=market.as_buyer("ann"))


def test_a_code_that_takes_nothing_off_is_told_and_kept(market: Marketplace) -> None:
    save(
        market,
        Promotion("big", PercentOff(Decimal("0.10")), condition=AllOf((WithCode(("BIG",)), Amount(eur("500.00"))))),
        Promotion("either", PercentOff(Decimal("0.10")), condition=AnyOf((Not(WithCode(("NO",))), WithCode(("YES",))))),
    )
    simulation = simulate(market, CartLine("l1", "pen"), codes=("BIG", "YES"))
    assert simulation.is_placeable()
    assert [(one.code, one.operands["code"], one.severity) for one in simulation.notices] == [
        ("code-without-effect", "BIG", "warning")
    ]
    cart = Cart.of("c", buyer="ann", lines=[CartLine("l1", "pen")], codes=("BIG", "YES"))
    assert market.place(cart, key="k", scope=market.as_buyer("ann")).marketplace_order.codes == ("BIG", "YES")


def test_a_code_that_is_used_up_is_told(market: Marketplace) -> None:
    save(market, Promotion("p", PercentOff(Decimal("0.1")), condition=WithCode(("ONE",)), limits=Limits(uses=0)))
    assert [one.code for one in simulate(market, CartLine("l1", "pen"), codes=("one",)).notices] == [
        "code-without-effect"
    ]
