"""The main job, as a user runs it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mktcore.marketplace import Marketplace

pytestmark = pytest.mark.slow  # processes of their own, each on a new database

ROOT = Path(__file__).parents[2]


def run(*arguments: str | Path) -> str:
    command = [sys.executable, ROOT / "examples" / "first_sale.py", *arguments]
    environment = os.environ | {"COLUMNS": "80", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8", env=environment)
    return done.stdout


def test_the_first_sale_shows_what_a_person_wants_to_see(tmp_path: Path) -> None:
    shown = run(tmp_path / "sale.db")
    assert "issue out-of-stock: line l4: 1 x Hand grinder wanted, 0 available" in shown
    assert "the same key again returns the same order: True" in shown
    assert "179.00 + 110.70 + 49.50 = 339.20 EUR" in shown
    assert "verify: 0 findings" in shown
    assert re.search(r"bolt +106\.80 +3\.90 +17\.67 +110\.70 +11\.37 +2 new, 1 shipped", shown)
    assert "└─ from 10: 17.90 EUR - not reached" in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_it_may_be_run_again_and_leaves_its_database_behind(tmp_path: Path) -> None:
    run(tmp_path / "sale.db")
    again = run(tmp_path / "sale.db")
    [order] = re.findall(r"(order-\w+);", again)
    with Marketplace.open(f"sqlite:///{tmp_path / 'sale.db'}", currency="EUR") as market:
        kept = market.orders.get(order, scope=market.as_operator())
        assert str(kept.totals.grand_total) == "339.20 EUR"
        assert kept.merchant_orders[1].states["l2"] == {"new": 1, "shipped": 1}
