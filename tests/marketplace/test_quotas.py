"""What one merchant may pile up of what everybody's carts look through."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from carts.shop import add_goods, eur, open_shop, sell, simulate
from mktcore.carts import CartLine
from mktcore.catalog import Sku
from mktcore.errors import InvalidValue
from mktcore.loading.load_faults import LoadRefused
from mktcore.marketplace import Marketplace
from mktcore.offers import Closure, Offer
from mktcore.periods import Period
from mktcore.persistence.record_quotas import QuotaReached, Quotas
from mktcore.pricing import Assignment, PriceBreak, PriceSchedule
from mktcore.promotions import AllOf, LineFilter, PercentOff, Promotion, WithCode
from mktcore.promotions.conditions import Condition, Not, Quantity
from mktcore.promotions.effects import BuyXGetY
from mktcore.taxes import TaxRule
from mktcore.totals import Option

TENTH = PercentOff(Decimal("0.1"))
FEW = Quotas(prices=3, promotions=3, offers=3, closures=3)


@pytest.fixture
def market() -> Marketplace:
    market = open_shop(quotas=FEW)
    add_goods(market, Sku("tee", "Tee"), Sku("cap", "Cap"))
    sell(market, "acme-tee", "tee", {1: "10.00"})
    sell(market, "bolt-cap", "cap", {1: "10.00"})
    return market


Save = Callable[[Marketplace, int], Any]
"""Stores the record with this number; acme's, but for number 100, which is bolt's."""


def save_price(market: Marketplace, number: int, **more: Any) -> Any:
    given: dict[str, Any] = {"group": "vip", "merchant": "acme", **more}
    schedule = "bolt-cap" if given["merchant"] == "bolt" else "acme-tee"
    one = Assignment(f"a{number}", "tee", schedule, **given)
    return market.prices.assign(one, scope=market.as_operator())


def save_promotion(market: Marketplace, number: int, merchant: str | None = "acme") -> Any:
    return market.promotions.save(Promotion(f"p{number}", TENTH, merchant), scope=market.as_operator())


def save_offer(market: Marketplace, number: int, merchant: str = "acme", sku: str = "cap") -> Any:
    schedule = f"{merchant}-{'tee' if merchant == 'acme' else 'cap'}"
    return market.offers.save(Offer(f"o{number}", merchant, sku, schedule=schedule), scope=market.as_operator())


def save_closure(market: Marketplace, number: int, merchant: str = "acme") -> Any:
    period = Period(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC))
    return market.offers.close(Closure(f"c{number}", merchant, period), scope=market.as_operator())


@pytest.mark.parametrize("save", [save_price, save_promotion, save_offer, save_closure])
def test_a_merchant_has_as_many_as_its_quota_and_no_more(market: Marketplace, save: Any) -> None:
    stored = [save(market, number) for number in range(3)]
    with pytest.raises(QuotaReached) as refusal:
        save(market, 3)
    assert (refusal.value.merchant, refusal.value.most) == ("acme", 3)
    # Others are not held up, and what is there can still be changed.
    save(market, 100, merchant="bolt")
    assert stored[0].version == 1


def test_the_operator_may_have_any_number(market: Marketplace) -> None:
    for number in range(5):
        save_promotion(market, number, merchant=None)
    market.prices.save_schedule(PriceSchedule("own", None, [PriceBreak(1, eur("1.00"))]), scope=market.as_operator())
    for number in range(5):
        market.prices.assign(Assignment(f"d{number}", "tee", "own"), scope=market.as_operator())


def test_what_is_there_can_be_changed_and_moved_where_there_is_room(market: Marketplace) -> None:
    prices = [save_price(market, number) for number in range(3)]
    changed = market.prices.assign(attrs.evolve(prices[0], channel="web"), scope=market.as_operator())
    other = save_price(market, 10, group="staff")
    with pytest.raises(QuotaReached):
        market.prices.assign(attrs.evolve(other, group="vip"), scope=market.as_operator())
    market.prices.assign(attrs.evolve(changed, group="staff"), scope=market.as_operator())
    market.prices.assign(attrs.evolve(other, group="vip"), scope=market.as_operator())


def test_the_quotas_of_a_market_that_says_nothing() -> None:
    assert Quotas() == Quotas(prices=100, promotions=200, offers=50, closures=200)
    with pytest.raises(InvalidValue, match="zero or more"):
        Quotas(prices=-1)


def nest(depth: int) -> Condition:
    condition: Condition = Quantity(1)
    for _ in range(depth - 1):
        condition = Not(condition)
    return condition


def exclude(depth: int) -> LineFilter:
    found = LineFilter(skus=("tee",))
    for _ in range(depth - 1):
        found = LineFilter(excluding=found)
    return found


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ({"condition": nest(10)}, {"condition": nest(11)}),
        ({"condition": nest(9)}, {"condition": nest(20_000)}),
        ({"condition": AllOf((Quantity(1),) * 99)}, {"condition": AllOf((Quantity(1),) * 100)}),
        ({"targets": exclude(10)}, {"targets": exclude(11)}),
        (
            {"condition": WithCode(tuple(map(str, range(5000))))},
            {"condition": WithCode(tuple(map(str, range(5000)))), "targets": LineFilter(skus=("tee",))},
        ),
        ({}, {"effect": BuyXGetY(1, of=LineFilter(attributes={"a": tuple(map(str, range(5000)))}))}),
        ({}, {"combines_with": tuple(map(str, range(5001)))}),
    ],
)
def test_a_promotion_asks_no_more_of_a_cart_than_it_can_look_through(
    market: Marketplace, right: dict[str, Any], wrong: dict[str, Any]
) -> None:
    market.promotions.save(Promotion("fits", **{"effect": TENTH, **right}), scope=market.as_operator())
    with pytest.raises(InvalidValue, match="at most"):
        market.promotions.save(Promotion("huge", **{"effect": TENTH, **wrong}), scope=market.as_operator())
    assert simulate(market, CartLine("1", "tee")).is_placeable()


@pytest.mark.parametrize(
    "given",
    [
        {"breaks": [PriceBreak(number, eur("1.00")) for number in range(1, 1002)]},
        {"options": tuple(Option(str(number), eur("1.00")) for number in range(1001))},
    ],
)
def test_a_schedule_has_a_thousand_breaks_and_options_at_most(market: Marketplace, given: dict[str, Any]) -> None:
    fitting = {name: found[:1000] for name, found in given.items()}
    plain = {"breaks": [PriceBreak(1, eur("1.00"))]}
    market.prices.save_schedule(PriceSchedule("fits", "acme", **{**plain, **fitting}), scope=market.as_operator())
    with pytest.raises(InvalidValue, match="1000 at most"):
        market.prices.save_schedule(PriceSchedule("huge", "acme", **{**plain, **given}), scope=market.as_operator())


def test_a_tax_category_has_as_many_taxes_as_totals_take(market: Marketplace, tmp_path: Path) -> None:
    operator = market.as_operator()
    rules = [TaxRule.of("standard", f"t{number}", Decimal("0.001")) for number in range(51)]
    stored = [market.taxes.save(rule, scope=operator) for rule in rules[:50]]
    with pytest.raises(InvalidValue, match="49 other taxes at most"):
        market.taxes.save(rules[50], scope=operator)
    market.taxes.save(attrs.evolve(stored[0], rate=Decimal("0.002")), scope=operator)
    rows = "".join(f"reduced,t{number},0.001\n" for number in range(51))
    (tmp_path / "tax_rates.csv").write_text(f"tax_category,name,rate\n{rows}")
    with pytest.raises(LoadRefused, match="51 taxes of category reduced, more than 50"):
        market.load(tmp_path)
