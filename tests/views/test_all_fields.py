"""Whatever a type holds, its view shows, or it is said here why not: what a type gains is not forgotten."""

import re
from typing import Any

import attrs

from mktcore.views.form import Form
from mktcore.views.view import list_forms

_MINOR = "currency subtotal_minor discount_minor expense_minor tax_minor grand_minor merchant_borne_minor"
REASONS: dict[str, dict[str, str]] = {
    "shown as figures, labels and portions that are made of it": {
        "AllowedEvent": "lines states",
        "Decision": "on",
        "Expense": f"{_MINOR} merchant_net_minor reduction_minors tax_amounts undone",
        "MarketplaceOrder": "fulfilment reductions",
        "MerchantOrder": "fulfilment",
        "Notice": "message",
        "OfferChoice": "is_valid price quantity rating refusals shipping unpriced",
        "PassedPromotion": "is_eligible is_exhausted",
        "PlannedSubject": "cancel kept schedule",
        "ReceivedItem": "problems",
        "StorefrontEntry": "box context",
        "StorefrontOffer": "is_valid price quantity rating shipping unpriced",
        "Totals": f"{_MINOR} merchant_net_minor reduction_minors undone",
    },
    "how it is kept, counted and computed": {
        "AppliedPromotion": "claims grounds reductions",
        "CancellationPreview": "order_version",
        "Commission": "agreement at clamps id quantity reversal rounding rule_version sold_before tax_reason terms",
        "ShipmentToCome": "customer_data",
        "ForwardedOrder": "followed seen",
        "Feed": "attempts chunks chunks_done keeps_empty time_zone",
        "LineSource": "reservation",
        "MarketplaceOrder": (
            "charge_rules discount_terms former_moves groups in_ledger promotion_uses revisions told_by_steps"
        ),
        "MerchantOrder": "customer_data former_moves told_by_steps",
        "OrderStep": "figures id portions",
        "Revision": "id owner value",
        "TimeOut": "retry_at",
    },
    "who asks, which is no reader's to know beyond the party, or whoever reads": {
        "Actor": "merchants on_behalf_of permissions",
        "AllowedEvents": "asker",
        "Principal": "acts_for merchants on_behalf_of permissions user",
    },
    "told by what it is a part of": {
        "DeliveryPlan": "issues",
        "PaymentOptions": "is_kept",
        "Commission": "line merchant_order",
        "CommissionReversal": "commission",
        "Order": "marketplace_order",
    },
}


def find_forms() -> dict[str, Form]:
    """Return every form, those too that others are made of, by name."""
    found: dict[str, Form] = {}

    def refer(form: Any) -> dict[str, Any]:
        if isinstance(form, Form) and found.setdefault(form.name, form) is form and form.name not in begun:
            begun.add(form.name)
            form.define(refer)
        return {}

    begun: set[str] = set()
    for form in list_forms():
        refer(form)
    return found


def list_read(form: Form) -> set[str]:
    """Return the attributes that figures are read of, as far as a path says so."""
    paths = [name for one in form.fields for name in re.findall(r"'([^']*)'", repr(one.read))]
    return {one.name for one in form.fields} | {path.partition(".")[0] for path in paths}


def find_hidden(form: Form) -> set[str]:
    if not attrs.has(form.type):
        return set()
    fields = {one.name.lstrip("_") for one in attrs.fields(form.type) if one.init}
    return fields - list_read(form) - {"version"}


def test_every_field_has_a_figure_or_a_reason() -> None:
    hidden = {(name, field) for name, form in find_forms().items() for field in find_hidden(form)}
    told = {(name, field) for forms in REASONS.values() for name, fields in forms.items() for field in fields.split()}
    assert hidden == told
