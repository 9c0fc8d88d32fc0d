"""The levels of precedence, each beaten and each winning, and what the explanation says."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import permutations

import pytest

from mktcore.errors import InvalidValue
from mktcore.money import Money
from mktcore.periods import Period
from mktcore.pricing import (
    Assignment,
    NoPrice,
    Precedence,
    PriceBook,
    PriceBreak,
    PriceQuery,
    PriceRule,
    PriceSchedule,
    Recurrence,
    Unpriced,
)
from mktcore.pricing.precedence import OnQuantity, TieBreak
from mktcore.sales_context import SalesContext
from mktcore.totals import Option

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
MAY = Period(NOW - DAY, NOW + 30 * DAY)
WEEK = Period(NOW - 3 * DAY, NOW + 4 * DAY)


def schedule(
    name: str, price: str, owner: str | None = "acme", currency: str = "EUR", **fields: object
) -> PriceSchedule:
    return PriceSchedule(name, owner, [PriceBreak(1, Money.of(price, currency))], **fields)  # type: ignore[arg-type]


def assign(name: str, **fields: str | None) -> Assignment:
    return Assignment(f"to-{name}", "camera", name, **({"merchant": "acme"} | fields))  # type: ignore[arg-type]


QUERY = PriceQuery(
    "camera",
    "acme",
    "EUR",
    context=SalesContext("b1", user="u1", groups=("vip",), channel="web"),
    offer="acme-camera",
    quantity=2,
)
DEFAULT = schedule("own", "179.00")
PRODUCT = schedule("list", "199.00", owner=None)


def explain(book: PriceBook, query: PriceQuery = QUERY) -> list[str]:
    return book.explain(query, now=NOW).to_text().splitlines()


def test_an_explicit_assignment_of_the_merchant_comes_first() -> None:
    book = PriceBook(
        [DEFAULT, PRODUCT, schedule("vip", "150.00")],
        [assign("vip", group="vip"), assign("list", merchant=None)],
        defaults={"acme-camera": "own"},
    )
    assert explain(book) == [
        "unit price: 150.00 EUR - merchant-assignment to group vip: price schedule vip for a quantity of 2",
        "├─ from 1: 150.00 EUR - applies: the highest quantity reached",
        "├─ not own: 179.00 EUR - merchant-default: a merchant-assignment comes first",
        "└─ not list: 199.00 EUR - product-default: a merchant-assignment comes first",
    ]


def test_the_merchants_default_comes_before_the_products() -> None:
    book = PriceBook([DEFAULT, PRODUCT], [assign("list", merchant=None)], defaults={"acme-camera": "own"})
    resolution = book.resolve(QUERY, now=NOW)
    assert (resolution.rule, resolution.schedule) == ("merchant-default", "own")
    assert explain(book) == [
        "unit price: 179.00 EUR - merchant-default: price schedule own for a quantity of 2",
        "├─ from 1: 179.00 EUR - applies: the highest quantity reached",
        "└─ not list: 199.00 EUR - product-default: a merchant-default comes first",
    ]


def test_a_merchant_without_a_price_of_its_own_sells_at_the_products_default() -> None:
    foreign = schedule("foreign", "1.00", owner="bolt")
    book = PriceBook(
        [PRODUCT, foreign], [assign("list", merchant=None), assign("foreign")], defaults={"acme-camera": "foreign"}
    )
    assert explain(book) == [
        "unit price: 199.00 EUR - product-default: price schedule list for a quantity of 2",
        "├─ from 1: 199.00 EUR - applies: the highest quantity reached",
        "├─ not foreign: 1.00 EUR - merchant-assignment: not owned by the seller acme",
        "└─ not foreign: 1.00 EUR - merchant-default: not owned by the seller acme",
    ]


def test_the_more_specific_audience_wins_in_every_order_of_the_input() -> None:
    names = {"user": "u1", "group": "vip", "buyer": "b1", "everyone": ""}
    schedules = [schedule(name, "1.00") for name in names]
    assignments = [assign(kind, **({} if kind == "everyone" else {kind: name})) for kind, name in names.items()]
    for count, expected in enumerate(["user", "group", "buyer", "everyone"]):
        for order in permutations(assignments[count:]):
            assert PriceBook(schedules, order).resolve(QUERY, now=NOW).schedule == expected


def test_dated_beats_undated_then_the_narrower_window_then_the_later_start() -> None:
    late = Period(NOW - DAY, NOW + 6 * DAY)
    fridays = Recurrence("FREQ=WEEKLY;BYDAY=FR", date(2026, 1, 2), time(0), lasts=DAY)
    schedules = [
        schedule("always", "5.00"),
        schedule("may", "4.00", valid=MAY),
        schedule("week", "3.00", valid=WEEK),
        schedule("late", "2.00", valid=late),
        schedule("friday", "1.00", recurs=fridays),
        schedule("over", "0.50", valid=Period(None, NOW)),
        schedule("soon", "0.50", valid=Period(NOW + DAY)),
        schedule("monday", "0.50", recurs=Recurrence("FREQ=WEEKLY;BYDAY=MO", date(2026, 1, 5), time(0), lasts=DAY)),
    ]
    book = PriceBook(schedules, [assign(one.id) for one in schedules])
    assert explain(book) == [
        "unit price: 1.00 EUR - merchant-assignment: price schedule friday for a quantity of 2",
        "├─ from 1: 1.00 EUR - applies: the highest quantity reached",
        "├─ not late: 2.00 EUR - merchant-assignment: a wider window",
        "├─ not week: 3.00 EUR - merchant-assignment: a wider window",
        "├─ not may: 4.00 EUR - merchant-assignment: a wider window",
        "├─ not always: 5.00 EUR - merchant-assignment: undated",
        "├─ not monday: 0.50 EUR - merchant-assignment: outside its recurring window",
        "├─ not over: 0.50 EUR - merchant-assignment: no longer valid: until 2026-05-01T12:00:00+00:00",
        "└─ not soon: 0.50 EUR - merchant-assignment: not yet valid: from 2026-05-02T12:00:00+00:00",
    ]
    without = PriceBook(schedules[:4], [assign(one.id) for one in schedules[:4]])
    assert explain(without)[2] == "├─ not week: 3.00 EUR - merchant-assignment: it started earlier"


def test_the_same_query_has_another_answer_at_another_instant() -> None:
    book = PriceBook([DEFAULT, schedule("may", "4.00", valid=MAY)], [assign("may")], defaults={"acme-camera": "own"})
    instants = [NOW - 2 * DAY, NOW - DAY, NOW + 30 * DAY - timedelta(microseconds=1), NOW + 30 * DAY]
    assert [book.resolve(QUERY, now=at).schedule for at in instants] == ["own", "may", "may", "own"]


def test_a_tie_is_broken_the_same_way_and_said_to_be_ambiguous() -> None:
    schedules = [schedule("b", "1.00"), schedule("a", "2.00"), schedule("c", "3.00")]
    for order in permutations(schedules):
        book = PriceBook(order, [assign(one.id) for one in order])
        resolution = book.resolve(QUERY, now=NOW)
        assert (resolution.schedule, resolution.is_ambiguous) == ("a", True)
        assert (
            explain(book)[2]
            == "├─ not b: 1.00 EUR - merchant-assignment: as much right as the winner, but it sorts later"
        )
    clear = PriceBook(schedules, [assign("b", user="u1"), assign("a"), assign("c")])
    assert not clear.resolve(QUERY, now=NOW).is_ambiguous


def test_the_same_schedule_given_twice_is_not_ambiguous() -> None:
    twice = [assign("own"), Assignment("again", "camera", "own", merchant="acme")]
    book = PriceBook([DEFAULT], twice)
    assert not book.resolve(QUERY, now=NOW).is_ambiguous
    assert explain(book)[2] == "└─ not own: 179.00 EUR - merchant-assignment: the same schedule again"


def test_currency_offer_and_channel_must_fit_and_the_fitting_one_is_more_specific() -> None:
    schedules = [schedule(name, "1.00") for name in ("any", "used", "web", "outlet")]
    assignments = [
        assign("any"),
        assign("used", offer="acme-camera-used"),
        assign("web", channel="web"),
        assign("outlet", channel="outlet"),
        assign("dollars"),
    ]
    book = PriceBook([*schedules, schedule("dollars", "1.00", currency="USD")], assignments)
    assert explain(book) == [
        "unit price: 1.00 EUR - merchant-assignment: price schedule web for a quantity of 2",
        "├─ from 1: 1.00 EUR - applies: the highest quantity reached",
        "├─ not any: 1.00 EUR - merchant-assignment: less specific than in channel web",
        "├─ not used: 1.00 EUR - merchant-assignment: for offer acme-camera-used only",
        "├─ not outlet: 1.00 EUR - merchant-assignment: in channel outlet only",
        "└─ not dollars: 1.00 USD - merchant-assignment: in USD, not EUR",
    ]


def test_what_others_pay_is_not_explained() -> None:
    secret = [assign("secret", user="u2"), Assignment("s2", "camera", "secret", merchant="acme", buyer="b2")]
    book = PriceBook([DEFAULT, schedule("secret", "1.00")], secret, defaults={"acme-camera": "own"})
    assert "secret" not in "\n".join(explain(book))


def test_a_host_may_replace_the_order_of_rules() -> None:
    schedules = [DEFAULT, schedule("everyone", "2.00", valid=MAY), schedule("mine", "3.00")]
    assignments = [assign("everyone"), assign("mine", user="u1")]
    defaults = {"acme-camera": "own"}
    dated_first = Precedence(tie_breaks=(TieBreak.DATED, TieBreak.AUDIENCE))
    default_first = Precedence(steps=(PriceRule.MERCHANT_DEFAULT, PriceRule.MERCHANT_ASSIGNMENT))

    def find(precedence: Precedence) -> str:
        book = PriceBook(schedules, assignments, defaults=defaults, precedence=precedence)
        return book.resolve(QUERY, now=NOW).schedule

    assert [find(Precedence()), find(dated_first), find(default_first)] == ["mine", "everyone", "own"]
    with pytest.raises(InvalidValue, match="each once"):
        Precedence(steps=(PriceRule.MERCHANT_DEFAULT, PriceRule.MERCHANT_DEFAULT))


def test_a_refused_quantity_says_what_would_be_accepted_or_falls_through_by_policy() -> None:
    dozens = PriceSchedule(
        "dozens",
        "acme",
        [PriceBreak(12, Money.of("9.00", "EUR")), PriceBreak(24, Money.of("8.00", "EUR"))],
        restricted=True,
    )
    schedules, assignments, defaults = [DEFAULT, dozens], [assign("dozens")], {"acme-camera": "own"}
    found = PriceBook(schedules, assignments, defaults=defaults).find(QUERY, now=NOW)
    assert isinstance(found, Unpriced)
    assert (found.notice.code, found.notice.message, found.notice.remedy) == (
        "quantity-refused",
        "2 of camera cannot be had from acme",
        "take 12 or 24",
    )
    assert found.explain().to_text().splitlines() == [
        "unit price: none - 2 of camera cannot be had from acme",
        "├─ not dozens - merchant-assignment: it takes 12 or 24, not 2",
        "└─ not own: 179.00 EUR - merchant-default: it ranks behind the schedule that refused the quantity",
    ]
    lenient = Precedence(on_quantity=OnQuantity.FALL_THROUGH)
    book = PriceBook(schedules, assignments, defaults=defaults, precedence=lenient)
    assert book.resolve(QUERY, now=NOW).schedule == "own"
    assert explain(book)[2] == "└─ not dozens - merchant-assignment: it takes 12 or 24, not 2"
    alone = PriceBook(schedules, assignments, precedence=lenient).find(QUERY, now=NOW)
    assert isinstance(alone, Unpriced)
    assert alone.notice.code == "quantity-refused"


@pytest.mark.parametrize("on_quantity", list(OnQuantity))
def test_what_has_no_price_says_so(on_quantity: OnQuantity) -> None:
    book = PriceBook([DEFAULT], precedence=Precedence(on_quantity=on_quantity))
    with pytest.raises(NoPrice) as refusal:
        book.resolve(QUERY, now=NOW)
    assert str(refusal.value).startswith("acme has no price for camera in EUR now: choose another offer")
    assert explain(book) == ["unit price: none - acme has no price for camera in EUR now"]


def test_lines_of_a_product_may_count_together() -> None:
    breaks = [PriceBreak(1, Money.of("5.00", "EUR")), PriceBreak(10, Money.of("4.00", "EUR"))]
    together = PriceSchedule("own", "acme", breaks, cumulative=True)
    query = PriceQuery("camera", "acme", "EUR", offer="o", quantity=2, together=11)
    book = PriceBook([together], defaults={"o": "own"})
    assert str(book.resolve(query, now=NOW).unit_price) == "4.00 EUR"
    assert (
        explain(book, query)[2]
        == "└─ from 10: 4.00 EUR - applies: the highest quantity reached, 11 on all lines together"
    )
    apart = PriceBook([PriceSchedule("own", "acme", breaks)], defaults={"o": "own"})
    assert str(apart.resolve(query, now=NOW).unit_price) == "5.00 EUR"


def test_a_sale_price_applies_in_its_window() -> None:
    on_sale = PriceSchedule(
        "own", "acme", [PriceBreak(1, Money.of("5.00", "EUR"), Money.of("4.00", "EUR"))], sale=Period(NOW, NOW + DAY)
    )
    book = PriceBook([on_sale], defaults={"acme-camera": "own"})
    prices = [book.resolve(QUERY, now=at).unit_price for at in (NOW - DAY, NOW, NOW + DAY)]
    assert list(map(str, prices)) == ["5.00 EUR", "4.00 EUR", "5.00 EUR"]
    assert str(book.resolve(QUERY, now=NOW).regular_price) == "5.00 EUR"
    assert explain(book)[1] == "└─ from 1: 5.00 EUR, on sale at 4.00 EUR - applies: the highest quantity reached"


def test_chosen_options_come_with_what_they_add() -> None:
    engraved = schedule("own", "1.00", per=3, options=(Option("engraving", Money.of("0.50", "EUR")),))
    book = PriceBook([engraved], defaults={"acme-camera": "own"})
    plain, chosen = book.resolve_all(
        [QUERY, PriceQuery("camera", "acme", "EUR", offer="acme-camera", options=("engraving", "gift"))], now=NOW
    )
    assert not isinstance(plain, Unpriced)
    assert not isinstance(chosen, Unpriced)
    assert (plain.options, [option.key for option in chosen.options]) == ((), ["engraving"])
    assert [plain.exact_unit_minor * 3, chosen.exact_unit_minor * 3] == [100, 150]
    assert explain(book)[0].startswith("unit price: 1.00 EUR per 3 - ")


def test_an_assignment_is_for_one_audience() -> None:
    with pytest.raises(InvalidValue, match="nothing beside user"):
        Assignment("a1", "camera", "own", user="u1", buyer="b1")
