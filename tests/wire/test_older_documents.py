"""A market stored when the operator's own had an empty owner is read, found and owned as it is now."""

from pathlib import Path
from typing import Any

from sqlalchemy import text

from mktcore.marketplace import Marketplace
from mktcore.money.amount import Money
from mktcore.persistence import Kind, Scope, column
from mktcore.pricing import ASSIGNMENTS, PRICE_SCHEDULES, Assignment, PriceBreak, PriceSchedule
from mktcore.promotions import PROMOTIONS, AmountOff, Promotion
from mktcore.sql import SqlStore

PRICE = Money.of("1.00", "EUR")
FORMER: dict[str, Kind[Any]] = {
    kind.name: Kind(kind.name, kind.type, {"owner": lambda record: record.owner or ""}, merchant="owner")
    for kind in (PRICE_SCHEDULES, PROMOTIONS)
}


FORMER_ASSIGNMENTS = Kind("assignment", Assignment, {"merchant": column("merchant")}, merchant="merchant")


def write_former(url: str) -> None:
    store = SqlStore.open(url, [*FORMER.values(), FORMER_ASSIGNMENTS])
    with store.begin(Scope.operator()) as unit:
        unit.repository(FORMER_ASSIGNMENTS).add(Assignment("a1", "camera", "own", merchant="acme"))
        unit.repository(FORMER["price_schedule"]).add(PriceSchedule("list", None, [PriceBreak(1, PRICE)]))
        unit.repository(FORMER["promotion"]).add(Promotion("OPEN", AmountOff(PRICE)))
        unit.repository(FORMER["promotion"]).add(Promotion("acme-1", AmountOff(PRICE), "acme"))
        unit.commit()
    with store.engine.begin() as connection:
        for kind in FORMER:
            older = "type = replace(type, '.v2', '.v1'), document = replace(document, :now, :before)"
            values = {"now": '"owner":null', "before": '"owner":""'}
            connection.execute(text(f"UPDATE mktcore_{kind} SET {older}"), values)  # noqa: S608 - names of kinds
            [found] = connection.execute(text(f"SELECT count(*) FROM mktcore_{kind} WHERE type LIKE '%.v1'")).one()  # noqa: S608 - as above
            assert found
    store.engine.dispose()


def test_what_had_an_empty_owner_is_the_operators(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'market.db'}"
    write_former(url)
    with Marketplace.open(url, currency="EUR") as market, market.store.begin(market.as_operator()) as unit:
        assert [one.id for one in unit.repository(PRICE_SCHEDULES).find_where("owner", [None])] == ["list"]
        assert [one.id for one in unit.repository(PROMOTIONS).find_where("owner", [None])] == ["OPEN"]
        assert [one.id for one in unit.repository(PROMOTIONS).find_where("owner", ["acme"])] == ["acme-1"]
        assert unit.repository(PRICE_SCHEDULES).get("list").owner is None
    with SqlStore.open(url, [ASSIGNMENTS]).begin(Scope.merchant("acme")) as unit:
        assert unit.repository(ASSIGNMENTS).page({"schedule": "own"}).items == (
            Assignment("a1", "camera", "own", merchant="acme", version=1),
        )
