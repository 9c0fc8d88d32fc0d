"""A lint finds what a buyer would meet later: ties, gaps, what never applies, prices that nobody meant."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from mktcore.money import Money
from mktcore.notice import Notice
from mktcore.periods import Period
from mktcore.pricing import (
    Assignment,
    Precedence,
    PriceBook,
    PriceBreak,
    PriceQuery,
    PriceSchedule,
    Recurrence,
    lint_prices,
)
from mktcore.pricing.precedence import OnQuantity
from mktcore.pricing.price_lint import tabulate_findings
from yardstick import count_yards

NOW = datetime(2026, 5, 1, tzinfo=UTC)
DAY = timedelta(days=1)
PEN = PriceQuery("pen", "acme", "EUR", offer="o1")
FRIDAYS = Recurrence("FREQ=WEEKLY;BYDAY=FR", date(2026, 1, 2), time(18), lasts=timedelta(hours=4))
SATURDAYS = Recurrence("FREQ=WEEKLY;BYDAY=SA", date(2026, 1, 3), time(18), lasts=timedelta(hours=4))
EVENINGS = Recurrence("FREQ=DAILY", date(2026, 1, 1), time(18), lasts=timedelta(hours=4))


def make(
    name: str, *prices: str | tuple[int, str, str | None], owner: str | None = "acme", **more: object
) -> PriceSchedule:
    breaks = []
    for entry in prices or ("9.00",):
        quantity, price, sale = (1, entry, None) if isinstance(entry, str) else entry
        breaks.append(PriceBreak(quantity, Money.of(price, "EUR"), None if sale is None else Money.of(sale, "EUR")))
    return PriceSchedule(name, owner, breaks, **more)  # type: ignore[arg-type]  # fields of several types


def assign(name: str, schedule: str, merchant: str | None = "acme", **more: Any) -> Assignment:
    return Assignment(name, "pen", schedule, merchant=merchant, **more)


def days(start: int | None, end: int | None) -> Period:
    return Period(*(None if day is None else NOW + day * DAY for day in (start, end)))


def find(*schedules: PriceSchedule, assigned: tuple[Assignment, ...] = (), **more: object) -> list[str]:
    book = PriceBook(schedules, assigned, defaults={"o1": "own"} if any(one.id == "own" for one in schedules) else {})
    return [f"{one.code} {one.where}: {one.message}" for one in lint_prices(book, [PEN], **more)]  # type: ignore[arg-type]  # since


def test_sound_prices_have_no_findings() -> None:
    assert find(make("own"), make("vip"), assigned=(assign("a1", "vip", group="vip"),)) == []
    assert lint_prices(PriceBook([])) == ()


def test_a_sale_price_above_the_price_and_prices_that_rise_with_quantity() -> None:
    assert find(make("own", (1, "9.00", "9.01"), (5, "9.50", None), (9, "8.00", None))) == [
        "prices.rising-break price schedule own: the price rises from 9.00 EUR to 9.50 EUR at a quantity of 5",
        "prices.rising-break price schedule own: the sale price rises from 9.01 EUR to 9.50 EUR at a quantity of 5",
        "prices.sale-above-price price schedule own: the sale price 9.01 EUR from 1 is above the price 9.00 EUR",
    ]


def test_what_is_named_and_missing_or_somebody_elses() -> None:
    found = find(
        make("own", owner="bolt"),
        make("list", owner=None),
        assigned=(assign("a1", "gone"), assign("a2", "list"), assign("a3", "list", None)),
    )
    assert found == [
        "prices.foreign-schedule assignment a2: price schedule list is of the operator, and acme sells at its own only",
        "prices.foreign-schedule offer o1: price schedule own is of bolt, and acme sells at its own only",
        "prices.missing-schedule assignment a1: there is no price schedule gone",
        "prices.unreachable price schedule own: nobody sells what it prices, in its currency, to and where it does",
    ]


def test_a_schedule_that_nobody_names() -> None:
    assert find(make("own"), make("old")) == [
        "prices.unused-schedule price schedule old: no assignment and no offer names it"
    ]


def test_a_tie_that_precedence_cannot_break_says_which_is_taken() -> None:
    one, other, later = make("a", valid=days(0, 5)), make("b", valid=days(0, 5)), make("c", valid=days(5, 10))
    found = find(make("own"), one, other, later, assigned=(assign("a1", "a"), assign("a2", "b"), assign("a3", "c")))
    assert found == [
        "prices.ambiguous pen of acme: price schedules a, b have the same right for everyone; a is taken, by its id",
        "prices.unreachable price schedule b: price schedule a comes first for as long as it is valid",
    ]


def test_two_groups_tie_for_a_user_who_is_in_both() -> None:
    assigned = (assign("a1", "a", group="vip"), assign("a2", "b", group="staff"), assign("a3", "c", user="u1"))
    assert find(make("own"), make("a"), make("b"), make("c"), assigned=assigned) == [
        (
            "prices.ambiguous-groups pen of acme: "
            "price schedules a, b have the same right for a user who is in staff and vip"
        ),
    ]


@pytest.mark.parametrize(
    ("mine", "yours", "codes"),
    [
        (FRIDAYS, SATURDAYS, set()),
        (FRIDAYS, EVENINGS, {"prices.ambiguous"}),
        (FRIDAYS, FRIDAYS, {"prices.ambiguous"}),
    ],
)
def test_recurring_windows_tie_where_they_meet(mine: Recurrence, yours: Recurrence, codes: set[str]) -> None:
    schedules = make("own"), make("a", recurs=mine), make("b", recurs=yours)
    found = find(*schedules, assigned=(assign("a1", "a"), assign("a2", "b")))
    assert {line.split()[0] for line in found} == codes


def test_a_gap_in_time_is_told_with_its_ends() -> None:
    assert find(make("own", valid=days(0, 5)), make("b", valid=days(7, None)), assigned=(assign("a1", "b"),)) == [
        "prices.gap offer o1: no price schedule applies from 2026-05-06T00:00:00+00:00 to 2026-05-08T00:00:00+00:00"
    ]
    assert find(make("own", recurs=FRIDAYS)) == [
        "prices.gap offer o1: no price schedule applies at any time, outside the recurring windows of own"
    ]
    assert find(
        make("own", valid=days(None, 5)), make("b", valid=days(7, None)), assigned=(assign("a1", "b", group="vip"),)
    ) == [
        (
            "prices.gap offer o1 for group vip: "
            "no price schedule applies from 2026-05-06T00:00:00+00:00 to 2026-05-08T00:00:00+00:00"
        ),
    ]


def test_what_ended_before_is_left_out() -> None:
    schedules = make("own", valid=days(-9, -5)), make("b", valid=days(-4, None))
    assert [line.split()[0] for line in find(*schedules, assigned=(assign("a1", "b"),))] == ["prices.gap"]
    assert find(*schedules, assigned=(assign("a1", "b"),), since=NOW) == []


def test_nothing_at_all_is_told_once() -> None:
    assert find(make("usd", owner=None), assigned=()) == [
        "prices.unpriced offer o1: it has no price in EUR at any time, for anybody",
        "prices.unused-schedule price schedule usd: no assignment and no offer names it",
    ]


def test_a_schedule_that_is_always_beaten() -> None:
    wide, narrow = make("wide", valid=days(0, 10)), make("narrow", valid=days(0, 5))
    rest = make("rest", valid=days(5, 10))
    assigned = (assign("a1", "wide"), assign("a2", "narrow"), assign("a3", "rest"))
    assert find(make("own"), wide, narrow, rest, assigned=assigned) == [
        "prices.unreachable price schedule wide: price schedule narrow comes first for as long as it is valid"
    ]
    assert find(make("own"), wide, narrow, assigned=assigned[:2]) == []


def test_a_refused_quantity_that_another_schedule_would_take() -> None:
    schedules = make("own"), make("bulk", (12, "5.00", None), (24, "4.00", None), restricted=True)
    assigned = (assign("a1", "bulk", buyer="b1"),)
    assert find(*schedules, assigned=assigned) == [
        "prices.quantity-gap offer o1 for buyer b1: price schedule bulk refuses 1, which own would take"
    ]
    lenient = Precedence(on_quantity=OnQuantity.FALL_THROUGH)
    book = PriceBook(schedules, assigned, defaults={"o1": "own"}, precedence=lenient)
    assert lint_prices(book, [PEN]) == ()


def test_of_several_schedules_that_would_take_it_the_first_by_id_is_told() -> None:
    schedules = [make("any"), make("most"), make("few", maximum=3), make("less", maximum=3)]
    staff = [Assignment(f"to-{name}", "pen", name, group="staff") for name in ("any", "most")]
    assigned = [*staff, assign("to-few", "few"), assign("to-less", "less")]
    told = [
        {one.message for one in lint_prices(PriceBook(some, links), [PEN]) if one.code == "prices.quantity-gap"}
        for some, links in ((schedules, assigned), (schedules[::-1], assigned[::-1]))
    ]
    assert told == [{"price schedule few refuses 4, which any would take"}] * 2


def test_a_hole_between_quantities_that_fall_through() -> None:
    lenient = Precedence(on_quantity=OnQuantity.FALL_THROUGH)
    schedules = make("few", maximum=5), make("own", minimum=9)
    book = PriceBook(schedules, [assign("a1", "few")], defaults={"o1": "own"}, precedence=lenient)
    [finding] = lint_prices(book, [PEN])
    assert finding.message == "no price schedule takes 6, although fewer and more can be had"
    assert (finding.operands["quantity"], finding.operands["schedule"]) == (6, "own")


def test_findings_are_values_in_one_order_and_a_table() -> None:
    schedules = [make("own", (1, "9.00", "9.01")), make("old")]
    turned = [lint_prices(PriceBook(order, defaults={"o1": "own"}), [PEN]) for order in (schedules, schedules[::-1])]
    assert turned[0] == turned[1]
    assert all(isinstance(one, Notice) and one.remedy and one.operands for one in turned[0])
    assert tabulate_findings(turned[0]) == (
        "| code | where | what | remedy |\n"
        "|---|---|---|---|\n"
        "| prices.sale-above-price | price schedule own | the sale price 9.01 EUR from 1 is above the price 9.00 EUR | "
        "lower it, or raise the price |\n"
        "| prices.unused-schedule | price schedule old | no assignment and no offer names it | assign it, or remove it "
        "|"
    )


def lint_chain(count: int) -> float:
    """Return what one product costs with so many schedules, one day after the other with a week each, in yards."""
    schedules = [make(f"s{n}", valid=days(n, n + 7)) for n in range(count)]
    book = PriceBook(schedules, [assign(f"a{n}", f"s{n}") for n in range(count)])
    findings: list[object] = []
    yards = count_yards(lambda: findings.extend(lint_prices(book, [PEN])))
    assert findings == []
    return yards


@pytest.mark.slow(counted=True)
def test_it_sorts_and_sweeps_even_where_all_are_of_one_product() -> None:
    # Both at their best of as many tries: a neighbour that spoils the only measurement of one is no regression.
    small, large = (min(lint_chain(count) for _ in range(3)) for count in (500, 8_000))
    assert large < 16 * 5 * small  # comparing each with each would take 256 times as long


def test_a_recurring_window_ties_with_a_period_that_is_as_long() -> None:
    evening = Period(NOW, NOW + timedelta(hours=4))
    recurring = make("a", recurs=EVENINGS, valid=days(0, None))
    same_start = make("b", valid=evening)
    assigned = (assign("a1", "a"), assign("a2", "b"))
    found = find(make("own"), recurring, same_start, assigned=assigned)
    assert found == []  # it opens at 18:00, when the other is over
    noon = Recurrence("FREQ=DAILY", date(2026, 1, 1), time(0), lasts=timedelta(hours=4))
    found = find(make("own"), make("a", recurs=noon, valid=days(0, None)), same_start, assigned=assigned)
    assert [line.split()[0] for line in found] == ["prices.ambiguous"]
    later = Recurrence("FREQ=WEEKLY;BYDAY=FR", date(2030, 1, 4), time(18), lasts=timedelta(hours=4))
    found = find(make("own"), make("a", recurs=later), make("b", recurs=FRIDAYS), assigned=assigned)
    assert [line.split()[0] for line in found] == ["prices.ambiguous"]  # compared from when both recur
