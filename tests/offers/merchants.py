"""A merchant's system as a test plays it, and a marketplace that asks it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from mktcore.catalog import SKUS, Sku
from mktcore.gateways import Declined, Succeeded, Unknown
from mktcore.marketplace import Marketplace
from mktcore.money.amount import Money
from mktcore.offers import ItemTerms, MerchantGateway, RefreshPolicy
from mktcore.offers.refresh.ports import ItemAnswer
from mktcore.persistence import Repositories
from mktcore.testing.fakes import CountingIds, ManualClock
from persistence.opening import STORES, create_database

__all__ = ["NOON", "Bindings", "FakeMerchants", "on_every_store", "open_market", "to_url"]

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
R = TypeVar("R")


def on_every_store(fixture: str) -> pytest.MarkDecorator:
    """Run a test on PostgreSQL too; most tests do without."""
    return pytest.mark.parametrize(fixture, STORES, indirect=True)


class Bindings:
    """Which items are bound, as the test says."""

    def __init__(self, bound: dict[tuple[str, str], str]) -> None:
        self.bound = bound

    def __call__(self, unit: Repositories, merchant: str, items: Iterable[str]) -> Mapping[str, str]:
        del unit
        return {item: self.bound[merchant, item] for item in items if (merchant, item) in self.bound}


class FakeMerchants:
    """Answers from a table; `meanwhile` runs while the marketplace waits for the answer."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.terms: dict[tuple[str, str], ItemAnswer] = {}
        self.asked: list[tuple[str, tuple[str, ...]]] = []
        self.takes = timedelta(0)
        self.meanwhile: Callable[[], object] = lambda: None
        self.error: Exception | None = None

    def sell(
        self, merchant: str, item: str, price: str, on_hand: int | Mapping[str, int], as_of: datetime | None = None
    ) -> None:
        terms = ItemTerms(item, as_of or self.clock.now(), Money.of(price, "EUR"), on_hand)
        self.terms[merchant, item] = Succeeded(terms)

    def decline(self, merchant: str, item: str, reason: str) -> None:
        self.terms[merchant, item] = Declined(reason)

    def fall_silent(self, merchant: str, item: str, reason: str = "no connection") -> None:
        self.terms[merchant, item] = Unknown(reason)

    def fetch(self, merchant: str, items: Sequence[str], *, deadline: timedelta) -> Mapping[str, ItemAnswer]:
        del deadline
        self.asked.append((merchant, tuple(items)))
        answers = {item: self.terms[merchant, item] for item in items if (merchant, item) in self.terms}
        self.meanwhile()
        if self.error is not None:
            raise self.error
        return answers

    def within(self, call: Callable[[], R], deadline: timedelta, *, whom: str) -> R:
        """Stand in for the wall clock: an answer takes as long as the test says."""
        assert whom
        found = call()
        if self.takes > deadline:
            message = f"no answer within {deadline.total_seconds():g} s"
            raise TimeoutError(message)
        return found


@contextmanager
def open_market(
    url: str, clock: ManualClock, merchants: MerchantGateway, bindings: Bindings, policy: RefreshPolicy | None = None
) -> Iterator[Marketplace]:
    """Open a marketplace with a lamp and a chair in its catalogue, whose gateway is the test's."""
    with Marketplace.open(
        url,
        currency="EUR",
        clock=clock,
        ids=CountingIds(),
        merchant_gateway=merchants,
        bindings=bindings,
        refresh_policy=policy or RefreshPolicy(),
    ) as market:
        with market.store.begin(market.as_operator()) as unit:
            if unit.repository(SKUS).find("lamp") is None:
                unit.repository(SKUS).add_many([Sku("lamp", "Lamp"), Sku("chair", "Chair")])
                unit.commit()
        yield market


def to_url(kind: str, folder: Path) -> str:
    """Return where a marketplace of a test is kept: "memory", "sqlite" or "postgresql"."""
    if kind == "postgresql":
        return create_database()
    return "memory://" if kind == "memory" else f"sqlite:///{folder / 'market.db'}"
