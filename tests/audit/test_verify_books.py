"""An audit finds what of the books does not agree with itself: transactions, entries, accounts, holds, volumes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from audit.corrupted_market import open_copy
from mktcore.marketplace import Marketplace
from mktcore.sql import SqlStore


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Marketplace]:
    with open_copy(tmp_path) as opened:
        yield opened


def damage(market: Marketplace, *statements: str) -> set[tuple[str, str]]:
    """Change rows behind the market's back, and return what is found, with the invariant that it breaks."""
    assert isinstance(market.store, SqlStore)
    with market.store.engine.begin() as connection:
        for statement in statements:
            assert connection.execute(text(statement)).rowcount >= 1
    return {(finding.code, finding.where) for finding in market.verify()}


@pytest.mark.slow(counted=True)
@pytest.mark.parametrize(
    ("statement", "code", "where"),
    [
        ("DELETE FROM mktcore_ledger_entry WHERE id = 'used-1@001'", "I3", "transaction used-1"),
        ("DELETE FROM mktcore_ledger_transaction WHERE key = 'used-1'", "I4", "transaction used-1"),
        ("DELETE FROM mktcore_ledger_transaction WHERE key = 'prepaid-1'", "I4", "transaction used-1"),
        ("UPDATE mktcore_ledger_entry SET cause = 'x' WHERE id = 'used-1@001'", "I4", "entry used-1@001"),
        ("UPDATE mktcore_ledger_entry SET posted_at = 'noon' WHERE id = 'used-1@001'", "I4", "entry used-1@001"),
        ("UPDATE mktcore_ledger_entry SET owner = 'buyer:b9' WHERE id = 'used-1@000'", "I18", "entry used-1@000"),
        (
            "UPDATE mktcore_ledger_account SET held = held + 1 WHERE account = 'buyer:buyer-1/prepaid/EUR'",
            "I5",
            "account buyer:buyer-1/prepaid/EUR",
        ),
        ("DELETE FROM mktcore_ledger_hold WHERE id = 'hold-live'", "I5", "account buyer:buyer-1/prepaid/EUR"),
        ("UPDATE mktcore_ledger_hold SET state = 'voided' WHERE id = 'hold-settled'", "I5", "hold hold-settled"),
        ("UPDATE mktcore_ledger_hold SET state = 'gone' WHERE id = 'hold-voided'", "I5", "hold hold-voided"),
        (
            "UPDATE mktcore_counter SET claimed = claimed + 1 WHERE name = 'commission-volume/by-volume/bolt/2026-07'",
            "I17",
            "counter commission-volume/by-volume/bolt/2026-07",
        ),
    ],
)
def test_damage_is_found(market: Marketplace, statement: str, code: str, where: str) -> None:
    assert (code, where) in damage(market, statement)


@pytest.mark.slow(counted=True)  # a market on a database, sold and paid out
def test_orders_that_cannot_be_read_hide_nothing_of_the_money_of_others(market: Marketplace) -> None:
    found = damage(
        market,
        "UPDATE mktcore_marketplace_order SET document = '{}' WHERE id = 'order-1'",
        "DELETE FROM mktcore_order_funds WHERE id = 'order-2'",
    )
    assert {("I16", "marketplace_order order-1"), ("I4", "order-2")} <= found
