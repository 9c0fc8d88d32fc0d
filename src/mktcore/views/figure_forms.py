"""Figures of every level as a view has them, and small values that many views share."""

from operator import attrgetter

from mktcore.addresses import Address
from mktcore.caller_scope import Party, Scope
from mktcore.periods import Period
from mktcore.totals import ExpenseTotals, Option
from mktcore.totals.figures import Figures, TaxAmount
from mktcore.views.form import Form, Reader, field, maybe
from mktcore.views.plain_fields import find_label, plain_fields
from mktcore.views.shapes import INSTANT, MONEY, TEXT, Listed

__all__ = ["ACTOR", "ADDRESS", "EXPENSE", "OPTION", "PERIOD", "TOTALS"]

PERIOD = Form(
    "Period",
    Period,
    (
        maybe("start", INSTANT, "From when on; absent for always."),
        maybe("end", INSTANT, "Up to when, which is outside; absent without an end."),
    ),
    about="A stretch of time, half-open.",
)
_PARTY = field("party", find_label(Party), "Which kind of party.", read="caller.party")
_PARTY_ID = maybe("id", TEXT, "Which one; absent for the operator.", read="caller.id")
_PRINCIPAL = Form("Principal", Scope, (_PARTY, _PARTY_ID), about="A party that another one acted for.")
ACTOR = Form(
    "Actor",
    Scope,
    (
        _PARTY,
        _PARTY_ID,
        maybe("user", TEXT, "Its user, where that is the reader's to know.", read="caller.user"),
        maybe("acts_for", _PRINCIPAL, "The party that it was done for; absent where it is its own."),
    ),
    about="Who did something.",
)
ADDRESS = Form(
    "Address",
    Address,
    plain_fields(
        Address,
        *("country", "postal_code", "subdivision", "city", "lines", "name", "company", "phone", "tax_number"),
    ),
    about="Where something goes, as far as it is known.",
)
OPTION = Form("Option", Option, plain_fields(Option, "key", "mark_up", "percent", "once"))
_TAX = Form("TaxAmount", TaxAmount, plain_fields(TaxAmount, "name", "rate", "treatment", "base", "tax"))
_REDUCTION = Form(
    "ReductionAmount",
    tuple,
    (
        field("key", TEXT, "Which reduction.", read=lambda entry: entry[0]),
        field("amount", MONEY, "What it took off here.", read=lambda entry: entry[1]),
    ),
    about="What one reduction took off at one level.",
)


def _unless_hidden(figure: str, *, minor: str) -> Reader:
    read, find_minor = attrgetter(figure), attrgetter(minor)
    # Reading what is hidden is refused: a view leaves it out.
    return lambda figures: None if find_minor(figures) is None else read(figures)


def _unless_nothing(figure: str) -> Reader:
    read, amount = attrgetter(figure), figure.replace("_tax", "")
    # The tax goes with its amount: zero beside an amount is told, zero beside nothing is not.
    return lambda figures: None if getattr(figures, amount).is_zero() else read(figures)


_BORNE = "merchant_borne_minor"
TOTALS = Form(
    "Totals",
    Figures,
    (
        field("subtotal", MONEY, "Lines before reductions."),
        field("discount_total", MONEY, "What reductions took off lines and expenses; zero or more."),
        field("expense_total", MONEY, "Expenses before reductions."),
        field("tax_total", MONEY, "The taxes charged, contained in the grand total: not those of what was canceled."),
        field("grand_total", MONEY, "What the buyer pays, tax contained: without what was canceled."),
        *(
            maybe(name, MONEY, about, read=_unless_nothing(name))
            for name, about in (
                ("canceled_total", "What was canceled, stated as prices are; absent where nothing was, as the next."),
                ("canceled_tax_total", "The tax of what was canceled."),
                ("refund_total", "What was given back, stated as prices are; absent where nothing was, as the next."),
                ("refund_tax_total", "The tax of what was given back."),
            )
        ),
        field("net", MONEY, "The grand total less the tax in it."),
        field("taxes", Listed(_TAX), "Each tax, with its base.", read="tax_amounts"),
        maybe(
            "reductions",
            Listed(_REDUCTION),
            "What each reduction took off; absent where none did.",
            read=lambda figures: figures.reductions.items() if figures.reduction_minors else None,
        ),
        maybe(
            "merchant_borne",
            MONEY,
            "Of the discount, what the merchants bear.",
            read=_unless_hidden("merchant_borne", minor=_BORNE),
        ),
        maybe(
            "marketplace_borne",
            MONEY,
            "Of the discount, what the marketplace bears.",
            read=_unless_hidden("marketplace_borne", minor=_BORNE),
        ),
        maybe(
            "merchant_net",
            MONEY,
            "Net of tax, before what the marketplace bears.",
            read=_unless_hidden("merchant_net", minor="merchant_net_minor"),
        ),
    ),
    about="The figures of one level; those of a level are the sums of those of its parts.",
)
EXPENSE = Form(
    "Expense",
    ExpenseTotals,
    (
        field("key", TEXT, "Which charge."),
        maybe("merchant", TEXT, "Whose it is; absent for the marketplace's own."),
        field("totals", TOTALS, "Its figures.", read=lambda expense: expense),
    ),
    about="A charge beside the lines.",
)
