"""What shops everywhere advertise, each with the figure that its customers expect."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import attrs
import pytest

from mktcore.errors import InvalidValue
from mktcore.money import CurrencyMismatch, Money, Rounding
from mktcore.pricing import Recurrence
from mktcore.promotions import (
    AllOf,
    Amount,
    AmountOff,
    BuyXGetY,
    CheapestFree,
    FixedPrice,
    Limits,
    LineFilter,
    PercentOff,
    Promotion,
    ShippingOff,
    WithCode,
    apply_promotions,
)
from mktcore.promotions.conditions import During, FirstOrder, InGroup, Quantity
from mktcore.promotions.piece_selection import Pieces, SetPart, Sets, Which
from mktcore.promotions.promotion import Caps, Level
from mktcore.promotions.promotion_line import PromotionLine
from mktcore.promotions.promotion_lines import PromotionCart
from mktcore.sales_context import SalesContext
from mktcore.totals import Expense, Line, RoundAt, RoundingProfile

NOW = datetime(2026, 5, 1, 18, 30, tzinfo=UTC)  # a Friday
PROFILE = RoundingProfile(RoundAt.LINE, Rounding.HALF_UP)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def percent(text: str) -> PercentOff:
    return PercentOff(Decimal(text))


def sku(*names: str) -> LineFilter:
    return LineFilter(skus=names)


def cart(*lines: tuple[str, str, int], **more: object) -> PromotionCart:
    """Make a cart of SKUs with a price and a quantity, each a line of its name."""
    made = [PromotionLine(Line(name, "acme", eur(price), pieces), name) for name, price, pieces in lines]
    return attrs.evolve(PromotionCart(made, NOW), **more)  # type: ignore[arg-type]  # fields of the cart


def total_off(shown: PromotionCart, *promotions: Promotion) -> str:
    outcome = apply_promotions(promotions, shown, profile=PROFILE, currency="EUR")
    return str(Money.sum([Money.zero("EUR"), *[one.amount for one in outcome.applied]]).amount)


def promote(effect: object, id: str = "p", **more: object) -> Promotion:  # noqa: A002 - the field's name
    return Promotion(id, effect, **more)  # type: ignore[arg-type]  # of several types


TIERS = tuple(
    promote(percent(share), f"from-{least}", condition=Amount(eur(least)), group="tier", priority=priority)
    for priority, (least, share) in enumerate([("100.00", "0.05"), ("200.00", "0.10"), ("500.00", "0.15")])
)
BULK = tuple(
    promote(percent(share), f"of-{least}", condition=Quantity(least), group="bulk", priority=least, level=Level.LINE)
    for least, share in [(5, "0.10"), (10, "0.20")]
)
FLEXIBLE = (
    promote(AmountOff(eur("5.00")), "first", pieces=Pieces(1, Which.DEAREST), spends_pieces=True, priority=1),
    promote(AmountOff(eur("2.00"), per_piece=True), "more", pieces=Pieces(2, Which.DEAREST), spends_pieces=True),
)
SHIPPED = {"expenses": (Expense("dhl", "acme", eur("5.90")),), "shipping": ("dhl",)}
HAPPY = During(
    recurs=Recurrence("FREQ=WEEKLY;BYDAY=FR", date(2026, 1, 2), time(18), lasts=timedelta(hours=2), time_zone="UTC")
)

EVERYDAY: list[tuple[str, PromotionCart, tuple[Promotion, ...], str]] = [
    ("buy 2, get 1 free", cart(("a", "10.00", 3)), (promote(BuyXGetY(2)),), "10.00"),
    ("buy 2, get 1 free, of seven", cart(("a", "10.00", 7)), (promote(BuyXGetY(2)),), "20.00"),
    ("3 for 2, mixed: the cheapest", cart(("a", "10.00", 2), ("b", "4.00", 1)), (promote(CheapestFree(3)),), "4.00"),
    ("3 for 2, once", cart(("a", "10.00", 6)), (promote(CheapestFree(3, times=1)),), "10.00"),
    ("the second at half price", cart(("a", "20.00", 2)), (promote(BuyXGetY(1, percent=Decimal("0.5"))),), "10.00"),
    ("10 % off the second", cart(("a", "20.00", 2)), (promote(BuyXGetY(1, percent=Decimal("0.1"))),), "2.00"),
    (
        "every third, the dearest at half price",
        cart(("a", "30.00", 1), ("b", "10.00", 5)),
        (promote(BuyXGetY(2, percent=Decimal("0.5"), which=Which.DEAREST)),),
        "20.00",
    ),
    (
        "buy a camera, get the bag free",
        cart(("camera", "100.00", 1), ("bag", "20.00", 2)),
        (promote(BuyXGetY(1, of=sku("bag")), targets=sku("camera")),),
        "20.00",
    ),
    ("spend 100: 5 %", cart(("a", "150.00", 1)), TIERS, "7.50"),
    ("spend 200: 10 %", cart(("a", "250.00", 1)), TIERS, "25.00"),
    ("spend 500: 15 %", cart(("a", "500.00", 1)), TIERS, "75.00"),
    ("spend less", cart(("a", "99.99", 1)), TIERS, "0.00"),
    ("5 off every full 50", cart(("a", "40.00", 3)), (promote(AmountOff(eur("5.00"), every=eur("50.00"))),), "10.00"),
    (
        "5 off every full 50, of less",
        cart(("a", "49.99", 1)),
        (promote(AmountOff(eur("5.00"), every=eur("50.00"))),),
        "0.00",
    ),
    (
        "5 off every full 50, 12 at most",
        cart(("a", "60.00", 4)),
        (promote(AmountOff(eur("5.00"), every=eur("50.00")), caps=Caps(order=eur("12.00"))),),
        "12.00",
    ),
    (
        "5 off every full 50 of what is meant",
        cart(("a", "60.00", 1), ("b", "60.00", 1)),
        (promote(AmountOff(eur("5.00"), every=eur("50.00")), targets=sku("a")),),
        "5.00",
    ),
    ("20 %, 15 at most", cart(("a", "100.00", 1)), (promote(percent("0.20"), caps=Caps(order=eur("15.00"))),), "15.00"),
    (
        "free shipping from 50",
        cart(("a", "50.00", 1), **SHIPPED),
        (promote(ShippingOff(Decimal(1)), condition=Amount(eur("50.00"))),),
        "5.90",
    ),
    (
        "free shipping from 50, of less",
        cart(("a", "49.00", 1), **SHIPPED),
        (promote(ShippingOff(Decimal(1)), condition=Amount(eur("50.00"))),),
        "0.00",
    ),
    ("five for 40", cart(("a", "10.00", 5)), (promote(FixedPrice(eur("40.00")), pieces=Sets((SetPart(5),))),), "10.00"),
    (
        "a menu: burger, side and drink for 10",
        cart(("burger", "7.00", 2), ("fries", "3.00", 1), ("cola", "2.50", 1), ("tea", "2.00", 1)),
        (
            promote(
                FixedPrice(eur("10.00")),
                pieces=Sets((SetPart(1, sku("burger")), SetPart(1, sku("fries")), SetPart(1, sku("cola", "tea")))),
            ),
        ),
        "2.50",
    ),
    ("bulk: 10 % from five", cart(("a", "10.00", 5), ("b", "10.00", 4)), BULK, "5.00"),
    ("bulk: 20 % from ten", cart(("a", "10.00", 10)), BULK, "20.00"),
    (
        "the cheapest article at 10 %",
        cart(("a", "9.00", 1), ("b", "5.00", 3)),
        (promote(percent("0.10"), pieces=Pieces(1)),),
        "0.50",
    ),
    ("5 off the first, 2 off two more", cart(("a", "20.00", 1), ("b", "10.00", 4)), FLEXIBLE, "9.00"),
    ("each for 5", cart(("a", "7.00", 3), ("b", "4.00", 1)), (promote(FixedPrice(eur("5.00"))),), "6.00"),
    (
        "the first order",
        cart(("a", "80.00", 1), is_first_order=True),
        (promote(percent("0.10"), condition=FirstOrder()),),
        "8.00",
    ),
    ("not the first order", cart(("a", "80.00", 1)), (promote(percent("0.10"), condition=FirstOrder()),), "0.00"),
    (
        "members",
        cart(("a", "80.00", 1), context=SalesContext("ann", groups=["club"])),
        (promote(percent("0.05"), condition=InGroup(("club",))),),
        "4.00",
    ),
    ("happy hour", cart(("a", "10.00", 1)), (promote(percent("0.30"), condition=HAPPY),), "3.00"),
    (
        "a code, from two articles and 30",
        cart(("a", "16.00", 2), codes=("may",)),
        (promote(AmountOff(eur("10.00")), condition=AllOf((WithCode(("MAY",)), Quantity(2), Amount(eur("30.00"))))),),
        "10.00",
    ),
    (
        "once per customer, used",
        cart(("a", "50.00", 1), context=SalesContext("ann"), claimed={"promotion/p/buyer/ann": 1}),
        (promote(percent("0.10"), limits=Limits(per_buyer=1)),),
        "0.00",
    ),
    (
        "not on gift cards",
        cart(("a", "50.00", 1), ("card", "50.00", 1)),
        (promote(percent("0.10"), targets=LineFilter(excluding=sku("card"))),),
        "5.00",
    ),
]


@pytest.mark.parametrize(
    ("shown", "promotions", "expected"), [one[1:] for one in EVERYDAY], ids=[one[0] for one in EVERYDAY]
)
def test_what_shops_advertise(shown: PromotionCart, promotions: tuple[Promotion, ...], expected: str) -> None:
    assert total_off(shown, *promotions) == expected


def test_an_amount_for_every_full_so_much_is_of_one_currency_and_of_whole_lines() -> None:
    with pytest.raises(CurrencyMismatch):
        AmountOff(eur("5.00"), every=Money.of("50.00", "USD"))
    for wrong in ({"per_piece": True, "every": eur("50.00")}, {"every": eur("0.00")}):
        with pytest.raises(InvalidValue):
            AmountOff(eur("5.00"), **wrong)
    with pytest.raises(InvalidValue):
        promote(AmountOff(eur("5.00"), every=eur("50.00")), pieces=Pieces(1))
