"""An audit finds commission that its frozen inputs do not make, and what an agreement promises and nobody charged."""

from collections.abc import Callable
from decimal import Decimal

import attrs
import pytest

from markets import EXAMPLE
from mktcore.carts import Cart, CartLine
from mktcore.commissions import Commission
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.notice import Notice
from mktcore.orders import MERCHANT_ORDERS
from mktcore.parties import Agreement
from mktcore.parties.agreements.agreement import CommissionTerms

BOLT = "order-1--bolt"


@pytest.fixture
def market() -> Marketplace:
    market = Marketplace.in_memory("EUR", ids=Numbers())
    market.load(EXAMPLE)
    signed = Agreement("a-1", "bolt", commission=CommissionTerms(Decimal("0.12"), fixed=Money.of("0.30", "EUR")))
    market.agreements.sign(signed, scope=market.as_operator())
    lines = (CartLine("l1", "tripod", 3, offer="bolt-tripod"),)
    market.place(Cart.of("cart-1", buyer="buyer-1", lines=lines), key="k1", scope=market.as_operator())
    return market


class Numbers:
    def __init__(self) -> None:
        self.number = 0

    def new_id(self, kind: str) -> str:
        self.number += 1
        return f"{kind}-{self.number}"


def tamper(market: Marketplace, change: Callable[[tuple[Commission, ...]], tuple[Commission, ...]]) -> None:
    with market.store.begin(market.as_operator()) as unit:
        part = unit.repository(MERCHANT_ORDERS).get(BOLT)
        assert part.commissions is not None
        unit.repository(MERCHANT_ORDERS).save(attrs.evolve(part, commissions=change(part.commissions)))
        unit.commit()


def test_what_is_signed_is_charged(market: Marketplace) -> None:
    part = market.orders.get_merchant_order(BOLT, scope=market.as_operator())
    agreed = [entry for entry in part.commissions or () if entry.agreement == "a-1"]
    assert [str(entry.amount) for entry in agreed] == ["6.03 EUR", "0.90 EUR"]
    assert market.verify() == ()


def find_beside_answers(market: Marketplace) -> list[Notice]:
    """Return what is found, but for the answers under keys: they tell what was there before."""
    return [finding for finding in market.verify() if finding.code != "I13"]


@pytest.mark.parametrize(
    ("group", "promise"),
    [("sale", "agreement a-1 promises 12 %"), ("sale-fixed", "agreement a-1 promises 0.30 EUR a piece")],
)
def test_an_order_without_the_rule_that_its_agreement_promises_is_found(
    market: Marketplace, group: str, promise: str
) -> None:
    tamper(market, lambda entries: tuple(entry for entry in entries if entry.group != group))
    [finding] = find_beside_answers(market)
    assert (finding.code, finding.where) == ("I8", f"{BOLT}.lines.l1")
    assert finding.message == f"{promise}, and no commission of it is charged"


def test_an_amount_that_its_own_inputs_do_not_make_is_found(market: Marketplace) -> None:
    tamper(
        market,
        lambda entries: tuple(
            attrs.evolve(entry, amount=Money.of("0.00", "EUR")) if entry.group == "sale" else entry for entry in entries
        ),
    )
    [finding] = find_beside_answers(market)
    assert (finding.code, finding.where.startswith(f"{BOLT}.commissions.")) == ("I8", True)
    assert "it is 0.00 EUR, and not 6.03 EUR" in finding.message
