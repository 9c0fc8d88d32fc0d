"""An audit finds money that the books lack, have twice, or have for no reason; and commission that is not I8's."""

from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest
from sqlalchemy import text

from markets import NOON, open_loaded
from mktcore.carts import Cart, CartLine
from mktcore.ledger import Account, Leg, Transaction
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.orders import MARKETPLACE_ORDERS, MERCHANT_ORDERS, Order
from mktcore.orders.effects import EFFECTS, POST_MONEY
from mktcore.orders.errors import FundsMissing
from mktcore.postings import ORDER_FUNDS, OrderFunds
from mktcore.sql import SqlStore
from mktcore.testing.fakes import ManualClock

EXAMPLE = Path(__file__).parents[2] / "examples" / "market"
BOLT = "order-1--bolt"


def fill(market: Marketplace) -> Marketplace:
    lines = (CartLine("l1", "tripod", 3, offer="bolt-tripod"), CartLine("l2", "book-light", 1, offer="fern-book-light"))
    market.place(Cart.of("cart-1", buyer="buyer-1", lines=lines), key="k1", scope=market.as_operator())
    market.fire(BOLT, "ship", key="s1", scope=market.as_operator(), lines={"l1": 1})
    market.fire(BOLT, "cancel by merchant", key="s2", scope=market.as_operator(), lines={"l1": 1})
    market.fire("order-1--fern", "cancel by merchant", key="c1", scope=market.as_operator())
    return market


@pytest.fixture(params=["memory", "sqlite"])
def market(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Marketplace]:
    with open_loaded(request.param, tmp_path, ManualClock(NOON), EXAMPLE) as opened:
        yield fill(opened)


def find_codes(market: Marketplace) -> list[str]:
    return sorted(finding.code for finding in market.verify())


def tamper_funds(market: Marketplace, change: Callable[[OrderFunds], OrderFunds]) -> None:
    with market.store.begin(market.as_operator()) as unit:
        funds = unit.repository(ORDER_FUNDS).get("order-1")
        unit.repository(ORDER_FUNDS).save(change(funds))
        unit.commit()


def post(market: Marketplace, key: str, kind: str, cause: str) -> None:
    money = Money.of("5.00", "EUR")
    legs = [
        Leg.debit(Account("operator", "clearing", "EUR"), money),
        Leg.credit(Account("merchant:bolt", "pending", "EUR"), money),
    ]
    transaction = Transaction(key, kind, legs, effective_at=NOON, cause=cause)
    with market.store.begin(market.as_operator()) as unit:
        assert unit.ledger.post([transaction], at=NOON) == ()
        unit.commit()


def test_sound_books_have_no_findings(market: Marketplace) -> None:
    assert market.verify() == ()


def test_a_record_of_money_that_was_changed_is_found(market: Marketplace) -> None:
    tamper_funds(market, lambda funds: attrs.evolve(funds, pools=(funds.pools[0].earn(1), *funds.pools[1:])))
    [finding] = market.verify()
    assert (finding.code, finding.where) == ("I4", "order-1")


def test_a_record_of_money_that_was_lost_is_found_and_nothing_is_earned_without_it(market: Marketplace) -> None:
    with market.store.begin(market.as_operator()) as unit:
        unit.repository(ORDER_FUNDS).remove(unit.repository(ORDER_FUNDS).get("order-1"))
        unit.commit()
    [finding] = market.verify()
    assert (finding.code, finding.message) == ("I4", "it has no record of its money")
    with pytest.raises(FundsMissing, match="order_funds order-1"):
        market.fire(BOLT, "ship", key="s3", scope=market.as_operator())
    assert market.orders.get_merchant_order(BOLT, scope=market.as_operator()).states["l1"]["new"] == 1


def test_an_earning_that_follows_from_no_step_is_found(market: Marketplace) -> None:
    post(market, "order-1/9/bolt/earning", "earning", "order-1")
    [finding] = market.verify()
    assert (finding.code, finding.where) == ("I4", "order-1.earning")
    assert "5.00 EUR follows from none of its steps" in finding.message


def test_an_earning_of_no_order_is_found(market: Marketplace) -> None:
    post(market, "order-7/2/bolt/earning", "earning", "order-7")
    [finding] = market.verify()
    assert (finding.code, finding.message) == ("I4", "it follows from order order-7, which does not exist")


def test_what_the_checkout_or_settlement_post_beside_is_no_finding(market: Marketplace) -> None:
    post(market, "fee-1/gateway-fee", "gateway-fee", "order-1")
    post(market, "payout-1/payout-declined", "payout-declined", "payout-1")
    assert market.verify() == ()


def test_commission_that_was_never_given_back_is_found(market: Marketplace) -> None:
    with market.store.begin(market.as_operator()) as unit:
        part = unit.repository(MERCHANT_ORDERS).get(BOLT)
        unit.repository(MERCHANT_ORDERS).save(attrs.evolve(part, commission_reversals=part.list_reversals()[1:]))
        unit.commit()
    [finding] = [one for one in market.verify() if one.code != "I13"]  # the answers under keys tell it, too
    assert finding.code == "I8"
    assert finding.message == "0 minor units of it and of its tax are given back, and 20 are due"


def test_frozen_commission_that_was_changed_is_found_in_what_was_posted(market: Marketplace) -> None:
    with market.store.begin(market.as_operator()) as unit:
        part = unit.repository(MERCHANT_ORDERS).get(BOLT)
        assert part.commissions is not None
        more = attrs.evolve(part.commissions[0], amount=part.commissions[0].amount * 2)
        unit.repository(MERCHANT_ORDERS).save(attrs.evolve(part, commissions=(more, *part.commissions[1:])))
        unit.commit()
    assert "I8" in find_codes(market)


def test_an_order_from_before_the_ledger_is_no_finding_and_moves_no_money(market: Marketplace) -> None:
    leave_ledger(market)
    with market.store.begin(market.as_operator()) as unit:
        before = unit.ledger.trial_balance()
    market.fire(BOLT, "ship", key="s3", scope=market.as_operator())
    with market.store.begin(market.as_operator()) as unit:
        assert unit.ledger.trial_balance() == before
    # What it had in the ledger now follows from nothing.
    assert {finding.code for finding in market.verify()} == {"I4"}


def leave_ledger(market: Marketplace) -> None:
    with market.store.begin(market.as_operator()) as unit:
        whole = unit.repository(MARKETPLACE_ORDERS).get("order-1")
        assert whole.in_ledger
        unit.repository(MARKETPLACE_ORDERS).save(attrs.evolve(whole, in_ledger=False))
        unit.commit()


def test_a_market_without_the_effect_keeps_no_books_of_its_orders(tmp_path: Path) -> None:
    effects = tuple(effect for effect in EFFECTS if effect is not POST_MONEY)
    url = f"sqlite:///{tmp_path / 'market.db'}"
    with Marketplace.open(url, "EUR", effects=effects) as market:
        market.load(EXAMPLE)
        lines = (CartLine("l1", "tripod", 3, offer="bolt-tripod"),)
        order = market.place(Cart.of("cart-1", buyer="buyer-1", lines=lines), key="k1", scope=market.as_operator())
        assert not order.marketplace_order.in_ledger
        assert market.verify() == ()
    with Marketplace.open(url, "EUR") as market:  # and may keep them from some day on
        market.fire(find_part(order), "ship", key="s1", scope=market.as_operator())
        assert market.verify() == ()


def find_part(order: Order) -> str:
    return order.merchant_orders[0].id


@pytest.fixture
def damaged(tmp_path: Path) -> Iterator[Marketplace]:
    with open_loaded("sqlite", tmp_path, ManualClock(NOON), EXAMPLE) as opened:
        yield fill(opened)


def change_row(market: Marketplace, statement: str) -> None:
    assert isinstance(market.store, SqlStore)
    with market.store.engine.begin() as connection:
        assert connection.execute(text(statement)).rowcount == 1


def test_an_entry_that_was_lost_unbalances_its_transaction_and_its_account(damaged: Marketplace) -> None:
    change_row(damaged, "DELETE FROM mktcore_ledger_entry WHERE id = 'order-1/1/capture@000'")
    codes = {finding.code for finding in damaged.verify()}
    assert {"I3", "I4"} <= codes


def test_a_balance_that_was_raised_is_found(damaged: Marketplace) -> None:
    change_row(
        damaged,
        "UPDATE mktcore_ledger_account SET balance = balance + 100 WHERE account = 'buyer:buyer-1/order_funds/EUR'",
    )
    assert [(finding.code, finding.where) for finding in damaged.verify()] == [
        ("I4", "account buyer:buyer-1/order_funds/EUR")
    ]


@pytest.mark.parametrize("figure", ["canceled_minor", "canceled_tax_minor", "refund_minor", "refund_tax_minor"])
def test_a_figure_that_does_not_follow_the_money_is_found(market: Marketplace, figure: str) -> None:
    with market.store.begin(market.as_operator()) as unit:
        part = unit.repository(MERCHANT_ORDERS).get(BOLT)
        [line] = part.lines
        undone = attrs.evolve(line.totals.undone, **{figure: getattr(line.totals.undone, figure) + 1})
        # In the line and both levels above, so that every sum is still right.
        changed = attrs.evolve(line, totals=attrs.evolve(line.totals, undone=undone))
        both = attrs.evolve(part.totals, undone=undone)
        unit.repository(MERCHANT_ORDERS).save(attrs.evolve(part, lines=(changed,), totals=both))
        whole = unit.repository(MARKETPLACE_ORDERS).get("order-1")
        above = attrs.evolve(whole.totals.undone, **{figure: getattr(whole.totals.undone, figure) + 1})
        unit.repository(MARKETPLACE_ORDERS).save(attrs.evolve(whole, totals=attrs.evolve(whole.totals, undone=above)))
        unit.commit()
    findings = [one for one in market.verify() if one.code == "I1"]
    name = figure.replace("minor", "total")
    assert {f"order-1.{name}", f"{BOLT}.{name}", f"{BOLT}.lines.l1.{name}"} <= {one.where for one in findings}


def test_a_merchant_order_without_the_figures_of_its_cancellation_is_found(market: Marketplace) -> None:
    with market.store.begin(market.as_operator()) as unit:
        part = unit.repository(MERCHANT_ORDERS).get(BOLT)
        unit.repository(MERCHANT_ORDERS).save(attrs.evolve(part, totals=part.totals.as_placed()))
        unit.commit()
    found = {one.where for one in market.verify() if one.code == "I1"}
    assert {f"{BOLT}.canceled_total", f"{BOLT}.grand_total", "order-1.canceled_total"} <= found
