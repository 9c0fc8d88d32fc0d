"""The Django project of one file: what a request does is one transaction."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow  # a process of its own, on a new database

EXAMPLE = Path(__file__).parents[2] / "examples" / "django_shop.py"


def test_every_request_is_kept_or_undone_whole(tmp_path: Path) -> None:
    command: list[str | Path] = [sys.executable, EXAMPLE, tmp_path / "shop.db"]
    shown = subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8").stdout
    assert shown.splitlines() == [
        "/buy/1?due=2026-08-01 200 ['order', 'total']",
        "/buy/1?due=2026-08-01 200 ['order', 'total']",
        "/buy/2 500 undone",
        "/buy/3?due=now&pieces=10000 409 ['issues']",
        "1 order, 1 invoice, 1 product of the host's",
        "verify: 0 findings",
    ]
