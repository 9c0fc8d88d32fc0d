"""Where sales, breaks, assignments and defaults compete: by rank unless a marketplace says that the cheapest wins."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mktcore.money import Money
from mktcore.periods import Period
from mktcore.pricing import Assignment, Precedence, PriceBook, PriceBreak, PriceQuery, PriceSchedule, lint_prices
from mktcore.pricing.precedence import Competition
from mktcore.sales_context import SalesContext

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
CHEAPEST = Precedence(competition=Competition.CHEAPEST)
SALE = Period(NOW - timedelta(days=1), NOW + timedelta(days=7))


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def make_book(precedence: Precedence) -> PriceBook:
    """A bag with a sale of one piece and a break from two on, and dearer and cheaper assignments."""
    breaks = [PriceBreak(1, eur("18.42"), eur("14.00")), PriceBreak(2, eur("16.21")), PriceBreak(10, eur("12.00"))]
    schedules = [
        PriceSchedule("bag", "acme", breaks, sale=SALE),
        PriceSchedule("bag-vip", "acme", [PriceBreak(1, eur("15.00"))]),
        PriceSchedule("bag-box", "acme", [PriceBreak(100, eur("1100.00"))], per=100, minimum=100),
    ]
    assignments = [
        Assignment("a1", "bag", "bag-vip", merchant="acme", group="vip"),
        Assignment("a2", "bag", "bag-box", merchant="acme"),
    ]
    return PriceBook(schedules, assignments, defaults={"bag": "bag"}, precedence=precedence)


def ask(quantity: int, *groups: str) -> PriceQuery:
    return PriceQuery("bag", "acme", "EUR", offer="bag", quantity=quantity, context=SalesContext(groups=groups))


@pytest.mark.parametrize(
    ("quantity", "groups", "price", "schedule"),
    [
        (1, (), "14.00 EUR", "bag"),
        # Two never cost more each than one.
        (2, (), "14.00 EUR", "bag"),
        (10, (), "12.00 EUR", "bag"),
        # An assignment hides no cheaper sale.
        (1, ("vip",), "14.00 EUR", "bag"),
        # 11.00 each, stated per hundred.
        (100, ("vip",), "1100.00 EUR", "bag-box"),
    ],
)
def test_the_cheapest_wins_where_a_policy_says_so(
    quantity: int, groups: tuple[str, ...], price: str, schedule: str
) -> None:
    found = make_book(CHEAPEST).resolve(ask(quantity, *groups), now=NOW)
    assert (str(found.unit_price), found.schedule) == (price, schedule)


def test_rank_decides_unless_told_otherwise() -> None:
    # The assignment to everyone refuses one piece; by rank it comes before the default all the same.
    found = make_book(Precedence()).find(ask(1, "vip"), now=NOW)
    assert str(found.unit_price) == "15.00 EUR"  # type: ignore[union-attr]  # it is priced


def test_the_answer_says_why() -> None:
    told = make_book(CHEAPEST).resolve(ask(2, "vip"), now=NOW).explain().to_text().splitlines()
    assert told == [
        "unit price: 14.00 EUR - merchant-default: price schedule bag for a quantity of 2",
        "├─ from 1: 18.42 EUR, on sale at 14.00 EUR - applies: the least that is reached",
        "├─ from 2: 16.21 EUR - costs no less",
        "├─ from 10: 12.00 EUR - not reached",
        "├─ not bag-vip: 15.00 EUR - merchant-assignment to group vip: it costs more",
        "└─ not bag-box - merchant-assignment: it takes 100 or more, not 2",
    ]


def test_the_regular_price_is_the_least_without_a_sale() -> None:
    found = make_book(CHEAPEST).resolve(ask(2), now=NOW)
    assert (str(found.regular_price), found.break_quantity) == ("16.21 EUR", 1)


def test_what_nobody_sells_in_this_quantity_is_refused() -> None:
    book = PriceBook(
        [PriceSchedule("box", "acme", [PriceBreak(6, eur("9.00"))])], defaults={"bag": "box"}, precedence=CHEAPEST
    )
    notice = book.find(ask(2), now=NOW).notice  # type: ignore[union-attr]  # it is refused
    assert (notice.code, notice.remedy) == ("quantity-refused", "take 6 or more")


def test_the_lint_has_nothing_against_prices_that_compete() -> None:
    assert {one.code for one in lint_prices(make_book(Precedence()), [ask(1)], since=NOW)} == {
        "prices.quantity-gap",
        "prices.rising-break",
        "prices.unreachable",
    }
    assert lint_prices(make_book(CHEAPEST), [ask(1)], since=NOW) == ()


PRICES = st.integers(1, 30).map(lambda amount: Money.from_minor(amount * 100, "EUR"))
BREAKS = st.lists(
    st.builds(PriceBreak, st.integers(1, 6), PRICES, st.none() | PRICES),
    min_size=1,
    max_size=4,
    unique_by=lambda b: b.quantity,
)


@given(st.lists(st.tuples(BREAKS, st.sampled_from([1, 3]), st.booleans()), min_size=1, max_size=4), st.integers(1, 8))
def test_nothing_that_applies_costs_less(given: list[tuple[list[PriceBreak], int, bool]], quantity: int) -> None:
    schedules = [
        PriceSchedule(f"s{n}", "acme", breaks, per=per, sale=SALE if on_sale else Period(None, NOW))
        for n, (breaks, per, on_sale) in enumerate(given)
    ]
    assignments = [Assignment(f"a{n}", "bag", one.id, merchant="acme") for n, one in enumerate(schedules)]
    found = PriceBook(schedules, assignments, precedence=CHEAPEST).find(ask(quantity), now=NOW)
    wanted = [
        Fraction(price.minor, per)
        for breaks, per, on_sale in given
        for entry in breaks
        for price in [entry.unit_price, *([entry.sale_price] if on_sale and entry.sale_price is not None else [])]
        if entry.quantity <= quantity
    ]
    if wanted:
        assert Fraction(found.unit_price.minor, found.per) == min(wanted)  # type: ignore[union-attr]  # it is priced
    else:
        assert found.notice.code == "quantity-refused"  # type: ignore[union-attr]  # nothing accepts it
