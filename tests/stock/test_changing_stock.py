"""Stock that changes by so many pieces: exact whoever else changes it, and once under a key."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from markets import LAMPS, NOON, open_market
from mktcore.persistence.errors import IdempotencyConflict
from mktcore.stock import StockChange, StockLevel
from mktcore.stock.level import StockTooLow
from mktcore.stock.quantity import InvalidQuantity
from mktcore.testing.fakes import ManualClock


def test_a_delivery_adds_and_is_added_once_under_its_key(tmp_path: Path) -> None:
    with open_market("memory", tmp_path, ManualClock(NOON), LAMPS) as market:
        acme = market.as_merchant("acme")
        first = market.stock.change("acme-lamp", 5, key="note-17", scope=acme)
        again = market.stock.change("acme-lamp", 5, key="note-17", scope=acme)
        assert first == again
        assert first.levels == (StockLevel("acme-lamp", "acme", 14),)
        assert market.stock.change("acme-lamp", -14, key="note-18", scope=acme).levels[0].on_hand == 0
        with pytest.raises(IdempotencyConflict):
            market.stock.change("acme-lamp", 6, key="note-17", scope=acme)


@pytest.mark.parametrize("store", ["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def test_two_workers_that_each_add_five_add_ten(store: str, tmp_path: Path) -> None:
    with open_market(store, tmp_path, ManualClock(NOON), LAMPS) as market, ThreadPoolExecutor(2) as workers:
        acme, begin = market.as_merchant("acme"), Barrier(2)

        def add(worker: int) -> None:
            begin.wait(timeout=30)
            market.stock.change("acme-lamp", 5, key=f"delivery-{worker}", scope=acme)

        list(workers.map(add, range(2)))
        with market.store.begin(acme) as unit:
            # Nine were there.
            assert unit.stock.find_levels(["acme-lamp"])["acme-lamp"].on_hand == 19


def test_more_than_is_there_does_not_go_out(tmp_path: Path) -> None:
    with open_market("memory", tmp_path, ManualClock(NOON), LAMPS) as market:
        acme = market.as_merchant("acme")
        with pytest.raises(StockTooLow, match="9 pieces are on hand, and 10 were to go out"):
            market.stock.change("acme-lamp", -10, key="theft", scope=acme)
        # Nothing was kept under the key: once it is mended, it may be asked again.
        assert market.stock.change("acme-lamp", -9, key="theft", scope=acme).levels[0].on_hand == 0


@pytest.mark.parametrize("pieces", [0, True, 1.5, 10**13])
def test_a_change_is_a_whole_number_of_pieces(pieces: int) -> None:
    with pytest.raises(InvalidQuantity):
        StockChange("lamp", "acme", pieces)


def test_a_level_holds_no_more_than_every_store_can() -> None:
    with pytest.raises(InvalidQuantity, match="on_hand"):
        StockLevel("lamp", "acme", 10**12).change(1)
