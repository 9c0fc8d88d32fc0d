"""What is harmless twice is harmless at the same time: 48 calls, and their opposites, of which none is refused."""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from threading import Barrier
from typing import Any

import attrs
import pytest

from markets import LAMPS, NOON, open_market
from mktcore.catalog import Catalog, Sku
from mktcore.catalog.assortment import CATALOG_ASSIGNMENTS, CATALOG_PRODUCTS
from mktcore.marketplace import Marketplace
from mktcore.offers.buybox.stored_rating import MERCHANT_RATINGS, MerchantRating
from mktcore.parties import MEMBERSHIPS, Merchant, SellingRights
from mktcore.parties.onboarding.invitation import INVITATIONS
from mktcore.parties.relations.relation import RELATIONS
from mktcore.parties.selling_rights.rights import SELLING_RIGHTS
from mktcore.persistence import Kind, UniqueViolation
from mktcore.promotions.pool_code import POOL_CODES
from mktcore.testing.fakes import ManualClock
from persistence.opening import STORES

pytestmark = pytest.mark.slow  # threads race each other
CALLS = 48


@pytest.fixture(params=STORES)
def market(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Iterator[Marketplace]:
    with open_market(request.param, tmp_path, clock, LAMPS) as market:
        market.catalog.save_catalog(Catalog("summer", "Summer"), scope=market.as_operator())
        yield market


@attrs.frozen
class Twice:
    """Something that is harmless twice, its opposite, and the records of which there is one afterwards."""

    do: Callable[[Marketplace], object]
    undo: Callable[[Marketplace], object]
    kind: Kind[Any]
    stored: int = 1


def _relate(market: Marketplace) -> object:
    return market.parties.relate("ann", "acme", scope=market.as_operator())


def _unrelate(market: Marketplace) -> None:
    market.parties.unrelate("ann", "acme", scope=market.as_operator())


HARMLESS = {
    "relate": Twice(_relate, _unrelate, RELATIONS),
    "assign": Twice(
        lambda market: market.catalog.assign("summer", buyer="ann", scope=market.as_operator()),
        lambda market: market.catalog.unassign("summer", buyer="ann", scope=market.as_operator()),
        CATALOG_ASSIGNMENTS,
    ),
    "add_products": Twice(
        lambda market: market.catalog.add_products("summer", ["vase", "lamp"], scope=market.as_operator()),
        lambda market: market.catalog.remove_products("summer", ["lamp", "vase"], scope=market.as_operator()),
        CATALOG_PRODUCTS,
        stored=2,
    ),
    "change_membership": Twice(
        lambda market: market.parties.change_membership("acme", all_buyers_can_order=False, scope=market.as_operator()),
        lambda market: market.parties.change_membership("acme", all_buyers_can_order=True, scope=market.as_operator()),
        MEMBERSHIPS,
    ),
    "codes": Twice(
        lambda market: market.pool_codes.add("spring", ["A", "B"], scope=market.as_operator()),
        lambda market: market.pool_codes.remove("spring", ["B", "A"], scope=market.as_operator()),
        POOL_CODES,
        stored=2,
    ),
    "recall": Twice(
        lambda market: market.parties.recall("lamp", reason="it burns", scope=market.as_operator()),
        lambda market: market.parties.lift_recall("lamp", scope=market.as_operator()),
        SELLING_RIGHTS,
    ),
    "rate": Twice(
        lambda market: market.offers.rate([MerchantRating("acme", Decimal("4.5"))], scope=market.as_operator()),
        lambda market: market.offers.rate([MerchantRating("acme", Decimal("2.0"))], scope=market.as_operator()),
        MERCHANT_RATINGS,
    ),
}


def run_at_once(works: list[Callable[[], object]]) -> list[Exception]:
    """Run all at the same moment, and return what was raised."""
    barrier = Barrier(len(works))
    raised: list[Exception] = []

    def run(work: Callable[[], object]) -> None:
        barrier.wait()
        try:
            work()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test tells it
            raised.append(error)

    usual = sys.getswitchinterval()
    # So often do threads take turns that also what never waits, in memory, meets in the middle.
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(len(works)) as pool:
            list(pool.map(run, works))
    finally:
        sys.setswitchinterval(usual)
    return raised


def count(market: Marketplace, kind: Kind[Any]) -> int:
    with market.store.begin(market.as_operator()) as unit:
        return unit.repository(kind).count()


@pytest.mark.parametrize("name", HARMLESS)
def test_many_do_it_at_once(market: Marketplace, name: str) -> None:
    case = HARMLESS[name]
    assert run_at_once([lambda: case.do(market)] * CALLS) == []
    assert count(market, case.kind) == case.stored


@pytest.mark.parametrize("name", HARMLESS)
def test_many_do_it_and_as_many_undo_it(market: Marketplace, name: str) -> None:
    case = HARMLESS[name]
    assert run_at_once([lambda: case.do(market), lambda: case.undo(market)] * (CALLS // 2)) == []
    assert run_at_once([lambda: case.undo(market)] * CALLS) == []


def test_many_opt_in_and_out_of_a_product_at_once(market: Marketplace) -> None:
    market.parties.save_selling_rights(SellingRights("vase", all_merchants_can_sell=True), scope=market.as_operator())
    acme = market.as_merchant("acme")
    works: list[Callable[[], object]] = [
        lambda: market.parties.opt_in("vase", scope=acme),
        lambda: market.parties.opt_out("vase", scope=acme),
    ]
    assert run_at_once(works * 12) == []
    assert count(market, SELLING_RIGHTS) == 1


def test_many_invite_one_merchant_at_once(market: Marketplace) -> None:
    operator, expires = market.as_operator(), NOON + timedelta(days=7)

    def invite() -> object:
        return market.onboarding.invite(Merchant("new", "New"), "new@example.org", expires_at=expires, scope=operator)

    assert run_at_once([invite] * CALLS) == []
    assert count(market, INVITATIONS) == CALLS
    assert market.parties.get_membership("new", scope=operator).state == "invited"


def test_who_invites_a_merchant_that_is_there_is_refused_at_once(market: Marketplace) -> None:
    expires = NOON + timedelta(days=7)
    with pytest.raises(UniqueViolation, match="there is a merchant with id='acme' already"):
        market.onboarding.invite(
            Merchant("acme", "Acme"), "acme@example.org", expires_at=expires, scope=market.as_operator()
        )
    assert count(market, MEMBERSHIPS) == 0


def test_many_answer_for_a_merchant_that_had_no_record_of_its_life(market: Marketplace) -> None:
    def answer() -> object:
        return market.onboarding.answer_requirement("acme", "documents", "reviewed", scope=market.as_operator())

    assert run_at_once([answer] * 12) == []
    assert count(market, MEMBERSHIPS) == 1


def test_selling_rights_are_saved_while_a_merchants_sku_is(market: Marketplace) -> None:
    def save_sku(name: str) -> Callable[[], object]:
        return lambda: market.catalog.save_sku(Sku(name, "Own", owner="acme"), scope=market.as_merchant("acme"))

    def save_rights(name: str) -> Callable[[], object]:
        rights = SellingRights(name, owner="acme")
        return lambda: market.parties.save_selling_rights(rights, scope=market.as_operator())

    names = [f"own-{number}" for number in range(12)]
    raised = run_at_once([work for name in names for work in (save_sku(name), save_rights(name))])
    # Whoever says of rights that they are new is told when they are not; the SKU is saved all the same.
    assert {type(error) for error in raised} <= {UniqueViolation}
    assert len(market.catalog.skus.page(scope=market.as_merchant("acme")).items) == len(names)
