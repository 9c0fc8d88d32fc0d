"""What a cart would cost, as people are shown it."""

from collections.abc import Iterable

import attrs

from mktcore.access import Permission
from mktcore.carts.simulation import PricedLine, Simulation
from mktcore.delivery.delivery_plan import NO_DELIVERY
from mktcore.offers.buybox.candidate import OfferCandidate
from mktcore.offers.offer import Condition
from mktcore.payments.payment_options import PaymentOption, PaymentOptions
from mktcore.promotions.outcome import AppliedPromotion, PassedPromotion
from mktcore.totals import LineTotals
from mktcore.views.delivery_forms import DELIVERY_PLAN
from mktcore.views.figure_forms import ADDRESS, EXPENSE, TOTALS
from mktcore.views.form import Form, field, maybe, show_own
from mktcore.views.line_fields import list_line_fields
from mktcore.views.order_forms import list_payment_fields
from mktcore.views.plain_fields import find_label, plain_fields
from mktcore.views.record_access import Owners, show_owned
from mktcore.views.report_forms import NOTICE
from mktcore.views.shapes import EXTRA, MONEY, TEXT, TRUTH, WHOLE, Listed, Mapped

__all__ = ["OFFER_CHOICE", "SIMULATION"]

OFFER_CHOICE = Form(
    "OfferChoice",
    OfferCandidate,
    (
        field("offer", TEXT, "Id of the offer.", read="offer.id"),
        field("merchant", TEXT, "Who sells.", read="offer.merchant"),
        field("condition", find_label(Condition), "State of the goods.", read="offer.condition"),
        maybe(
            "unit_price",
            MONEY,
            "What `per` pieces cost; absent where it has no price for this quantity.",
            read=lambda one: None if one.price is None else one.price.unit_price,
        ),
        maybe(
            "per",
            WHOLE,
            "How many pieces the unit price is for.",
            read=lambda one: None if one.price is None else one.price.per,
        ),
        field("available", WHOLE, "Pieces that could be had now, counted up to those that are wanted."),
        field("can_serve", TRUTH, "Whether it could serve the line.", read=lambda one: not one.refusal()),
        field("is_backordered", TRUTH, "Whether some of the pieces are not on hand."),
        field("handling_days", WHOLE, "Days until it is handed over."),
    ),
    about="An offer of the same SKU, in the order of preference.",
)


@attrs.frozen(eq=False)
class _SimulatedLine:
    """A priced line with its figures."""

    line: PricedLine
    totals: LineTotals


def _list_lines(simulation: Simulation) -> Iterable[_SimulatedLine]:
    figures = simulation.totals.lines
    return [_SimulatedLine(line, figures[line.line.key]) for line in simulation.lines]


_LINE = Form(
    "SimulatedLine",
    _SimulatedLine,
    (
        *list_line_fields(
            {
                "key": "line.line.key",
                "sku": "line.sku.id",
                "title": "line.sku.name",
                "quantity": "line.line.quantity",
                "offer": "line.offer.id",
                "unit_price": "line.price.unit_price",
                "per": "line.price.per",
                "entered": "line.price.entered",
                "options": lambda one: one.line.price.options or None,
                "totals": "totals",
                "extra": "line.line.extra",
            }
        ),
        maybe(
            "measure",
            TEXT,
            "How much they are, where pieces are not only counted: 1.3 m.",
            read=lambda one: None if one.line.measure is None else str(one.line.measure),
        ),
        field("merchant", TEXT, "Who sells.", read="line.offer.merchant"),
        field("is_chosen", TRUTH, "The marketplace chose the offer.", read=lambda one: one.line.choice is not None),
        field("regular_price", MONEY, "The unit price without a sale.", read="line.price.regular_price"),
        maybe("list_price", MONEY, "What a piece costs elsewhere, to be struck through.", read="line.offer.list_price"),
        maybe("gift_of", TEXT, "The promotion whose gift it is.", read=lambda one: one.line.gift_of or None),
        maybe(
            "alternatives",
            Listed(OFFER_CHOICE),
            "The offers among which it was chosen, the chosen one too; absent where the buyer named it.",
            read=lambda one: None if one.line.choice is None else one.line.choice.candidates,
        ),
    ),
    about="A cart line that has an offer and a price.",
)


_PROMOTION = (
    field("promotion", TEXT, "Id of the promotion.", read="promotion.id"),
    maybe("title", TEXT, "As buyers see it.", read="promotion.title"),
)

_APPLIED = Form(
    "AppliedPromotion",
    AppliedPromotion,
    (
        *_PROMOTION,
        field("amount", MONEY, "What it took off in all."),
        field("parts", Mapped(MONEY), "What it took off each line or charge, by key."),
    ),
)
_PASSED = Form(
    "PassedPromotion",
    PassedPromotion,
    (*_PROMOTION, field("reason", TEXT, "Why not.")),
)


_PAYMENT_OPTIONS = Form(
    "PaymentOptions",
    PaymentOptions,
    (
        field(
            "methods",
            Listed(Form("PaymentOption", PaymentOption, plain_fields(PaymentOption, "method", "name", "merchant"))),
            "Every way to pay, of the whole and of merchants' parts.",
        ),
        field("excluded", Listed(NOTICE), "Why each other method is none."),
    ),
)


def _own_buyer(simulation: Simulation) -> Owners:
    return {"buyer": simulation.cart.buyer}


SIMULATION = Form(
    "Simulation",
    Simulation,
    (
        field("cart", TEXT, "Id of the cart.", read="cart.id"),
        field("buyer", TEXT, "Who buys.", read="cart.buyer"),
        field("is_placeable", TRUTH, "Nothing stands in the way of an order.", read=lambda found: found.is_placeable()),
        field("prices_include_tax", TRUTH, "Whether unit prices contain tax.", read="policy.prices_include_tax"),
        field("totals", TOTALS, "Over the lines that have a price.", read="totals.order"),
        field("lines", Listed(_LINE), "The lines that have an offer and a price.", read=_list_lines),
        field(
            "expenses",
            Listed(EXPENSE),
            "Shipping fees and other charges.",
            read=lambda found: found.totals.expenses.values(),
        ),
        field("codes", Listed(TEXT), "The coupon codes that the buyer entered.", read="cart.codes"),
        field("promotions", Listed(_APPLIED), "The promotions that were applied.", read="promotions.applied"),
        field("passed_promotions", Listed(_PASSED), "Others, and why they were not.", read="promotions.passed"),
        *list_payment_fields("cart.payments", "totals.order"),
        field("issues", Listed(NOTICE), "Everything that must be mended before it can be placed."),
        field("notices", Listed(NOTICE), "What the buyer should know, and nothing stands in the way of."),
        maybe("deliver_to", ADDRESS, "Where its lines go, but those that say otherwise.", read="cart.deliver_to"),
        maybe(
            "payment",
            _PAYMENT_OPTIONS,
            "How it can be paid; absent where the marketplace keeps no methods.",
            read=lambda found: found.payment if found.payment.is_kept else None,
        ),
        maybe(
            "delivery",
            DELIVERY_PLAN,
            "How the goods could be delivered, and are going to be; absent where no method is kept for them.",
            read=lambda found: None if found.delivery == NO_DELIVERY else found.delivery,
        ),
        maybe("extra", EXTRA, "The host's own data.", read="cart.extra"),
    ),
    show=show_owned(
        "cart", lambda found: found.cart.id, owners=_own_buyer, permission=Permission.PLACE_ORDERS, show=show_own
    ),
)
