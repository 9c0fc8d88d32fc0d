"""Laws of the lint: what it calls unreachable never wins, its gaps have no price, and no tie or gap escapes it."""

from datetime import UTC, datetime, timedelta

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from mktcore.money import Money
from mktcore.notice import Notice
from mktcore.periods import Period
from mktcore.pricing import (
    Assignment,
    Precedence,
    PriceBook,
    PriceBreak,
    PriceQuery,
    PriceResolution,
    PriceSchedule,
    lint_prices,
)
from mktcore.pricing.precedence import OnQuantity
from mktcore.sales_context import SalesContext

NOW = datetime(2026, 5, 1, tzinfo=UTC)
DAYS = range(-2, 6)
INSTANTS = [NOW + timedelta(days=day, hours=12) for day in (-9, *DAYS, 9)]
QUERY = PriceQuery("camera", "acme", "EUR", offer="o1")
WHOM: list[dict[str, str]] = [{}, {}, {"user": "u1"}, {"group": "vip"}, {"group": "staff"}, {"buyer": "b1"}]
ASKERS: list[dict[str, object]] = [
    {},
    {"user": "u1"},
    {"groups": ("vip",)},
    {"groups": ("staff",)},
    {"buyer": "b1"},
    {"buyer": "b1", "user": "u1", "groups": ("vip", "staff")},
]


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start, end = draw(st.none() | st.sampled_from(DAYS)), draw(st.none() | st.sampled_from(DAYS))
    if start is not None and end is not None and end <= start:
        end = None
    return Period(*(None if day is None else NOW + timedelta(days=day) for day in (start, end)))


@st.composite
def entries(draw: st.DrawFn, name: str) -> tuple[PriceSchedule, Assignment | None]:
    owner = draw(st.sampled_from(["acme", "acme", "acme", "bolt"]))
    price = Money.from_minor(9, draw(st.sampled_from(["EUR", "EUR", "EUR", "USD"])))
    maximum = draw(st.sampled_from([None, None, 3]))
    schedule = PriceSchedule(name, owner, [PriceBreak(1, price)], valid=draw(periods()), maximum=maximum)
    merchant, channel = draw(st.sampled_from(["acme", "acme", None])), draw(st.sampled_from([None, None, "web"]))
    whom = draw(st.sampled_from(WHOM))
    assignment = Assignment(f"to-{name}", "camera", name, merchant=merchant, channel=channel, **whom)  # type: ignore[arg-type]  # names of fields that hold a text
    return schedule, draw(st.sampled_from([assignment, assignment, assignment, None]))


@st.composite
def books(draw: st.DrawFn) -> PriceBook:
    count = draw(st.integers(1, 6))
    made = [draw(entries(f"s{n}")) for n in range(count)]
    default = draw(st.sampled_from([None, *(schedule.id for schedule, _ in made)]))
    policy = Precedence(on_quantity=draw(st.sampled_from(OnQuantity)))
    assigned = [assignment for _, assignment in made if assignment is not None]
    defaults = {} if default is None else {"o1": default}
    return PriceBook([schedule for schedule, _ in made], assigned, defaults=defaults, precedence=policy)


def ask(asker: dict[str, object], quantity: int = 1) -> list[PriceQuery]:
    contexts = [SalesContext(channel=channel, **asker) for channel in (None, "web")]  # type: ignore[arg-type]  # fields of a context
    return [attrs.evolve(QUERY, context=context, quantity=quantity) for context in contexts]


def find(findings: tuple[Notice, ...], code: str) -> list[Notice]:
    return [one for one in findings if one.code == code]


@given(book=books())
@settings(max_examples=120)
def test_what_never_applies_never_wins(book: PriceBook) -> None:
    findings = lint_prices(book, [QUERY])
    never = {
        one.operands["schedule"]
        for code in ("prices.unreachable", "prices.unused-schedule")
        for one in find(findings, code)
    }
    won = {
        found.schedule
        for asker in ASKERS
        for quantity in (1, 5)
        for query in ask(asker, quantity)
        for at in INSTANTS
        if isinstance(found := book.find(query, now=at), PriceResolution)
    }
    assert not never & won


@given(book=books())
@settings(max_examples=120)
def test_what_is_not_called_unreachable_wins_for_somebody(book: PriceBook) -> None:
    findings = lint_prices(book, [QUERY])
    told = {one.operands.get("schedule") for one in findings if one.code != "prices.quantity-gap"}
    reached = set()
    for asker in ASKERS:
        for quantity in (1, 5):
            for query in ask(asker, quantity):
                for at in INSTANTS:
                    found = book.find(query, now=at)
                    name = (
                        found.schedule if isinstance(found, PriceResolution) else found.notice.operands.get("schedule")
                    )
                    reached.add(name)
    assert set(book.schedules) - told <= reached


@given(book=books())
@settings(max_examples=120)
def test_a_gap_has_no_price_and_no_gap_escapes(book: PriceBook) -> None:
    findings = lint_prices(book, [QUERY])
    gaps = [
        (one.operands["start"], one.operands["end"], one.operands["channel"]) for one in find(findings, "prices.gap")
    ]
    for asker in ASKERS[:5]:  # a lint looks at one audience at a time
        for query in ask(asker):
            suiting = [at for at in INSTANTS if not is_unpriced(book, query, at)]
            for at in INSTANTS:
                inside = bool(suiting) and suiting[0] < at < suiting[-1]
                if inside and is_unpriced(book, query, at):
                    assert any(start <= at < end for start, end, _ in gaps)  # type: ignore[operator]  # both instants
    for start, end, channel in gaps:
        for at in INSTANTS:
            if start <= at < end:  # type: ignore[operator]  # both instants
                bare = attrs.evolve(QUERY, context=SalesContext(channel=channel))  # type: ignore[arg-type]  # a channel or None
                assert is_unpriced(book, bare, at)


def is_unpriced(book: PriceBook, query: PriceQuery, at: datetime) -> bool:
    found = book.find(query, now=at)
    return not isinstance(found, PriceResolution) and found.notice.code == "no-price"


@given(book=books())
@settings(max_examples=120)
def test_no_tie_escapes(book: PriceBook) -> None:
    findings = lint_prices(book, [QUERY])
    tied = {
        name
        for code in ("prices.ambiguous", "prices.ambiguous-groups")
        for one in find(findings, code)
        for name in str(one.operands["schedules"]).split(", ")
    }
    for asker in ASKERS:
        for query in ask(asker):
            for at in INSTANTS:
                found = book.find(query, now=at)
                if isinstance(found, PriceResolution) and found.is_ambiguous:
                    assert found.schedule in tied


@settings(max_examples=120)
@given(book=books())
def test_findings_do_not_depend_on_the_order_of_prices(book: PriceBook) -> None:
    schedules, assignments = list(book.schedules.values()), list(book.assignments)
    turned = PriceBook(schedules[::-1], assignments[::-1], defaults=book.defaults, precedence=book.precedence)
    assert lint_prices(turned, [QUERY]) == lint_prices(book, [QUERY])
