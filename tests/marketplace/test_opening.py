"""Opening a marketplace: what its prices mean is pinned on the store."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from mktcore.market_policy import PriceTermsConflict
from mktcore.marketplace import Marketplace
from mktcore.sql import SchemaOutdated
from mktcore.sql.errors import DatabaseUnreachable


def test_a_store_keeps_its_currency_and_tax_mode(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'market.db'}"
    Marketplace.open(url, currency="EUR").close()
    Marketplace.open(url, currency="EUR").close()
    with pytest.raises(PriceTermsConflict, match="the store's prices are EUR with tax, not USD with tax"):
        Marketplace.open(url, currency="USD")
    with pytest.raises(PriceTermsConflict, match="not EUR without tax"):
        Marketplace.open(url, currency="EUR", prices_include_tax=False)


def test_a_new_store_may_be_opened_by_many_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'market.db'}"
    with ThreadPoolExecutor(4) as threads:
        for market in threads.map(lambda _: Marketplace.open(url, currency="EUR"), range(4)):
            market.close()


def test_a_setting_that_does_not_exist_is_refused() -> None:
    with pytest.raises(TypeError, match="no such setting: price_include_tax"):
        Marketplace.in_memory("EUR", price_include_tax=False)  # type: ignore[call-arg]  # a slip


def test_a_marketplace_in_memory_can_be_closed_too() -> None:
    with Marketplace.open("memory://", "EUR") as market:
        assert market.verify() == ()


@pytest.mark.slow(counted=True)
def test_a_host_that_migrates_itself_has_nothing_made_for_it(tmp_path: Path) -> None:
    file = tmp_path / "shop" / "market.db"
    url = f"sqlite:///{file}"
    with pytest.raises(DatabaseUnreachable, match="there is no such file"):
        Marketplace.open(url, "EUR", create=False)
    assert not file.parent.exists()
    file.parent.mkdir()
    file.touch()
    with pytest.raises(SchemaOutdated) as caught:
        Marketplace.open(url, "EUR", create=False)
    assert "mktcore_stock.item" in caught.value.missing
    assert len(str(caught.value)) < 1000
    assert inspect(create_engine(url)).get_table_names() == []
    Marketplace.open(url, "EUR").close()
    with Marketplace.open(url, "EUR", create=False) as market:
        assert market.verify() == ()
