"""Hypothesis strategies for markets and what is in them: prices, offers, rules, promotions, carts, processes, orders.

They shrink to one merchant with one SKU at one cent, and what a failing test shows is Python that makes it.
"""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import attrs
from hypothesis import strategies as st

from mktcore.carts import Cart, CartLine
from mktcore.catalog import Sku
from mktcore.checkout import PlacementRefused
from mktcore.commissions import CommissionRule
from mktcore.commissions.fee_terms import Fixed, Percentage
from mktcore.delivery.shipping_fee import ShippingFee
from mktcore.goods import Unit
from mktcore.money import Currency, Money
from mktcore.offers import Offer
from mktcore.offers.price_guards import Meanwhile, PriceGuard, Reference
from mktcore.orders import MERCHANT_PROCESS, Order
from mktcore.parties.organisations.merchant import Merchant
from mktcore.persistence import Party
from mktcore.pricing import PriceBreak, PriceSchedule
from mktcore.processes import Process, ProcessEvent, State, Transition, Trigger
from mktcore.processes.elements import RESERVED
from mktcore.promotions.conditions import Amount, Quantity
from mktcore.promotions.effects import (
    AmountOff,
    BuyXGetY,
    CheapestFree,
    Effect,
    FixedPrice,
    Gift,
    PercentOff,
    ShippingOff,
)
from mktcore.promotions.line_filter import ChargeFilter, LineFilter
from mktcore.promotions.piece_selection import Pieces, SetPart, Sets, Which
from mktcore.promotions.promotion import Caps, Level, Promotion
from mktcore.taxes.tax_rule import TaxRule
from mktcore.testing.market_sample import MarketSample
from mktcore.totals.inputs import Basis

__all__ = [
    "carts",
    "commission_rules",
    "market_samples",
    "merchant_processes",
    "offers",
    "placed_orders",
    "price_guards",
    "processes",
    "promotions",
    "schedules",
    "shipping_fees",
    "skus",
    "tax_rules",
]

_MERCHANTS = ("acme", "bolt")
_SKUS = ("lamp", "vase", "sofa")
_TAXED = "standard"
_PERCENTS = st.sampled_from(["0.1", "0.15", "0.333", "1"]).map(Decimal)
_RATES = st.sampled_from(["0.19", "0.07", "0"]).map(Decimal)
# Cents first, so that a failing example has the smallest figures; prices that end in any digit, so that rounding shows.
_MINORS = st.integers(1, 99) | st.integers(100, 30_000)


# Strategies are made once: making one costs more than drawing from it, and a market is drawn from dozens.
_YES_NO = st.booleans()
_FEW, _LESS = st.integers(2, 5), st.integers(1, 99)
_PIECES, _SOME_PIECES = st.integers(1, 9), st.integers(0, 9)
_CATEGORIES = st.sampled_from(["", _TAXED])
_PER = st.sampled_from([1, 1, 1, 10])
_WITH_TAX = st.sampled_from([None, None, True, False])
_HANDLING, _MAXIMA = st.sampled_from([0, 0, 2]), st.sampled_from([None, None, 3])
_PACKS = st.sampled_from([1, 1, 2, 3])
_UNITS: st.SearchStrategy[tuple[Unit, int | Decimal]] = st.sampled_from(
    [
        *[(Unit.PIECE, 1)] * 3,
        (Unit.METRE, Decimal("0.1")),
        (Unit.KILOGRAM, Decimal("0.01")),
    ]
)
_BASES, _LEVELS = st.sampled_from(list(Basis)), st.sampled_from(list(Level))
_JUDGED = st.sampled_from([None, *Level])
_PART_OF_PIECES = st.builds(Pieces, st.integers(1, 3), st.sampled_from(list(Which))) | st.builds(
    Sets, st.tuples(st.builds(SetPart, st.integers(1, 3))), st.sampled_from([None, 1])
)
_counts = cache(st.integers)


@cache
def _moneys(currency: str, *minors: int) -> st.SearchStrategy[Money]:
    """Draw amounts of any size, or some that are named."""
    found = Currency.of(currency)
    wanted = st.sampled_from(minors) if minors else _MINORS
    return wanted.map(lambda minor: Money.from_minor(minor, found))


@st.composite
def schedules(
    draw: st.DrawFn, *, name: str = "list", owner: str | None = "acme", currency: str = "EUR"
) -> PriceSchedule:
    """Draw a price schedule: one price, or a lower one from some pieces on, or for several; with tax or without."""
    first = draw(_moneys(currency))
    breaks = [PriceBreak(1, first)]
    if first.minor > 1 and draw(_YES_NO):
        lower = Money.from_minor(max(first.minor - draw(_LESS), 1), first.currency)
        breaks.append(PriceBreak(draw(_FEW), lower))
    return PriceSchedule(name, owner, breaks, per=draw(_PER), includes_tax=draw(_WITH_TAX))


@cache
def price_guards(
    *, name: str = "guard", merchants: Sequence[str | None] = (None, *_MERCHANTS)
) -> st.SearchStrategy[PriceGuard]:
    """Draw a guard of merchants' prices, on any reference, above, below or both."""
    fractions = st.sampled_from(["0", "0.3", "1"]).map(Decimal)
    return st.builds(
        PriceGuard,
        st.just(name),
        st.sampled_from(Reference),
        above=fractions,
        below=st.none() | fractions,
        merchant=st.sampled_from(merchants),
        meanwhile=st.sampled_from(Meanwhile),
    )


@st.composite
def offers(
    draw: st.DrawFn,
    *,
    sku: str = "lamp",
    merchant: str = "acme",
    schedule: str | None = None,
    packs: bool = False,
) -> Offer:
    """Draw an offer of a SKU, called by both; its schedule bears its own name unless told otherwise.

    Args:
        draw: Hypothesis's own.
        sku: What is sold.
        merchant: Who sells it.
        schedule: Its prices.
        packs: Whether it may be sold in packs of two or three pieces only.
    """
    name = f"{merchant}-{sku}"
    return Offer(
        name,
        merchant,
        sku,
        schedule=schedule or name,
        handling_days=draw(_HANDLING),
        maximum=draw(_MAXIMA),
        multiple=draw(_PACKS) if packs else 1,
    )


@st.composite
def skus(draw: st.DrawFn, *, name: str = "lamp") -> Sku:
    """Draw a SKU that is counted in pieces, or one that is cut by the decimetre or weighed by ten grams."""
    unit, step = draw(_UNITS)
    return Sku(name, name.title(), tax_category=draw(_CATEGORIES), unit=unit, unit_multiplier=step)


@cache
def tax_rules(*, category: str = _TAXED, name: str = "VAT") -> st.SearchStrategy[TaxRule]:
    """Draw a tax on a category: full, reduced or zero."""
    return _RATES.map(lambda rate: TaxRule.of(category, name, rate))


@cache
def shipping_fees(
    *, merchant: str = "acme", currency: str = "EUR", tax_category: str = ""
) -> st.SearchStrategy[ShippingFee]:
    """Draw a merchant's fee, some waived from a subtotal on."""
    amounts = _moneys(currency, 490, 1, 0)
    free_from = st.none() | _moneys(currency, 2_000, 1)
    return st.builds(ShippingFee, st.just(merchant), amounts, free_from=free_from, tax_category=st.just(tax_category))


@cache
def commission_rules(*, name: str = "sale", currency: str = "EUR") -> st.SearchStrategy[CommissionRule]:
    """Draw a rule on all sales: a percentage, or an amount for each piece."""
    terms = st.builds(Percentage, _PERCENTS) | st.builds(Fixed, _moneys(currency, 25, 1))
    return st.builds(CommissionRule, st.just(name), terms)


@st.composite
def promotions(
    draw: st.DrawFn,
    *,
    name: str = "spring",
    currency: str = "EUR",
    skus: Sequence[str] = _SKUS,
    merchants: Sequence[str] = _MERCHANTS,
) -> Promotion:
    """Draw a promotion of the marketplace or of a merchant, on all goods or on some, of parts that go together."""
    effect = draw(_effects(currency, skus[-1]))
    is_stepped = getattr(effect, "every", None) is not None
    shape = draw(_find_shapes(type(effect).__name__, getattr(effect, "per_piece", False), is_stepped=is_stepped))
    return Promotion(
        name,
        effect,
        owner=draw(st.sampled_from([None, *merchants])),
        condition=draw(_conditions(currency)),
        targets=LineFilter(skus=tuple(skus[:1]) if draw(_YES_NO) else ()),
        level=draw(_LEVELS),
        judged=draw(_JUDGED),
        priority=draw(_counts(0, 1)),
        caps=Caps(order=draw(_caps(currency))),
        **shape,
    )


@cache
def _effects(currency: str, given: str) -> st.SearchStrategy[Effect]:
    amounts = _moneys(currency, 500, 1)
    # The plain ones first: what fails with any of them is shown with a percentage.
    return (
        st.builds(PercentOff, _PERCENTS, basis=_BASES)
        | st.builds(AmountOff, amounts, per_piece=_YES_NO)
        | st.builds(AmountOff, amounts, every=_moneys(currency, 1_000, 1))
        | st.builds(FixedPrice, amounts)
        | st.builds(BuyXGetY, st.just(2), st.just(1), which=st.sampled_from(list(Which)))
        | st.builds(CheapestFree, st.just(3))
        | st.builds(ShippingOff, percent=_PERCENTS)
        | st.builds(ShippingOff, price=amounts, per_charge=_YES_NO)
        | st.builds(Gift, st.just(given))
    )


@cache
def _conditions(currency: str) -> st.SearchStrategy[Amount | Quantity | None]:
    return st.none() | st.builds(Amount, _moneys(currency, 1, 1_000)) | st.builds(Quantity, st.integers(1, 3))


@cache
def _caps(currency: str) -> st.SearchStrategy[Money | None]:
    return st.none() | _moneys(currency, 1_000, 1)


@cache
def _find_shapes(effect: str, is_per_piece: bool, *, is_stepped: bool) -> st.SearchStrategy[dict[str, Any]]:
    """Return what may stand beside an effect: which pieces it is for, whether it spends them, and which charges."""
    plain: st.SearchStrategy[dict[str, Any]] = st.just({})
    if effect in {"ShippingOff", "Gift"}:
        return plain
    charged = st.fixed_dictionaries({"charges": st.just(ChargeFilter())})
    if is_stepped:
        # Off whole lines only: what every full amount takes is not of single pieces.
        return plain | charged
    spent = st.fixed_dictionaries({"spends_pieces": st.just(value=True)})
    if effect not in {"PercentOff", "AmountOff", "FixedPrice"}:
        return plain | spent
    by_piece = st.fixed_dictionaries({"pieces": _PART_OF_PIECES}, optional={"spends_pieces": st.just(value=True)})
    has_charges = effect != "FixedPrice" and not is_per_piece
    return plain | spent | by_piece | charged if has_charges else plain | spent | by_piece


@st.composite
def market_samples(
    draw: st.DrawFn, *, currency: str = "EUR", max_skus: int = 3, max_promotions: int = 2
) -> MarketSample:
    """Draw a whole loaded market: one or two merchants and what they sell, with taxes, fees, commission and promotions.

    Every SKU has an offer, and the first offer has something on hand, so that there is always something to buy.

    Args:
        draw: Hypothesis's own.
        currency: Of all amounts.
        max_skus: SKUs at most.
        max_promotions: Promotions at most.
    """
    merchants = _MERCHANTS[: draw(_counts(1, 2))]
    named = _SKUS[: draw(_counts(1, max_skus))]
    sold = [
        (merchants[draw(_counts(0, len(merchants) - 1))] if number else merchants[0], sku)
        for number, sku in enumerate(named)
    ]
    if len(merchants) > 1 and draw(_YES_NO):
        sold.append((merchants[1], named[0]))
    # The first one is sold by the piece, so that a single piece can always be bought.
    own = [draw(offers(sku=sku, merchant=merchant, packs=number > 0)) for number, (merchant, sku) in enumerate(sold)]
    return MarketSample(
        [Merchant(one, one.title()) for one in merchants],
        skus=[draw(skus(name=one)) for one in named],
        schedules=[draw(schedules(name=one.id, owner=one.merchant, currency=currency)) for one in own],
        offers=own,
        stock={one.id: draw(_PIECES if one is own[0] else _SOME_PIECES) for one in own},
        taxes=[draw(tax_rules())],
        fees=[draw(shipping_fees(merchant=one, currency=currency)) for one in merchants if draw(_YES_NO)],
        commissions=[draw(commission_rules(currency=currency))] if draw(_YES_NO) else [],
        promotions=[
            draw(promotions(name=f"promotion-{number}", currency=currency, skus=named, merchants=merchants))
            for number in range(draw(_counts(0, max_promotions)))
        ],
        currency=currency,
    )


@st.composite
def carts(
    draw: st.DrawFn, *, offers: Sequence[Offer], name: str = "cart-1", buyer: str = "buyer-1", max_lines: int = 4
) -> Cart:
    """Draw a cart of whole packs of these offers; some of its lines let the marketplace choose the offer.

    Args:
        draw: Hypothesis's own.
        offers: What can be bought: `sample.offers`.
        name: Its id.
        buyer: Who buys.
        max_lines: Lines at most.
    """
    wanted = draw(
        st.lists(st.tuples(st.sampled_from(offers), st.integers(1, 4), st.booleans()), min_size=1, max_size=max_lines)
    )
    lines = [
        CartLine(f"l{number}", offer.sku, pieces * offer.multiple, offer=None if is_open else offer.id)
        for number, (offer, pieces, is_open) in enumerate(wanted, start=1)
    ]
    return Cart.of(name, buyer=buyer, lines=lines)


@st.composite
def placed_orders(draw: st.DrawFn, *, currency: str = "EUR", max_lines: int = 4) -> Order:
    """Draw an order as its operator sees it, placed in a market in memory that is drawn with it."""
    sample = draw(market_samples(currency=currency))
    cart = draw(carts(offers=sample.offers, max_lines=max_lines))
    with sample.open() as market:
        try:
            return market.place(cart, key=cart.id, scope=market.as_operator())
        except PlacementRefused:
            # The one cart that always can be an order; that is better than drawing until another can.
            first = sample.offers[0]
            plain = Cart.of(cart.id, buyer="buyer-1", lines=[CartLine("l1", first.sku, offer=first.id)])
            return market.place(plain, key="plain", scope=market.as_operator())


@st.composite
def processes(draw: st.DrawFn, *, name: str = "any", max_states: int = 5) -> Process:
    """Draw a process in which all can happen: events by hand, on time and of the program, ways back, ends or none."""
    states = "abcdefghij"[: draw(st.integers(2, max_states))]
    finals = draw(st.sets(st.sampled_from(states[1:]), max_size=2))
    events = [draw(_events(f"event {number}")) for number in range(1, draw(st.integers(1, 4)) + 1)]
    ways = st.builds(
        Transition,
        source=st.sampled_from([one for one in states if one not in finals]),
        target=st.sampled_from(states),
        event=st.sampled_from([event.name for event in events]),
    )
    return Process(
        name,
        states=[State(one, final=one in finals) for one in states],
        events=events,
        # Two alike would be one: which of them is taken could not be told.
        transitions=draw(st.lists(ways, min_size=1, max_size=8, unique_by=lambda way: (way.source, way.event))),
    )


@st.composite
def _events(draw: st.DrawFn, name: str) -> ProcessEvent:
    trigger = draw(st.sampled_from([Trigger.MANUAL, Trigger.MANUAL, Trigger.TIMEOUT, Trigger.INTERNAL]))
    if trigger is Trigger.TIMEOUT:
        return ProcessEvent(name, trigger, after=timedelta(hours=draw(st.integers(1, 48))))
    return ProcessEvent(name, trigger, parties=draw(st.sets(st.sampled_from(Party), max_size=2)))


@st.composite
def merchant_processes(draw: st.DrawFn) -> Process:
    """Draw a process of merchant orders that a marketplace opens with: the shipped one, or one with a state more."""
    if draw(_YES_NO):
        return MERCHANT_PROCESS
    packed = State("packed", "Packed", flags=[RESERVED])
    merchant = (Party.MERCHANT, Party.OPERATOR)
    return attrs.evolve(
        MERCHANT_PROCESS,
        states=[*MERCHANT_PROCESS.states, packed],
        events=[*MERCHANT_PROCESS.events, ProcessEvent("pack", parties=merchant)],
        transitions=[
            *MERCHANT_PROCESS.transitions,
            *[Transition(one, "packed", "pack") for one in draw(st.sampled_from([("new",), ("new", "picking")]))],
            Transition("packed", "shipped", "ship"),
            *([Transition("packed", "canceled", "cancel by merchant")] if draw(_YES_NO) else []),
        ],
    )
