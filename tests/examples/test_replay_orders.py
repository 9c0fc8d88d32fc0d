"""Replaying an order history: a small one of our own, and the public one where it is at hand."""

import csv
import json
import os
import runpy
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow  # thousands of orders

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("MKTCORE_SHARED_DATA", ROOT.parent / "shared" / "data")) / "olist"


@pytest.fixture(scope="module")
def main() -> Callable[[Sequence[str]], int]:
    """What the example runs; that it runs as a command, other tests try."""
    names = runpy.run_path(str(ROOT / "examples" / "replay_orders.py"), run_name="replay_orders")
    found: Callable[[Sequence[str]], int] = names["main"]
    return found


@pytest.fixture
def replay(main: Callable[[Sequence[str]], int], capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    def run(folder: Path, *options: str) -> dict[str, Any]:
        assert main([str(folder), "--json", *options]) == 0
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    return run


def write(folder: Path, name: str, *rows: str) -> None:
    with (folder / name).open("w", newline="") as file:
        csv.writer(file).writerows(row.split(",") for row in rows)


@pytest.fixture
def history(tmp_path: Path) -> Path:
    write(
        tmp_path,
        "order_items.csv",
        "order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value",
        "o1,1,p1,s1,,58.9,13.29",
        "o1,2,p1,s1,,58.9,13.29",
        "o2,1,p1,s1,,61.5,0",
        "o2,2,p2,s2,,0.01,7.1",
        "o3,1,p2,s2,,19,2.5",
    )
    write(tmp_path, "orders.csv", "order_id,customer_id", "o1,c1", "o2,c2")
    write(
        tmp_path,
        "order_payments.csv",
        "order_id,payment_sequential,payment_type,payment_installments,payment_value",
        "o1,1,credit_card,1,100",
        "o1,2,voucher,1,44.38",
        "o3,1,boleto,1,21.4",
        "o3,2,voucher,1,0",
    )
    return tmp_path


def test_a_history_is_replayed_to_the_cent(
    replay: Callable[..., dict[str, Any]], history: Path, tmp_path: Path
) -> None:
    for store in ("memory://", f"sqlite:///{tmp_path / 'replay.db'}"):
        result = replay(history, "--store", store)
        assert result.pop("orders_per_second") > 0
        assert result == {
            "orders": 3,
            "merchant_orders": 4,
            "multi_merchant_orders": 1,
            "drift_minor": 0,
            "exceptions": [{"order": "o3", "reason": "the payments sum to 21.40 BRL, the order to 21.50 BRL"}],
        }


def test_a_replay_on_the_same_database_places_nothing_twice(
    replay: Callable[..., dict[str, Any]], history: Path, tmp_path: Path
) -> None:
    store = f"sqlite:///{tmp_path / 'replay.db'}"
    first, again = replay(history, "--store", store), replay(history, "--store", store)
    assert {**first, "orders_per_second": 0} == {**again, "orders_per_second": 0}


def test_it_is_shown_as_a_table_too(history: Path) -> None:
    command: list[str | Path] = [sys.executable, ROOT / "examples" / "replay_orders.py", history]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "multi-merchant orders" in shown
    assert "0.00 BRL" in shown


def test_a_folder_without_a_history_is_refused(tmp_path: Path) -> None:
    command: list[str | Path] = [sys.executable, ROOT / "examples" / "replay_orders.py", tmp_path]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert "no order_items.csv" in done.stderr


@pytest.mark.skipif(not SHARED.is_dir(), reason="the public order history is not at hand (set MKTCORE_SHARED_DATA)")
def test_the_public_history_drifts_by_nothing(replay: Callable[..., dict[str, Any]]) -> None:
    result = replay(SHARED)
    assert (result["orders"], result["merchant_orders"], result["multi_merchant_orders"]) == (8_796, 8_904, 103)
    assert result["drift_minor"] == 0
    assert len(result["exceptions"]) == 894 - 841
