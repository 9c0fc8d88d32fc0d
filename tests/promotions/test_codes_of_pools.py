"""Single-use coupon codes, as many as a promotion needs: found by the code, claimed once, given back when cancelled."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest

from counting_store import CountingStore
from markets import LAMPS, open_market
from mktcore.carts import Cart, CartLine
from mktcore.checkout import PlacementRefused
from mktcore.errors import InvalidValue
from mktcore.loading import LoadRefused
from mktcore.marketplace import Marketplace
from mktcore.orders import MARKETPLACE_ORDERS
from mktcore.persistence.record_quotas import QuotaReached, Quotas
from mktcore.promotions import AllOf, Limits, PercentOff, Promotion, WithCode
from mktcore.promotions.conditions import Condition, InChannel, WithPoolCode
from mktcore.promotions.pool_code import PoolCode, group_by_pool
from mktcore.testing.fakes import ManualClock

HALF = PercentOff(Decimal("0.5"))


@pytest.fixture
def lamps(tmp_path: Path, clock: ManualClock) -> Iterator[Marketplace]:
    with open_market("memory", tmp_path, clock, LAMPS) as market:
        yield market


def vase(number: int, *codes: str, buyer: str = "ann") -> Cart:
    return Cart.of(f"c{number}", buyer=buyer, lines=[CartLine("l1", "vase")], codes=codes)


def offer(market: Marketplace, condition: Condition, owner: str | None = None, per_code: int = 1) -> None:
    promotion = Promotion("bulk", HALF, owner, condition=condition, limits=Limits(per_code=per_code))
    market.promotions.save(promotion, scope=market.as_operator())


def discount(market: Marketplace, cart: Cart) -> str:
    return str(market.simulate(cart, scope=market.as_operator()).totals.order.discount_total)


@pytest.mark.parametrize("store", ["memory", "sqlite", "postgresql"])
def test_whatever_a_buyer_enters_is_told_to_be_unknown(store: str, tmp_path: Path, clock: ManualClock) -> None:
    with open_market(store, tmp_path, clock, LAMPS) as market:
        offer(market, WithPoolCode("spring"))
        for code in ("nul\0", "\ud800", "x" * 10_000, "ß" * 300, ""):
            found = market.simulate(vase(1, code), scope=market.as_operator())
            assert [issue.code for issue in found.issues] == ["unknown-code"]


@pytest.mark.parametrize("kept", ["in the promotion", "in a pool"])
def test_a_used_code_leaves_the_others(lamps: Marketplace, kept: str) -> None:
    codes = [f"SAVE-{number:04}" for number in range(100)]
    if kept == "in a pool":
        assert lamps.pool_codes.add("spring", codes, scope=lamps.as_operator()) == 100
        offer(lamps, WithPoolCode("spring"))
    else:
        offer(lamps, WithCode(tuple(codes)))
    order = lamps.place(vase(1, "save-0001"), key="k1", scope=lamps.as_buyer("ann"))
    assert str(order.totals.discount_total) == "6.00 EUR"
    assert discount(lamps, vase(2, "SAVE-0002")) == "6.00 EUR"
    used = lamps.simulate(vase(2, "SAVE-0001"), scope=lamps.as_operator())
    assert [one.reason for one in used.promotions.passed] == ["the 1 uses of its code are taken"]
    assert [one.code for one in used.notices] == ["code-without-effect"]
    assert str(used.totals.order.discount_total) == "0.00 EUR"
    # Of two codes, the one that is left serves.
    assert discount(lamps, vase(2, "SAVE-0001", "SAVE-0002")) == "6.00 EUR"
    assert [one.code for one in lamps.simulate(vase(2, "SAVE-9"), scope=lamps.as_operator()).issues] == ["unknown-code"]
    lamps.fire(order.merchant_orders[0].id, "cancel by merchant", key="x", scope=lamps.as_merchant("acme"))
    assert discount(lamps, vase(3, "SAVE-0001")) == "6.00 EUR"
    assert lamps.verify() == ()


def test_a_code_may_serve_several_orders(lamps: Marketplace) -> None:
    offer(lamps, WithCode(("TWICE",)), per_code=2)
    for number in (1, 2):
        lamps.place(vase(number, "TWICE"), key=f"k{number}", scope=lamps.as_buyer("ann"))
    assert discount(lamps, vase(3, "twice")) == "0.00 EUR"


def test_without_a_code_in_its_condition_a_limit_per_code_limits_nothing(lamps: Marketplace) -> None:
    offer(lamps, AllOf(()))
    orders = [lamps.place(vase(number), key=f"k{number}", scope=lamps.as_operator()) for number in (1, 2)]
    assert {str(order.totals.discount_total) for order in orders} == {"6.00 EUR"}
    assert {order.marketplace_order.promotion_uses for order in orders} == {()}


def test_a_pool_is_its_owners(lamps: Marketplace) -> None:
    acme = lamps.as_merchant("acme")
    assert lamps.pool_codes.add("spring", ["A-1", "a-1", "A-2"], scope=acme) == 2
    assert lamps.pool_codes.add("spring", ["A-1", "A-3"], scope=acme) == 1
    lamps.pool_codes.add("spring", ["O-1"], scope=lamps.as_operator())
    lamps.pool_codes.add("autumn", ["O-2"], scope=lamps.as_operator())
    offer(lamps, WithPoolCode("spring"), owner="acme")
    assert discount(lamps, vase(1, "A-3")) == "6.00 EUR"
    for code in ("O-1", "O-2"):
        found = lamps.simulate(vase(1, code), scope=lamps.as_operator())
        assert [one.code for one in found.issues] == ["unknown-code"]
    assert [
        one.code for one in lamps.pool_codes.page(scope=lamps.as_merchant("bolt"), where={"pool": "spring"}).items
    ] == []
    mine = lamps.pool_codes.page(scope=acme, where={"pool": "spring"}).items
    assert sorted(one.code for one in mine) == ["A-1", "A-2", "A-3"]
    assert lamps.pool_codes.remove("spring", ["a-3", "A-9"], scope=acme) == 1
    assert discount(lamps, vase(1, "A-3")) == "0.00 EUR"


def test_codes_are_refused_whole(lamps: Marketplace) -> None:
    operator = lamps.as_operator()
    for wrong in ("", " A", "A\n", "A" * 101):
        with pytest.raises(InvalidValue):
            lamps.pool_codes.add("spring", ["GOOD", wrong], scope=operator)
    assert lamps.pool_codes.page(scope=operator, where={"pool": "spring"}).items == ()
    assert lamps.pool_codes.add("spring", ["STRASSE", "straße", "A" * 100], scope=operator) == 2


def test_a_merchant_has_so_many_codes(tmp_path: Path, clock: ManualClock) -> None:

    with Marketplace.in_memory(currency="EUR", clock=clock, quotas=Quotas(pool_codes=3)) as market:
        (tmp_path / "merchants.csv").write_text("merchant,name\nacme,Acme\n", encoding="utf-8")
        market.load(tmp_path)
        acme = market.as_merchant("acme")
        market.pool_codes.add("spring", ["A", "B"], scope=acme)
        with pytest.raises(QuotaReached):
            market.pool_codes.add("autumn", ["C", "D"], scope=acme)
        assert market.pool_codes.add("autumn", ["C"], scope=acme) == 1
        with pytest.raises(QuotaReached):
            market.pool_codes.add("autumn", ["D"], scope=acme)
        assert market.pool_codes.add("spring", ["A"], scope=acme) == 0
        assert market.pool_codes.add("autumn", ["C", "D", "E"], scope=market.as_operator()) == 3


def test_codes_that_were_entered_are_grouped_in_their_order() -> None:
    found = [PoolCode("p", "B"), PoolCode("p", "A", "acme"), PoolCode("p", "C"), PoolCode("q", "B"), PoolCode("p", "X")]
    assert group_by_pool(["c", "b", "A", "C"], found) == {
        (None, "p"): ("c", "b"),
        ("acme", "p"): ("a",),
        (None, "q"): ("b",),
    }


def test_codes_come_by_file(tmp_path: Path, clock: ManualClock) -> None:
    files = LAMPS | {
        "promotions.csv": "promotion,effect,percent,pool,uses_per_code\nbulk,percent-off,0.5,spring,1\n",
        "pool_codes.csv": "pool,code,merchant\n" + "".join(f"spring,SAVE-{n},\n" for n in range(1000)),
    }
    with open_market("memory", tmp_path, clock, files) as market:
        assert discount(market, vase(1, "save-999")) == "6.00 EUR"
        (tmp_path / "more").mkdir()
        path = tmp_path / "more" / "pool_codes.csv"
        path.write_text("pool,code\nspring,SAVE-1\nspring,save-1000\n", encoding="utf-8")
        assert str(market.load(tmp_path / "more")) == "pool_code: 1 added, 0 changed"
        path.write_text("pool,code,merchant\nspring,A,\nspring,a,\n,B,\nspring,C,nobody\n", encoding="utf-8")
        with pytest.raises(LoadRefused) as caught:
            market.load(tmp_path / "more")
        assert len(caught.value.problems) == 3


def place(market: Marketplace, number: int) -> bool:
    buyer = f"buyer-{number}"
    try:
        market.place(vase(number, "ONCE", buyer=buyer), key=f"k{number}", scope=market.as_buyer(buyer))
    except PlacementRefused as refused:
        codes = [one.code for one in refused.issues]
        return codes != ["promotion-exhausted"]
    return True


@pytest.mark.slow
@pytest.mark.parametrize("store", ["memory", "sqlite", "postgresql"])
def test_one_code_serves_one_of_many_orders_at_once(store: str, tmp_path: Path, clock: ManualClock) -> None:
    with open_market(store, tmp_path, clock, LAMPS) as market:
        market.pool_codes.add("spring", ["ONCE"], scope=market.as_operator())
        offer(market, WithPoolCode("spring"))
        with ThreadPoolExecutor(4) as pool:
            orders = list(pool.map(lambda number: place(market, number), range(4)))
        with market.store.begin(market.as_operator()) as unit:
            placed = unit.repository(MARKETPLACE_ORDERS).page(limit=10).items
        reduced = [one for one in placed if one.totals.discount_total.minor]
        # Who came too late to see it pays the whole price, or is told that it was just used up.
        assert len(reduced) == 1
        assert len(placed) == sum(orders)
        assert market.verify() == ()


def test_a_pool_in_another_condition(lamps: Marketplace) -> None:
    lamps.pool_codes.add("spring", ["A"], scope=lamps.as_operator())
    offer(lamps, AllOf((WithPoolCode("spring"), InChannel(("web",)))))
    assert discount(lamps, vase(1, "A")) == "0.00 EUR"
    assert [one.code for one in lamps.simulate(vase(1, "A"), scope=lamps.as_operator()).notices] == [
        "code-without-effect"
    ]


def test_a_code_costs_a_cart_two_calls_however_many_there_are(tmp_path: Path) -> None:
    store = CountingStore()
    market, folder = Marketplace(store, "EUR"), tmp_path
    for name, text in LAMPS.items():
        (folder / name).write_text(text, encoding="utf-8")
    market.load(folder)
    offer(market, WithPoolCode("spring"))
    calls = []
    for count, codes in ((0, ()), (1, ("c-0",)), (500, ("c-0",))):
        market.pool_codes.add("spring", [f"C-{number}" for number in range(count)], scope=market.as_operator())
        store.calls.clear()
        market.simulate(vase(1, *codes), scope=market.as_operator())
        calls.append(sum(store.calls.values()))
    # Which pools it is of, and whether it is used up.
    assert calls[1] == calls[2] == calls[0] + 2
