"""An audit of a sound store finds nothing; of a store that somebody tampered with, exactly what was done."""

from collections.abc import Callable

import attrs
import pytest

from markets import EXAMPLE
from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.orders import MERCHANT_ORDERS, MerchantOrder
from mktcore.orders.history import ORDER_STEPS


@pytest.fixture
def market() -> Marketplace:
    market = Marketplace.in_memory("EUR")
    market.load(EXAMPLE)
    for number in range(3):
        lines = (
            CartLine("l1", "tripod", 3, offer="bolt-tripod"),
            CartLine("l2", "book-light", 1, offer="fern-book-light"),
        )
        cart = Cart.of(f"cart-{number}", buyer="buyer-1", lines=lines)
        order = market.place(cart, key=f"k{number}", scope=market.as_operator())
        market.fire(order.merchant_orders[0].id, "ship", key=f"s{number}", scope=market.as_operator(), lines={"l1": 1})
        market.fire(order.merchant_orders[1].id, "cancel by merchant", key=f"c{number}", scope=market.as_operator())
    return market


def tamper_part(market: Marketplace, change: Callable[[MerchantOrder], MerchantOrder]) -> None:
    with market.store.begin(market.as_operator()) as unit:
        part = next(unit.repository(MERCHANT_ORDERS).stream({"merchant": "bolt"}))
        unit.repository(MERCHANT_ORDERS).save(change(part))
        unit.commit()


def find_invariants(market: Marketplace) -> set[str]:
    return {finding.code for finding in market.verify()}


def test_a_sound_store_has_no_findings(market: Marketplace) -> None:
    seen: list[int] = []
    assert market.verify(progress=seen.append) == ()
    assert seen == [3]


def test_a_cent_more_is_found_at_every_level(market: Marketplace) -> None:
    tamper_part(
        market,
        lambda part: attrs.evolve(part, totals=attrs.evolve(part.totals, grand_minor=part.totals.grand_minor + 1)),
    )
    findings = market.verify()
    assert {finding.code for finding in findings} == {"I1", "I2", "I14", "I13"}
    assert [finding.code for finding in findings].count("I1") == 2
    assert "and its parts sum to" in findings[0].message


def test_a_changed_price_is_found(market: Marketplace) -> None:
    def change(part: MerchantOrder) -> MerchantOrder:
        line = attrs.evolve(part.lines[0], unit_price=part.lines[0].unit_price * 2)
        return attrs.evolve(part, lines=(line, *part.lines[1:]))

    tamper_part(market, change)
    assert find_invariants(market) == {"I2", "I13"}


def test_inputs_that_no_order_can_have_are_found(market: Marketplace) -> None:
    def change(part: MerchantOrder) -> MerchantOrder:
        return attrs.evolve(part, lines=(attrs.evolve(part.lines[0], quantity=-1), *part.lines[1:]))

    tamper_part(market, change)
    assert "I2" in find_invariants(market)


def test_a_state_that_history_does_not_explain_is_found(market: Marketplace) -> None:
    def change(part: MerchantOrder) -> MerchantOrder:
        portions = tuple(attrs.evolve(portion, state="delivered") for portion in part.fulfilment.portions)
        return attrs.evolve(part, fulfilment=attrs.evolve(part.fulfilment, portions=portions))

    tamper_part(market, change)
    assert {"I15", "I10"} <= find_invariants(market)
    with market.store.begin(market.as_operator()) as unit:
        steps = unit.repository(ORDER_STEPS)
        steps.remove(next(step for step in steps.stream() if step.merchant is None))
        unit.commit()
    assert any("its history does not lead" in finding.message for finding in market.verify())


def test_a_reservation_that_was_lost_is_found(market: Marketplace) -> None:
    with market.store.begin(market.as_operator()) as unit:
        part = next(unit.repository(MERCHANT_ORDERS).stream({"merchant": "bolt"}))
        unit.stock.release([part.lines[0].reservation], at=market.clock.now())
        unit.commit()
    (finding,) = market.verify()
    assert (finding.code, finding.message) == ("I10", "2 pieces wait to be shipped, and 0 are reserved")


def test_a_missing_merchant_order_is_found(market: Marketplace) -> None:
    with market.store.begin(market.as_operator()) as unit:
        unit.repository(MERCHANT_ORDERS).remove(next(unit.repository(MERCHANT_ORDERS).stream({"merchant": "bolt"})))
        unit.commit()
    assert "I16" in find_invariants(market)
