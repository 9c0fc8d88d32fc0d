"""Merchants, buyers, users, agreements and what merchants send, as people are shown them."""

import attrs

from mktcore.access.user import USERS, User
from mktcore.caller_scope import Scope
from mktcore.merchant_items.item_decision import Bind, Deny, NewProduct, NewSku, Pend, Unbind
from mktcore.merchant_items.item_policy import ITEM_POLICIES, ItemPolicy
from mktcore.merchant_items.life import Reception
from mktcore.merchant_items.merchant_item import MERCHANT_ITEMS, Decision, MerchantItem, ReceivedItem
from mktcore.merchant_items.use_cases.row_outcomes import ItemOutcome
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
from mktcore.views.figure_forms import ACTOR, PERIOD
from mktcore.views.form import Form, OneOf, field, maybe
from mktcore.views.plain_fields import find_label, plain_fields
from mktcore.views.record_access import show_record
from mktcore.views.report_forms import NOTICE
from mktcore.views.shapes import TEXT, Listed

__all__ = ["AGREEMENT", "BUYER", "ITEM_OUTCOME", "ITEM_POLICY", "MERCHANT", "RECEIVED_ITEM", "USER"]

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
    PaymentTerms: Form("PaymentTerms", PaymentTerms, plain_fields(PaymentTerms, "methods", "processor", "payout_days")),
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
_REASON = (maybe("reason", TEXT, "Why."),)
_VERDICT = OneOf(
    {
        "bind": Form("Bind", Bind, (field("sku", TEXT, "The SKU."),)),
        "new-sku": Form("NewSku", NewSku, plain_fields(NewSku, "product", "sku")),
        "new-product": Form(
            "NewProduct", NewProduct, plain_fields(NewProduct, "product", "sku", "category", "tax_category")
        ),
        "pend": Form("Pend", Pend, _REASON),
        "deny": Form("Deny", Deny, _REASON),
        "unbind": Form("Unbind", Unbind, _REASON),
    }
)
_DECISION = Form(
    "Decision",
    Decision,
    (
        field("verdict", _VERDICT, "What was decided."),
        maybe("by", ACTOR, "Who decided; absent where that is not the reader's to know."),
        *plain_fields(Decision, "at", "score", "reasons"),
    ),
)
_ITEM = Form(
    "MerchantItem",
    MerchantItem,
    plain_fields(
        MerchantItem,
        *("merchant", "item_id", "name", "brand", "gtin", "mpn", "category", "description", "attributes", "size"),
        *("weight", "dimensions", "price", "group", "media"),
    ),
)
RECEIVED_ITEM = Form(
    "ReceivedItem",
    ReceivedItem,
    plain_fields(ReceivedItem, "item", "state", "sku", "decision", forms={MerchantItem: _ITEM, Decision: _DECISION}),
    show=show_record(MERCHANT_ITEMS),
)
ITEM_POLICY = Form(
    "ItemPolicy",
    ItemPolicy,
    plain_fields(ItemPolicy, "merchant", "flow", "approve", "reject", "unmatched", "required"),
    show=show_record(ITEM_POLICIES),
)


def _show_outcome(outcome: ItemOutcome, scope: Scope) -> ItemOutcome:
    if outcome.received is None:
        return outcome
    return attrs.evolve(outcome, received=RECEIVED_ITEM.show(outcome.received, scope))


ITEM_OUTCOME = Form(
    "ItemOutcome",
    ItemOutcome,
    (
        field("id", TEXT, "Id of the item."),
        maybe("received", RECEIVED_ITEM, "The item as it stands; absent where the row was refused."),
        maybe("reception", find_label(Reception), "What became of what was sent."),
        field("problems", Listed(NOTICE), "What of it could not be read or kept, or why it was refused."),
    ),
    about="What came of one row that was sent or decided on.",
    show=_show_outcome,
)
