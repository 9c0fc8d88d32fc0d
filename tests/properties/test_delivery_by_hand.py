"""What is planned of delivery, and what a few plain sums say; who answers late changes nobody else's figures."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mktcore.addresses import Address, Area
from mktcore.delivery import DeliveryChoice, DeliveryMethod, DeliveryRate, ParcelQuery, RateBasis, ShippingQuote
from mktcore.delivery.delivery_plan import CarriageTerms, DeliveryPlan, plan_delivery
from mktcore.delivery.parcel_item import ParcelItem
from mktcore.delivery.parcel_size import ParcelSize
from mktcore.gateways import Succeeded, Unknown
from mktcore.money import Currency, Money

EUR = Currency.of("EUR")
NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)
MERCHANTS, METHODS = ("acme", "bolt", "cove"), ("m0", "m1", "quoted")
PLACES = ("10115", "20095", "80331")
# A rate: its place (None for all of Germany), the first amount, the units in it, the further amount, the step.
Row = tuple[str | None, int, int, int, int]
AMOUNTS = st.integers(0, 2_000)
ROWS = st.lists(
    st.tuples(st.sampled_from([None, *PLACES]), AMOUNTS, st.integers(0, 5), AMOUNTS, st.integers(1, 5)),
    min_size=1,
    max_size=4,
    unique_by=lambda row: row[0],
)
ITEMS = st.lists(
    st.tuples(
        st.sampled_from(MERCHANTS),
        st.sampled_from(PLACES),
        st.sampled_from(["", "hub"]),
        st.integers(1, 9),
        st.integers(0, 5_000),
        st.sampled_from(METHODS),
    ),
    min_size=1,
    max_size=9,
)


def make_items(rows: Sequence[tuple[str, str, str, int, int, str]]) -> list[ParcelItem]:
    return [
        ParcelItem(
            line=f"l{number}",
            merchant=merchant,
            quantity=quantity,
            size=ParcelSize(quantity, Money.from_minor(quantity * 100, EUR), Fraction(grams * quantity)),
            ready=NOON,
            destination=Address("DE", postal_code=place),
            location=location,
            choice=DeliveryChoice(method),
        )
        for number, (merchant, place, location, quantity, grams, method) in enumerate(rows)
    ]


def make_method(name: str, basis: RateBasis, rows: Sequence[Row]) -> DeliveryMethod:
    rates = [
        DeliveryRate(
            Money.from_minor(first, EUR),
            Money.from_minor(further, EUR),
            included=included,
            step=step,
            areas=[Area("DE") if place is None else Area.parse(f"DE {place}")],
        )
        for place, first, included, further, step in rows
    ]
    return DeliveryMethod(name, name, basis=basis, rates=rates)


@attrs.frozen
class Carriers:
    late: frozenset[str] = frozenset()

    def __call__(self, queries: Sequence[ParcelQuery], /) -> Mapping[str, Succeeded[ShippingQuote] | Unknown]:
        def answer(query: ParcelQuery) -> Succeeded[ShippingQuote] | Unknown:
            late = query.merchant in self.late
            return Unknown("late") if late else Succeeded(ShippingQuote(Money.from_minor(query.size.pieces * 7, EUR)))

        return {query.key: answer(query) for query in queries}


def count_by_hand(
    rows: Sequence[tuple[str, str, str, int, int, str]], tables: Mapping[str, tuple[str, Sequence[Row]]]
) -> dict[tuple[str, str, str, str], int | None]:
    """Return what each parcel costs in minor units, by merchant, place, location and method; None where nobody goes."""
    units: dict[tuple[str, str, str, str], list[int]] = {}
    for merchant, place, location, quantity, grams, method in rows:
        sums = units.setdefault((merchant, place, location, method), [0, 0])
        sums[0] += quantity
        sums[1] += quantity * grams
    found: dict[tuple[str, str, str, str], int | None] = {}
    for parcel, (pieces, grams) in units.items():
        _, place, _, method = parcel
        if method == "quoted":
            found[parcel] = 7 * pieces
            continue
        by, table = tables[method]
        rates = {row[0]: row[1:] for row in table}
        rate = rates.get(place, rates.get(None))
        if rate is None:
            found[parcel] = None
            continue
        first, included, further, step = rate
        beyond = (pieces if by == "pieces" else grams) - included
        found[parcel] = first + (-(-beyond // step) * further if beyond > 0 else 0)
    return found


def list_costs(plan: DeliveryPlan, items: Sequence[ParcelItem]) -> dict[tuple[str, str, str, str], int]:
    lines = {item.line: item for item in items}
    costs = {}
    for shipment in plan.shipments:
        item = lines[shipment.contents[0].line]
        assert item.destination is not None
        costs[item.merchant, item.destination.postal_code, shipment.location, shipment.method] = shipment.cost.minor
    return costs


@pytest.mark.slow
@settings(deadline=timedelta(seconds=5), max_examples=50)
@given(ITEMS, ROWS, ROWS, st.sampled_from(["pieces", "weight"]), st.sets(st.sampled_from(MERCHANTS)))
def test_a_plan_is_what_plain_sums_say_and_who_is_late_stands_alone(
    rows: Sequence[tuple[str, str, str, int, int, str]],
    table: Sequence[Row],
    other: Sequence[Row],
    basis: str,
    late: set[str],
) -> None:
    items, tables = make_items(rows), {"m0": (basis, table), "m1": ("pieces", other)}
    methods = {name: make_method(name, RateBasis(by), table) for name, (by, table) in tables.items()}
    methods["quoted"] = DeliveryMethod("quoted", "Quoted")
    terms = CarriageTerms(methods=methods, currency=EUR, ask=Carriers())
    plan = plan_delivery(items, terms)
    expected = count_by_hand(rows, tables)
    assert list_costs(plan, items) == {parcel: cost for parcel, cost in expected.items() if cost is not None}
    refused = {parcel for parcel, cost in expected.items() if cost is None}
    told = {item.line for item, row in zip(items, rows, strict=True) if (row[0], row[1], row[2], row[5]) in refused}
    assert {issue.line for issue in plan.issues} == told
    # Every piece that travels travels once, and no part of a cost is below zero.
    held = {pieces.line: pieces for shipment in plan.shipments for pieces in shipment.contents}
    assert held.keys() == {item.line for item in items} - told
    assert all(held[item.line].quantity == item.quantity for item in items if item.line in held)
    assert all(pieces.cost.minor >= 0 for pieces in held.values())
    delayed = list_costs(plan_delivery(items, attrs.evolve(terms, ask=Carriers(frozenset(late)))), items)
    assert delayed == {
        parcel: cost
        for parcel, cost in expected.items()
        if cost is not None and not (parcel[3] == "quoted" and parcel[0] in late)
    }
