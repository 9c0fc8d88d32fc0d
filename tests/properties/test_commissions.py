"""Commission against a naive model: every rule is asked for every line, and all is summed by hand.

The model knows rules and lines as plain tables, and imports nothing of the library but `Money`.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mktcore.commissions import (
    AmountBand,
    CommissionLine,
    CommissionOn,
    CommissionReversal,
    CommissionRule,
    Fixed,
    Per,
    Percentage,
    SaleFilter,
    Tier,
    TierBy,
    Tiers,
    reverse_commission,
)
from mktcore.commissions.commission_book import CommissionBook
from mktcore.commissions.commission_policy import CommissionPolicy
from mktcore.commissions.fee_terms import FeeTerms
from mktcore.commissions.verify_commission import find_commission_contradictions
from mktcore.money import Money

NOW = datetime(2026, 5, 1, tzinfo=UTC)
Table = dict[str, Any]
PARENTS = {"lens": ("photo", "goods"), "photo": ("goods",), "goods": (), "book": ()}
RATES = st.sampled_from(["0", "0.05", "0.1", "0.125", "0.333", "1"])


def eur(minor: int) -> Money:
    return Money.from_minor(minor, "EUR")


@st.composite
def tiers(draw: st.DrawFn) -> list[tuple[int, str]]:
    starts = sorted(draw(st.sets(st.integers(0, 30_000), min_size=1, max_size=4)))
    return [(start, draw(RATES)) for start in starts]


@st.composite
def rules(draw: st.DrawFn) -> Table:
    kind = draw(st.sampled_from(["percent", "fixed", "tiers"]))
    low = draw(st.none() | st.integers(0, 15_000))
    floor = draw(st.none() | st.integers(0, 300))
    return {
        "kind": kind,
        "rate": draw(RATES),
        "fixed": draw(st.integers(0, 900)),
        "per": draw(st.sampled_from(["piece", "line"])),
        "tiers": draw(tiers()),
        "slab": draw(st.booleans()),
        "by": draw(st.sampled_from(["line", "unit-price"])),
        "group": draw(st.sampled_from(["sale", "fee"])),
        "priority": draw(st.integers(-1, 1)),
        "merchant": draw(st.sampled_from([None, None, "acme", "bolt"])),
        "category": draw(st.sampled_from([None, None, *PARENTS])),
        "brands": draw(st.sampled_from([(), (), ("Orlik",), ("Orlik", "Solara")])),
        "price": None if low is None else (low, draw(st.none() | st.integers(low + 1, 20_000))),
        "not_merchants": draw(st.sampled_from([(), (), ("acme",)])),
        "floor": floor,
        "cap": draw(st.none() | st.integers(floor or 0, 3_000)),
        "euro": draw(st.sampled_from([True, True, True, False])),
    }


@st.composite
def lines(draw: st.DrawFn) -> Table:
    return {
        "merchant": draw(st.sampled_from(["acme", "bolt"])),
        "category": draw(st.sampled_from([*PARENTS])),
        "brand": draw(st.sampled_from(["", "Orlik", "Solara"])),
        "net": draw(st.integers(-200, 60_000)),
        "quantity": draw(st.integers(1, 5)),
    }


def take(rule: Table, line: Table) -> int:
    """Compute a fee by hand: exact, rounded half up, then the floor, then the cap."""
    base, pieces = max(line["net"], 0), line["quantity"]
    if rule["kind"] == "fixed":
        amount = int(rule["fixed"]) * (pieces if rule["per"] == "piece" else 1)
    elif rule["kind"] == "percent":
        amount = round_half_up(base * Fraction(rule["rate"]))
    else:
        of = Fraction(base, pieces) if rule["by"] == "unit-price" else Fraction(base)
        amount = round_half_up(sum_tiers(rule, of) * (pieces if rule["by"] == "unit-price" else 1))
    if rule["floor"] is not None:
        amount = max(amount, int(rule["floor"]))
    return amount if rule["cap"] is None else min(amount, int(rule["cap"]))


def sum_tiers(rule: Table, amount: Fraction) -> Fraction:
    if rule["slab"]:
        reached = [rate for start, rate in rule["tiers"] if start <= amount]
        return amount * Fraction(reached[-1]) if reached else Fraction(0)
    ends = [start for start, _ in rule["tiers"][1:]] + [None]
    total = Fraction(0)
    for (start, rate), end in zip(rule["tiers"], ends, strict=True):
        upper = amount if end is None else min(amount, Fraction(end))
        total += max(upper - start, Fraction(0)) * Fraction(rate)
    return total


def round_half_up(amount: Fraction) -> int:
    return int(amount + Fraction(1, 2)) if amount >= 0 else -int(-amount + Fraction(1, 2))


def is_for(rule: Table, line: Table) -> bool:
    price = Fraction(line["net"], line["quantity"])
    return (
        rule["euro"]
        and rule["merchant"] in (None, line["merchant"])
        and rule["category"] in (None, line["category"], *PARENTS[line["category"]])
        and (not rule["brands"] or line["brand"] in rule["brands"])
        and line["merchant"] not in rule["not_merchants"]
        and (rule["price"] is None or rule["price"][0] <= price)
        and (rule["price"] is None or rule["price"][1] is None or price < rule["price"][1])
    )


def model(tables: Sequence[Table], sold: Sequence[Table]) -> Iterator[tuple[int, int, int]]:
    """Yield the number of the line, of the rule, and minor units, groups in order of their names."""
    for number, line in enumerate(sold):
        for group in ("fee", "sale"):
            own = [
                (-table["priority"], f"r{place:02}", place)
                for place, table in enumerate(tables)
                if table["group"] == group and is_for(table, line)
            ]
            if own:
                place = min(own)[-1]
                yield number, place, take(tables[place], line)


def to_terms(table: Table) -> FeeTerms:
    code = "EUR" if table["euro"] else "USD"
    if table["kind"] == "percent":
        return Percentage(Decimal(table["rate"]))
    if table["kind"] == "fixed":
        return Fixed(Money.from_minor(table["fixed"], code), per=Per(table["per"]))
    steps = [Tier(Money.from_minor(start, code), Decimal(rate)) for start, rate in table["tiers"]]
    return Tiers(steps, by=TierBy(table["by"]), is_slab=table["slab"])


def to_rule(number: int, table: Table) -> CommissionRule:
    def to_bound(minor: int | None) -> Money | None:
        code = "EUR" if table["euro"] else "USD"
        # A percentage alone is of every currency: a bound makes it one of its own.
        return Money.from_minor(minor, code) if minor is not None else None

    low = table["price"]
    band = None if low is None else AmountBand(eur(low[0]), None if low[1] is None else eur(low[1]))
    excluding = [SaleFilter(merchants=table["not_merchants"])] if table["not_merchants"] else []
    return CommissionRule(
        f"r{number:02}",
        to_terms(table),
        group=table["group"],
        priority=table["priority"],
        merchant=table["merchant"],
        category=table["category"],
        where=SaleFilter(brands=table["brands"], price=band, excluding=excluding),
        floor=to_bound(table["floor"]),
        cap=to_bound(table["cap"]),
    )


def to_line(number: int, table: Table) -> CommissionLine:
    return CommissionLine(
        str(number),
        table["merchant"],
        table["category"],
        quantity=table["quantity"],
        net=eur(table["net"]),
        gross=eur(table["net"]),
        ancestors=PARENTS[table["category"]],
        brand=table["brand"],
    )


def speaks_of_money(table: Table) -> Table:
    """A bare percentage without bounds is of no currency: in the model as in the rules it is then of every one."""
    is_bare = table["kind"] == "percent" and table["floor"] is None and table["cap"] is None
    return {**table, "euro": True} if is_bare else table


MARKETS = (st.lists(rules().map(speaks_of_money), max_size=12), st.lists(lines(), max_size=5), st.randoms())


def compare(tables: list[Table], sold: list[Table], random: Any) -> None:
    made = [to_rule(number, table) for number, table in enumerate(tables)]
    random.shuffle(made)
    book = CommissionBook(made, CommissionPolicy(is_within_proceeds=False))
    entries = book.calculate([to_line(number, line) for number, line in enumerate(sold)], now=NOW)
    found = [(int(entry.line), int(entry.rule[1:]), entry.amount.minor) for entry in entries]
    assert found == list(model(tables, sold))
    assert [problem for entry in entries for problem in find_commission_contradictions(entry)] == []


@settings(max_examples=15)
@given(*MARKETS)
def test_it_is_what_asking_every_rule_gives(tables: list[Table], sold: list[Table], random: Any) -> None:
    compare(tables, sold, random)


@pytest.mark.slow
@settings(max_examples=400)
@given(*MARKETS)
def test_it_is_what_asking_every_rule_gives_in_many_markets(
    tables: list[Table], sold: list[Table], random: Any
) -> None:
    compare(tables, sold, random)


@pytest.mark.slow
@settings(max_examples=200)
@given(st.lists(rules().map(speaks_of_money), max_size=12), st.lists(lines(), max_size=5), st.integers(0, 700))
def test_no_more_is_taken_than_a_sale_brings(tables: list[Table], sold: list[Table], fixed: int) -> None:
    made = [to_rule(number, table) for number, table in enumerate(tables)]
    made.append(CommissionRule("once", Fixed(eur(fixed), per=Per.ORDER), group="once"))
    made.append(CommissionRule("order", Percentage(Decimal("0.4")), group="o", on=CommissionOn.ORDER))
    given_lines = [to_line(number, line) for number, line in enumerate(sold)]
    entries = CommissionBook(made).calculate(given_lines, now=NOW)
    brought = {str(number): max(line["net"], 0) for number, line in enumerate(sold)}
    for key, net in brought.items():
        assert 0 <= sum(entry.amount.minor for entry in entries if entry.line == key) <= net
    for merchant in ("acme", "bolt"):
        keys = {line.key for line in given_lines if line.merchant == merchant}
        total = sum(entry.amount.minor for entry in entries if keys.issuperset(entry.lines) and entry.lines)
        assert total <= sum(net for key, net in brought.items() if key in keys)
    assert [problem for entry in entries for problem in find_commission_contradictions(entry)] == []


@given(
    st.integers(0, 10**12),
    st.lists(st.integers(1, 10**6), min_size=1, max_size=6).flatmap(st.permutations),
)
def test_refunds_in_any_order_give_back_the_whole(amount: int, parts: Sequence[int]) -> None:
    line = CommissionLine("1", "acme", quantity=1, net=eur(10**12), gross=eur(10**12))
    (entry,) = CommissionBook([CommissionRule("r", Fixed(eur(amount)))]).calculate([line], now=NOW)
    done = 0
    steps: list[CommissionReversal] = []
    for part in parts:
        done += part
        steps.append(reverse_commission(entry, refunded=done, of=sum(parts), before=steps))
        to_date = sum(step.amount.minor for step in steps)
        assert to_date == round_half_up(Fraction(entry.amount.minor * done, sum(parts)))
    assert Money.sum([step.amount for step in steps]) == entry.amount


PLAIN: Table = {
    "kind": "percent",
    "rate": "0.1",
    "group": "sale",
    "priority": 0,
    "merchant": None,
    "category": None,
    "brands": (),
    "price": None,
    "not_merchants": (),
    "floor": None,
    "cap": None,
    "euro": True,
}
SOLD: Table = {"merchant": "acme", "category": "lens", "brand": "", "net": 1000, "quantity": 1}


@pytest.mark.parametrize(
    "fault", [{"priority": 0}, {"category": "book"}, {"not_merchants": ("acme",)}, {"floor": 150}, {"rate": "0.05"}]
)
def test_the_model_finds_a_rule_that_is_asked_or_computed_wrongly(fault: Table) -> None:
    tables = [PLAIN, {**PLAIN, "rate": "0.125", "priority": 1, "category": "goods"}]
    compare(tables, [SOLD], Random(1))  # noqa: S311 - any order of rules serves
    wrong = [to_rule(number, table) for number, table in enumerate([tables[0], {**tables[1], **fault}])]
    entries = CommissionBook(wrong).calculate([to_line(0, SOLD)], now=NOW)
    assert [(int(one.line), int(one.rule[1:]), one.amount.minor) for one in entries] != list(model(tables, [SOLD]))
