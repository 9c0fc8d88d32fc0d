"""A market in which every stored kind is told by something else, on any store: what corruptions are made in."""

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

from mktcore.commissions import CommissionRule, Tier, TierBy, Tiers
from mktcore.ledger import Account, Hold, Leg, Transaction
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.testing.fakes import CountingIds, ManualClock
from stored.write_release import OPERATOR, START, Answers, write_market

__all__ = ["open_copy", "open_corrupted"]

CLEARING = Account("operator", "clearing", "EUR")
PREPAID, FUNDS = Account("buyer:buyer-1", "prepaid", "EUR"), Account("buyer:buyer-1", "order_funds", "EUR")


@contextmanager
def open_corrupted(url: str) -> Iterator[Marketplace]:
    """Open a market that has lived for some weeks, with commission by volume, and holds in its books."""
    clock = ManualClock(START)
    with Marketplace.open(url, "EUR", clock=clock, ids=CountingIds(), merchant_gateway=Answers(clock)) as market:
        market.store.subscriptions.subscribe("mail")  # type: ignore[attr-defined]  # of the stores that ship
        bands = [Tier(Money.of(start, "EUR"), Decimal(rate)) for start, rate in ((0, "0.02"), (900, "0.01"))]
        rule = CommissionRule("by-volume", Tiers(bands, by=TierBy.VOLUME), group="volume", merchant="bolt")
        market.commissions.save_rule(rule, scope=OPERATOR)
        write_market(market, clock)
        _hold_some(market)
        yield market


@contextmanager
def open_copy(folder: Path) -> Iterator[Marketplace]:
    """Open on SQLite a copy of a market that has lived so, as living takes most of a test."""
    lived, until = _live_once()
    shutil.copyfile(lived, folder / "market.db")
    with Marketplace.open(f"sqlite:///{folder / 'market.db'}", "EUR", clock=ManualClock(until)) as market:
        yield market


@cache
def _live_once() -> tuple[Path, datetime]:
    folder = Path(tempfile.mkdtemp(prefix="mktcore-lived-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with open_corrupted(f"sqlite:///{folder / 'market.db'}") as market:
        until = market.clock.now()
    return folder / "market.db", until


def _hold_some(market: Marketplace) -> None:
    books = market.ledger
    paid_in = _move("prepaid-1", "prepayment", CLEARING, credit=PREPAID)
    books.post(paid_in, scope=OPERATOR)
    for name in ("live", "settled", "voided"):
        books.hold(Hold(f"hold-{name}", PREPAID, FUNDS, amount=Money.of("5.00", "EUR")), scope=OPERATOR)
    books.settle("hold-settled", _move("used-1", "use", PREPAID, credit=FUNDS, linked=["prepaid-1"]), scope=OPERATOR)
    books.void("hold-voided", scope=OPERATOR)


def _move(key: str, kind: str, debit: Account, *, credit: Account, linked: list[str] | None = None) -> Transaction:
    amount = Money.of("50.00" if kind == "prepayment" else "4.00", "EUR")
    legs = [Leg.debit(debit, amount), Leg.credit(credit, amount)]
    return Transaction(key, kind, legs, effective_at=START, cause=key, linked=linked or ())
