"""Merchants, buyers, users, agreements and what merchants send, as people are shown them."""

from mktcore.access.user import USERS, User
from mktcore.offers.buybox.stored_rating import MERCHANT_RATINGS, MerchantRating
from mktcore.parties.agreements.agreement import (
    AGREEMENTS,
    Agreement,
    CommissionTerms,
    DeliveryTerms,
    PaymentTerms,
    SelectionTerms,
    SupportTerms,
)
from mktcore.parties.organisations.buyer import BUYERS, Buyer
from mktcore.parties.organisations.merchant import MERCHANTS, Merchant
from mktcore.periods import Period
from mktcore.views.figure_forms import PERIOD
from mktcore.views.form import Form
from mktcore.views.plain_fields import plain_fields
from mktcore.views.record_access import show_record

__all__ = ["AGREEMENT", "BUYER", "MERCHANT", "MERCHANT_RATING", "USER"]

MERCHANT = Form(
    "Merchant",
    Merchant,
    plain_fields(Merchant, "id", "name", "attributes", "extra"),
    show=show_record(MERCHANTS),
)
BUYER = Form("Buyer", Buyer, plain_fields(Buyer, "id", "name", "kind", "extra"), show=show_record(BUYERS))
USER = Form(
    "User",
    User,
    plain_fields(User, "id", "party", "party_id", "name", "kind", "roles", "permissions", "is_active", "extra"),
    show=show_record(USERS),
)
_TERMS = {
    CommissionTerms: Form(
        "CommissionTerms", CommissionTerms, plain_fields(CommissionTerms, "rate", "by_category", "fixed")
    ),
    SelectionTerms: Form(
        "SelectionTerms", SelectionTerms, plain_fields(SelectionTerms, "categories", "brands", "conditions")
    ),
    DeliveryTerms: Form(
        "DeliveryTerms", DeliveryTerms, plain_fields(DeliveryTerms, "handling_days", "regions", "max_freight")
    ),
    SupportTerms: Form("SupportTerms", SupportTerms, plain_fields(SupportTerms, "answer_time", "return_days")),
    PaymentTerms: Form(
        "PaymentTerms", PaymentTerms, plain_fields(PaymentTerms, "methods", "processor", "payout_days", "added")
    ),
}
AGREEMENT = Form(
    "Agreement",
    Agreement,
    plain_fields(
        Agreement,
        *("id", "merchant", "valid", "commission", "selection", "delivery", "support", "payment"),
        forms={Period: PERIOD, **_TERMS},
    ),
    show=show_record(AGREEMENTS),
)


MERCHANT_RATING = Form(
    "MerchantRating", MerchantRating, plain_fields(MerchantRating, "id", "score"), show=show_record(MERCHANT_RATINGS)
)
