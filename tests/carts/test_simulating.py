"""What a cart would cost, and everything that stands in its way."""

from decimal import Decimal

import pytest

from mktcore.carts import Cart, CartLine, Simulation
from mktcore.errors import InvalidValue
from mktcore.marketplace import Marketplace
from mktcore.money.amount import Money
from mktcore.payments import Payment
from mktcore.persistence import NotFound
from mktcore.totals import Expense, InvalidTotals, Reduction


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def simulate(market: Marketplace, *lines: CartLine, **extras: object) -> Simulation:
    cart = Cart.of("cart-1", buyer="buyer-1", lines=lines, **extras)  # type: ignore[arg-type]  # the tests' own extras
    # What is charged or given beside the goods is the operator's to say.
    return market.simulate(cart, scope=market.as_operator() if extras else market.as_buyer("buyer-1"))


def find_issues(simulation: Simulation) -> list[tuple[str, str | None]]:
    return [(issue.code, issue.line) for issue in simulation.issues]


def test_the_first_sale_costs_what_it_should(market: Marketplace) -> None:
    simulation = simulate(
        market,
        CartLine("l1", "camera"),
        CartLine("l2", "tripod", 2, offer="bolt-tripod"),
        CartLine("l3", "coffee-house", 5),
        CartLine("l4", "grinder"),
    )
    assert simulation.is_placeable()
    assert [line.offer.id for line in simulation.lines] == [
        "acme-camera",
        "bolt-tripod",
        "kettle-coffee-house",
        "bolt-grinder",
    ]
    totals = simulation.totals
    assert {merchant: str(part.grand_total) for merchant, part in totals.merchants.items()} == {
        "acme": "179.00 EUR",  # shipping is free from 150.00
        "bolt": "110.70 EUR",  # 2 x 19.95 + 66.90 + 3.90 shipping
        "kettle": "49.50 EUR",  # 5 x 9.90, shipping free from 35.00
    }
    assert totals.order.grand_total == eur("339.20")
    assert totals.order.tax_total == eur("28.58") + eur("6.37") + eur("10.68") + eur("0.62") + eur("3.24")
    assert totals.lines["l3"].taxes == {("VAT", Decimal("0.07")): eur("3.24")}


def test_every_issue_is_reported_at_once_in_the_order_of_the_lines(market: Marketplace) -> None:
    simulation = simulate(
        market,
        CartLine("a", "camera", 1_000),
        CartLine("b", "hovercraft"),
        CartLine("c", "camera", 1, offer="bolt-tripod"),
        CartLine("d", "coffee-house", 1, offer="fern-coffee-house"),  # expired
        CartLine("e", "grinder", 1, offer="kettle-grinder"),  # sold out
        CartLine("f", "lens-zoom", 1, offer="nobody"),
        CartLine("g", "mug-enamel"),
        payments=(Payment("card", eur("1.00")),),
    )
    assert find_issues(simulation) == [
        ("out-of-stock", "a"),
        ("unknown-sku", "b"),
        ("unknown-offer", "c"),
        ("offer-not-valid", "d"),
        ("out-of-stock", "e"),
        ("unknown-offer", "f"),
        ("payments-differ", None),
    ]
    short = simulation.issues[0]
    assert short.operands == {"sku": "camera", "wanted": 1_000, "available": 5, "line": "a"}
    assert str(short) == "line a: 1000 x Mirrorless camera M4 wanted, 5 available (take 5)"
    assert [line.line.key for line in simulation.lines] == ["e", "g"]  # what could be priced is in the totals


def test_an_offer_that_has_not_started_is_not_valid(market: Marketplace) -> None:
    simulation = simulate(market, CartLine("l1", "camera-instant", 1, offer="acme-camera-instant"))
    assert find_issues(simulation) == [("offer-not-valid", "l1")]  # it starts next year
    assert simulation.totals.order.grand_total == eur("0")


def test_lines_on_one_offer_share_its_stock(market: Marketplace) -> None:
    lines = [CartLine(f"l{number}", "tripod", 5, offer="bolt-tripod") for number in (1, 2, 3)]  # 12 are there
    simulation = simulate(market, *lines)
    assert find_issues(simulation) == [("out-of-stock", "l3")]
    assert simulation.issues[0].operands["available"] == 2


def test_the_buy_box_sees_what_the_lines_before_left(market: Marketplace) -> None:
    simulation = simulate(market, CartLine("l1", "camera", 5), CartLine("l2", "camera", 3))
    assert [line.offer.id for line in simulation.lines] == ["acme-camera", "bolt-camera"]


def test_an_empty_cart_is_an_issue(market: Marketplace) -> None:
    assert find_issues(simulate(market)) == [("empty-cart", None)]


def test_a_charge_from_outside_replaces_the_merchants_own_shipping_fee(market: Marketplace) -> None:
    line = CartLine("l1", "tripod", 1, offer="bolt-tripod")
    assert simulate(market, line).totals.order.expense_total == eur("3.90")
    freight = Expense("shipping-bolt", "bolt", eur("7.25"))
    assert simulate(market, line, shipping=(freight,)).totals.order.expense_total == eur("7.25")
    assert simulate(market, line, expenses=(freight,)).totals.order.expense_total == eur("11.15")


def test_payments_that_cover_the_order_are_no_issue(market: Marketplace) -> None:
    payments = (Payment("voucher", eur("4.35")), Payment("card", eur("20.00")))
    assert simulate(market, CartLine("l1", "tripod", 1, offer="bolt-tripod"), payments=payments).is_placeable()


def test_a_voucher_lowers_the_total(market: Marketplace) -> None:
    simulation = simulate(market, CartLine("l1", "camera"), reductions=(Reduction("SUMMER", amount=eur("5.00")),))
    assert simulation.totals.order.grand_total == eur("174.00")


def test_a_voucher_that_needs_a_line_without_a_price_waits_for_it(market: Marketplace) -> None:
    voucher = Reduction("SUMMER", amount=eur("50.00"), lines=("l1",))
    simulation = simulate(market, CartLine("l1", "camera", 99), CartLine("l2", "tripod"), reductions=(voucher,))
    assert find_issues(simulation) == [("out-of-stock", "l1")]
    assert simulation.totals.order.discount_total == eur("0")


def test_a_voucher_that_cannot_be_computed_with_is_the_hosts_mistake(market: Marketplace) -> None:
    voucher = Reduction("SUMMER", amount=eur("500.00"))
    with pytest.raises(InvalidTotals):
        simulate(market, CartLine("l1", "camera"), reductions=(voucher,))


def test_everything_decided_is_explained(market: Marketplace) -> None:
    lines = simulate(market, CartLine("l1", "tripod", 2)).explain().to_text().splitlines()
    assert lines[0] == "cart cart-1: 43.80 EUR"
    assert "├─ line l1, 2 x Travel tripod T1: offer bolt-tripod - chosen by the buy box" in lines
    assert "│  ├─ unit price: 19.95 EUR - merchant-default: price schedule bolt-tripod for a quantity of 2" in lines
    assert any("buy box: bolt-tripod" in line for line in lines)


@pytest.mark.parametrize("scope", ["merchant", "other buyer"])
def test_another_partys_cart_does_not_exist(market: Marketplace, scope: str) -> None:
    cart = Cart.of("cart-1", buyer="buyer-1", lines=[CartLine("l1", sku="camera")])
    asking = market.as_merchant("acme") if scope == "merchant" else market.as_buyer("buyer-2")
    with pytest.raises(NotFound):
        market.simulate(cart, scope=asking)


@pytest.mark.parametrize("quantity", [0, -1, 1.0, True, "2", 10**9 + 1])
def test_a_quantity_is_a_whole_number_within_bounds(quantity: object) -> None:
    with pytest.raises(InvalidValue, match="a whole number from 1"):
        CartLine("l1", "camera", quantity)  # type: ignore[arg-type]  # what a caller may pass


def test_two_lines_with_one_key_are_refused() -> None:
    with pytest.raises(InvalidValue, match="a key of its own"):
        Cart.of("cart-1", buyer="buyer-1", lines=[CartLine("l1", "camera"), CartLine("l1", "tripod")])


def test_a_line_key_has_sixty_characters_at_most() -> None:
    with pytest.raises(InvalidValue, match="60 characters"):
        CartLine("l" * 61, "camera")
