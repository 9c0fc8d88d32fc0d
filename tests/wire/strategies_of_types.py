"""Hypothesis strategies for any class that the wire carries, made from its annotations."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import attrs
from hypothesis import reject
from hypothesis import strategies as st

from mktcore.catalog import Choice, Product, Sku, Spec
from mktcore.commissions.fee_terms import Tier, TierBy, Tiers, VolumePeriod
from mktcore.delivery.expected_shipment import ExpectedPieces
from mktcore.errors import MktcoreError
from mktcore.extra import Extra
from mktcore.goods import Dimensions, Gtin, Measure, Media, MediaKind, Unit
from mktcore.ids import InvalidId
from mktcore.ledger import Account, Entry, Hold, Leg, PostedTransaction, Shortfall, Transaction
from mktcore.matching import MatchPolicy
from mktcore.merchant_items import (
    Bind,
    Decision,
    Deny,
    ItemPolicy,
    ItemState,
    MerchantItem,
    NewProduct,
    NewSku,
    Pend,
    ReceivedItem,
    Unbind,
)
from mktcore.money import Currency, ExactMoney, Money
from mktcore.orders.actions import Action, AskToCancel, Deliver, Ship
from mktcore.persistence import Scope
from mktcore.pricing import PriceBreak, PriceSchedule, Recurrence
from mktcore.promotions import (
    AllOf,
    Amount,
    AmountOff,
    AnyOf,
    BuyXGetY,
    CheapestFree,
    FixedPrice,
    Limits,
    LineFilter,
    Not,
    PercentOff,
    Promotion,
    ShippingOff,
    WithCode,
)
from mktcore.promotions.conditions import During, FirstOrder, InChannel, InGroup, Quantity, WithPoolCode
from mktcore.promotions.effects import Gift
from mktcore.promotions.line_filter import ChargeFilter
from mktcore.promotions.piece_selection import Pieces, SetPart, Sets, Which
from mktcore.promotions.pool_code import PoolCode
from mktcore.promotions.promotion import Caps, Level
from mktcore.totals.inputs import Basis
from mktcore.wire.annotations import list_fields, take_apart

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,8}", fullmatch=True)
CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD", "USD"]).map(Currency.of)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=4)
EXTRAS = st.dictionaries(
    st.from_regex(r"[a-z]{1,8}", fullmatch=True),
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT.filter(lambda text: "\0" not in text),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
        max_leaves=4,
    ),
    max_size=3,
)
SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: IDS | TEXT,
    int: st.integers(0, 50) | st.integers(-(10**30), 10**30),
    bool: st.booleans(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    Decimal: DECIMALS,
    datetime: st.datetimes(timezones=st.just(UTC)),
    Currency: CURRENCIES,
    Money: st.builds(Money.from_minor, st.integers(-(10**12), 10**12), CURRENCIES),
    int | Decimal | Fraction: st.integers(0, 50) | DECIMALS | st.fractions(max_denominator=10**6),
    ExactMoney: st.builds(ExactMoney, st.fractions(max_denominator=10**6), CURRENCIES),
    Extra: st.just(Extra())
    | st.builds(Extra, everyone=EXTRAS)
    | st.builds(Extra, EXTRAS, operator=EXTRAS, merchant=EXTRAS, buyer=EXTRAS),
    Scope: st.builds(
        attrs.evolve,
        st.builds(Scope.operator, user=st.none() | TEXT) | IDS.map(Scope.merchant) | IDS.map(Scope.buyer),
        permissions=st.none() | st.frozensets(TEXT, max_size=3),
        merchants=st.frozensets(IDS, max_size=3),
    ),
}


FRIDAYS = Recurrence(
    "FREQ=WEEKLY;BYDAY=FR", date(2026, 1, 2), time(18), lasts=timedelta(hours=4), time_zone="Europe/Lisbon"
)
SAMPLED: dict[str, st.SearchStrategy[Any]] = {
    "percent": st.decimals(min_value="0.01", max_value=1, places=2),
    "merchant_share": st.sampled_from([Decimal(0), Decimal("0.5"), Decimal(1)]),
    "answer_within": st.timedeltas(timedelta(microseconds=1), timedelta(days=365)),
}
"""Fields whose invariants a wide draw would hardly ever meet."""
LIKELY: dict[str, st.SearchStrategy[Any]] = {
    "country": st.sampled_from(["DE", "PT"]),
    "countries": st.just(()) | st.just(("DE", "PT")),
    "time_zone": st.sampled_from(["UTC", "Europe/Lisbon"]),
    "contents": st.lists(
        st.builds(
            ExpectedPieces, IDS, IDS, st.integers(1, 9), st.integers(0, 999).map(lambda n: Money.from_minor(n, "EUR"))
        ),
        min_size=1,
        max_size=2,
    ).map(tuple),
}
"""Values that are drawn for such fields beside any others."""
TRIES = 10
_GROUPS = (tuple, frozenset)

LENSES = LineFilter(categories=("photo/lenses",), attributes={"mount": ("E", "Z")}, excluding=LineFilter(skus=("x",)))
CONDITIONS: tuple[Any, ...] = (
    Amount(Money.of("10.00", "EUR"), Money.of("20.00", "EUR"), LENSES),
    Quantity(2, 3, LENSES),
    InChannel(("web",)),
    InGroup(("vip", "staff")),
    FirstOrder(),
    During(recurs=FRIDAYS),
    WithCode(("SUMMER",)),
    WithPoolCode("spring"),
    Amount(Money.of("10.00", "EUR"), basis=Basis.REMAINING),
)
COMBINED: tuple[Any, ...] = (AllOf(CONDITIONS), AnyOf((Not(CONDITIONS[0]), AllOf(()))), Not(AnyOf(CONDITIONS)))
EFFECTS: tuple[Any, ...] = (
    PercentOff(Decimal("0.1")),
    AmountOff(Money.of("5.00", "EUR")),
    FixedPrice(Money.of("5.00", "EUR")),
    BuyXGetY(2, 1, Decimal("0.5"), LENSES, 3),
    CheapestFree(3),
    ShippingOff(Decimal(1)),
    ShippingOff(amount=Money.of("5.00", "EUR")),
    ShippingOff(price=Money.of("2.90", "EUR"), per_charge=True),
    PercentOff(Decimal("0.1"), basis=Basis.ORIGINAL),
    AmountOff(Money.of("5.00", "EUR"), per_piece=True),
    Gift("bag", 2, "acme-bag"),
    Gift("bag", is_kept=True),
    AmountOff(Money.of("5.00", "EUR"), every=Money.of("50.00", "EUR")),
    BuyXGetY(2, which=Which.DEAREST),
)
CAPS = Caps(order=Money.of("9.00", "EUR"), line=Money.of("2.00", "EUR"), floor=Money.of("1.00", "EUR"))
BREAKS = (
    PriceBreak(1, Money.of("9.00", "EUR"), Money.of("8.00", "EUR")),
    PriceBreak(10, Money.of("7.50", "EUR")),
)
BOX = Dimensions(*[Measure(size, Unit.MILLIMETRE) for size in (300, 200, 100)])
WATER = MerchantItem("acme", "W-6", "Water", attributes={"fizz": "no"}, price=Money.of("4.99", "EUR"), media=("w.jpg",))
SELLER, BUYER = Account("merchant:acme", "available", "EUR"), Account("buyer:b1", "order_funds", "EUR")
LEGS = (Leg.debit(BUYER, Money.of("9.00", "EUR")), Leg.credit(SELLER, Money.of("9.00", "EUR")))
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
EARNED = Transaction("earn/o1", "earn", LEGS, effective_at=NOON, cause="o1", linked=("capture/o1",))
TIERS = (
    Tier(Money.of("0.00", "EUR"), Decimal("0.15")),
    Tier(Money.of("100.00", "EUR"), Decimal("0.10")),
)
MADE_BY_HAND: dict[type, list[Any]] = {
    Account: [SELLER, BUYER, Account("operator", "clearing", "JPY")],
    Leg: [*LEGS],
    Transaction: [EARNED, Transaction("t", "capture", LEGS, effective_at=NOON, cause="x")],
    PostedTransaction: [PostedTransaction(EARNED, NOON)],
    Entry: [
        Entry("earn/o1/000", SELLER, Money.of("-9.00", "EUR"), "earn", cause="o1", effective_at=NOON, posted_at=NOON)
    ],
    Hold: [
        Hold("h1", BUYER, credit=SELLER, amount=Money.of("9.00", "EUR")),
        Hold("h2", BUYER, credit=SELLER, amount=Money.of("9.00", "EUR"), expires_at=NOON),
    ],
    Shortfall: [Shortfall(SELLER, Money.of("1.00", "EUR"), Money.of("2.00", "EUR"))],
    Tiers: [
        Tiers(TIERS),
        Tiers(TIERS, by=TierBy.VOLUME, is_slab=True, period=VolumePeriod.QUARTER, time_zone="Europe/Berlin"),
    ],
    Action: [
        Ship(carrier="DHL", tracking="JD01"),
        Deliver(received_by="Jo", delivered_at=datetime(2026, 1, 1, tzinfo=UTC)),
        AskToCancel("ordered-twice"),
    ],
    Gtin: [Gtin.parse(digits) for digits in ("73513537", "036000291452", "4548736133730", "98412345678908")],
    Measure: [Measure(Fraction(1, 3), unit, pieces) for unit, pieces in ((Unit.KILOGRAM, 1), (Unit.GRAM, 6))],
    ItemPolicy: [ItemPolicy(), ItemPolicy("acme", approve=90, reject=10, required=["gtin or mpn"], version=3)],
    ReceivedItem: [
        ReceivedItem(WATER),
        ReceivedItem(WATER, problems=["weight: '0 g' is no measure"], version=2),
        *[
            ReceivedItem(
                WATER,
                ItemState.BOUND if isinstance(verdict, Bind | NewSku | NewProduct) else ItemState.PENDING,
                "w" if isinstance(verdict, Bind | NewSku | NewProduct) else None,
                decision=Decision(
                    verdict,
                    1,
                    Scope.operator(),
                    at=datetime(2026, 1, 1, tzinfo=UTC),
                    score=Decimal("87.50"),
                    reasons=("same",),
                ),
                version=2,
            )
            for verdict in (
                Bind("w"),
                NewSku("w", "w-6"),
                NewProduct(category="drinks"),
                Pend("?"),
                Deny("no"),
                Unbind(),
            )
        ],
    ],
    Sku: [
        Sku("bag", "Bag"),
        Sku(
            "w",
            "Wasser \u2013 still",
            "B",
            category="drinks",
            tax_category="reduced",
            version=7,
            product="w",
            owner="acme",
            unit_multiplier=Fraction(1, 3),
        ),
        Sku(
            "cam",
            "Camera",
            description="A\tcamera\nfor all",
            attributes={"mount": "E"},
            gtin="4548736133730",
            other_gtins=["73513537"],
            mpn="S-7",
            host_ids={"erp": "4711"},
            dimensions=BOX,
            weight=Measure.parse("650 g"),
            unit=Unit.KILOGRAM,
            unit_multiplier=Decimal("0.65"),
            price=Money.of("1799.00", "EUR"),
            media=[Media("cam.jpg", text="From the front"), Media("cam.pdf", MediaKind.DOCUMENT)],
        ),
    ],
    Product: [
        Product("mug", "Mug"),
        Product(
            "mug",
            "Mug",
            "acme",
            brand="B",
            category="mugs",
            description="Clay",
            attributes={"hand": "right"},
            tax_category="full",
            specs=["strap"],
            media=[Media("m.jpg")],
            version=3,
        ),
    ],
    Dimensions: [BOX],
    Spec: [
        Spec("strap", "Strap", [Choice("black", "Black"), Choice("red")], owner=owner, required=True)
        for owner in (None, "a")
    ],
    MatchPolicy: [
        MatchPolicy(),
        MatchPolicy(90, 20, "acme", ("words.cosine",), -100, 50, ((0, 500, 0, -1, -100, -1, 300), (-1, 7))),
    ],
    Recurrence: [FRIDAYS],
    PriceSchedule: [
        PriceSchedule("camera", "acme", BREAKS),
        PriceSchedule("camera", None, BREAKS[:1], recurs=FRIDAYS, version=3),
        PriceSchedule("screws", "bolt", BREAKS, per=100, minimum=1, maximum=10, restricted=True, cumulative=True),
    ],
    AllOf: [COMBINED[0]],
    AnyOf: [COMBINED[1]],
    Not: [COMBINED[2]],
    Promotion: [
        Promotion(
            "summer",
            effect,
            condition=condition,
            targets=LENSES,
            level=Level.MERCHANT,
            caps=CAPS,
            limits=Limits(uses=9, per_buyer=1, per_code=1, budget=Money.of("99.00", "EUR")),
            combines_with=("season",),
            merchant_share=Decimal("0.25"),
        )
        for effect in EFFECTS
        for condition in (None, *CONDITIONS, *COMBINED)
    ]
    + [
        Promotion("part", EFFECTS[0], judged=Level.ORDER, level=Level.LINE, pieces=Pieces(3, Which.DEAREST)),
        Promotion("sets", EFFECTS[2], pieces=Sets((SetPart(2, LENSES), SetPart(1)), 3), spends_pieces=True),
        Promotion("both", EFFECTS[1], charges=ChargeFilter(keys=("*-express",), merchants=("acme",))),
        Promotion("regular", EFFECTS[0], targets=LineFilter(on_sale=False)),
    ],
    PoolCode: [PoolCode("spring", "SAVE-1"), PoolCode("spring", "Straße 1", "acme", version=2)],
}
"""What nests too deep, or has too many invariants, to be drawn field by field."""


@cache
def is_recursive(cls: type) -> bool:
    """Tell whether values of a class may hold values of the same class."""
    seen: set[Any] = set()
    rest = [field.annotation for field in list_fields(cls)]
    while rest:
        shape = take_apart(rest.pop())
        if shape.name == "class" and shape.type not in seen:
            seen.add(shape.type)
            rest += [field.annotation for field in list_fields(shape.type)]
        rest += shape.parts
    return cls in seen


@cache
def values_of(annotation: Any, depth: int = 0) -> st.SearchStrategy[Any]:
    shape = take_apart(annotation)
    if shape.name in {"scalar", "class"} and shape.type in SCALARS:
        return SCALARS[shape.type]
    if shape.name == "scalar":
        return st.from_type(shape.type)
    if shape.name == "class":
        return st.deferred(lambda: instances_of(shape.type, depth + 1))
    if shape.name in {"enum", "literal"}:
        return st.sampled_from(list(shape.type))
    if shape.name == "null":
        return st.none()
    if shape.name == "any":
        return st.none() | st.booleans() | st.integers() | TEXT | st.tuples(TEXT, st.integers())
    if shape.name == "union":
        parts = [part for part in shape.parts if depth < 1 or not _leads_back(part)]
        return st.one_of([values_of(part, depth) for part in parts])
    if shape.name == "row":
        return st.tuples(*[values_of(part, depth) for part in shape.parts])
    size = 3 if depth < 3 else 0
    if shape.name == "mapping":
        return st.dictionaries(*[values_of(part, depth) for part in shape.parts], max_size=size)
    items = st.lists(values_of(shape.parts[0], depth), max_size=size)
    return items.map(frozenset if shape.name == "set" else tuple)


def _leads_back(annotation: Any) -> bool:
    shape = take_apart(annotation)
    return shape.name == "class" and is_recursive(shape.type)


@cache
def instances_of(cls: type, depth: int = 0) -> st.SearchStrategy[Any]:
    """Return values of a class; fields that its invariants refuse are tried again."""
    if cls in MADE_BY_HAND:
        return st.sampled_from(MADE_BY_HAND[cls])
    fields = {field.argument: _values_of_field(field.argument, field.annotation, depth) for field in list_fields(cls)}
    return _draw_whole(cls, fields)


def _values_of_field(name: str, annotation: Any, depth: int) -> st.SearchStrategy[Any]:
    if name in SAMPLED:
        return SAMPLED[name] | (st.nothing() if name == "merchant_share" else st.none())
    return values_of(annotation, depth) | LIKELY.get(name, st.nothing())


@st.composite
def _draw_whole(draw: st.DrawFn, cls: type, fields: Mapping[str, st.SearchStrategy[Any]]) -> Any:
    """Draw every field, and again the one that the class refuses, or all of them where it names none."""
    given = {name: draw(strategy) for name, strategy in fields.items()}
    for _ in range(TRIES):
        if "quantity" in given and "consumed" in given:
            given["consumed"] = min(given["consumed"], given["quantity"])
        try:
            return cls(**given)
        except InvalidId as refusal:
            given |= {name: draw(_redraw_id(given[name], refusal.text)) for name in given}
        except (MktcoreError, ValueError, TypeError) as refusal:
            named = str(getattr(refusal, "field", None))
            again = [named] if named in fields else list(fields)
            given |= {name: draw(fields[name]) for name in again}
    return reject()


def _redraw_id(value: Any, refused: str) -> st.SearchStrategy[Any]:
    """Return ids for a text that is none, alone or among others; for anything else just that."""
    if value == refused:
        return IDS
    return (
        st.just(type(value)(one for one in value if one != refused)) if isinstance(value, _GROUPS) else st.just(value)
    )
