"""The page of the ledger has the chart as it is."""

from pathlib import Path

from mktcore.ledger import CHART

PAGE = Path(__file__).parents[2] / "docs" / "ledger.md"


def test_the_page_has_every_account_of_the_chart() -> None:
    limits = {one.name: f" {one.guard} " if one.guard else " " for one in CHART.values()}
    rows = [
        f"| {one.code} | `{one.name}` | {one.party} | {one.side} |{limits[one.name]}| {one.title} |"
        for one in CHART.values()
    ]
    told = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:2] == "| " and "`" in line]
    assert told == rows
