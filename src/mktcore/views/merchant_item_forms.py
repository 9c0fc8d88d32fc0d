"""Merchants' items as their readers see them: what was received, what became of it, and by which policy."""

import attrs

from mktcore.caller_scope import Scope
from mktcore.merchant_items.item_decision import Bind, Deny, NewProduct, NewSku, Pend, Unbind
from mktcore.merchant_items.item_policy import ITEM_POLICIES, ItemPolicy
from mktcore.merchant_items.life import Reception
from mktcore.merchant_items.merchant_item import MERCHANT_ITEMS, Decision, MerchantItem, ReceivedItem
from mktcore.merchant_items.use_cases.row_outcomes import ItemOutcome
from mktcore.views.figure_forms import ACTOR
from mktcore.views.form import Form, OneOf, field, maybe
from mktcore.views.plain_fields import find_label, plain_fields
from mktcore.views.record_access import show_record
from mktcore.views.report_forms import NOTICE
from mktcore.views.shapes import TEXT, Listed

__all__ = ["ITEM_OUTCOME", "ITEM_POLICY", "RECEIVED_ITEM"]


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
