"""The rules of a marketplace as people are shown them: taxes, fees, commissions, prices that differ, who gets which."""

from typing import Any

from mktcore.access import Permission
from mktcore.access.permissions import check_permission
from mktcore.access.unit_checks import check_part
from mktcore.caller_scope import Party, Scope
from mktcore.channels import CHANNELS, Channel
from mktcore.commissions import Commission, CommissionRule
from mktcore.commissions.commission_rule import COMMISSION_RULES
from mktcore.commissions.fee_terms import Fixed, Percentage, Tier, Tiers
from mktcore.commissions.replay import ReplayedMerchant
from mktcore.commissions.sale_filter import AmountBand, SaleFilter
from mktcore.delivery.shipping_fee import SHIPPING_FEES, ShippingFee
from mktcore.order_thresholds import ORDER_THRESHOLDS, OrderThreshold
from mktcore.payments import PAYMENT_METHODS, PaymentMethod
from mktcore.periods import Period
from mktcore.persistence import NotFound
from mktcore.pricing.assignment import ASSIGNMENTS, Assignment
from mktcore.pricing.price_divergence import DIVERGENCE_RULES, DivergenceBand, DivergenceRule
from mktcore.taxes import BUYER_TAXES, BuyerTax
from mktcore.taxes.tax_rule import TAX_RULES, TaxRule
from mktcore.views.figure_forms import PERIOD
from mktcore.views.form import Field, Form, Later, OneOf, field, maybe
from mktcore.views.plain_fields import plain_fields
from mktcore.views.record_access import show_record
from mktcore.views.shapes import DECIMAL, MONEY, TEXT, Listed, Mapped

__all__ = [
    "ASSIGNMENT",
    "BUYER_TAX",
    "CHANNEL",
    "COMMISSION",
    "COMMISSION_RULE",
    "DIVERGENCE_RULE",
    "ORDER_THRESHOLD",
    "PAYMENT_METHOD",
    "REPLAYED_MERCHANT",
    "SHIPPING_FEE",
    "TAX_RULE",
]

TAX_RULE = Form(
    "TaxRule",
    TaxRule,
    (
        *plain_fields(TaxRule, "id", "category", "name", "rate", "owner"),
        field("destinations", Listed(TEXT), "Where it applies; everywhere where there is none."),
        *plain_fields(TaxRule, "buyers", "valid", "treatment", forms={Period: PERIOD}),
    ),
    show=show_record(TAX_RULES),
)
BUYER_TAX = Form(
    "BuyerTax",
    BuyerTax,
    plain_fields(BuyerTax, "id", "status", "number", "valid", forms={Period: PERIOD}),
    show=show_record(BUYER_TAXES),
)
PAYMENT_METHOD = Form(
    "PaymentMethod",
    PaymentMethod,
    plain_fields(
        PaymentMethod,
        *("id", "name", "channels", "countries", "least", "most", "is_by_agreement", "valid"),
        forms={Period: PERIOD},
    ),
    show=show_record(PAYMENT_METHODS),
)
CHANNEL = Form(
    "Channel",
    Channel,
    plain_fields(
        Channel,
        *(
            "id",
            "name",
            "currency",
            "time_zone",
            "countries",
            "languages",
            "prices_include_tax",
            "merchants",
            "catalogs",
        ),
        *("delivery_methods", "payment_methods", "valid"),
        forms={Period: PERIOD},
    ),
    show=show_record(CHANNELS),
)
ORDER_THRESHOLD = Form(
    "OrderThreshold",
    OrderThreshold,
    plain_fields(
        OrderThreshold,
        *("id", "kind", "limit", "merchant", "channel", "group", "buyer", "valid", "after_reductions", "message"),
        *("fee", "fee_percent", "fee_mode", "tax_category"),
        forms={Period: PERIOD},
    ),
    show=show_record(ORDER_THRESHOLDS),
)
SHIPPING_FEE = Form(
    "ShippingFee",
    ShippingFee,
    (
        *plain_fields(ShippingFee, "id", "amount", "free_from", "tax_category", "after_promotions"),
        maybe("merchant", TEXT, "Whose it is; absent for the fee of all others."),
    ),
    show=show_record(SHIPPING_FEES),
)
_BAND = Form("AmountBand", AmountBand, plain_fields(AmountBand, "start", "end"))


def _any_of(name: str, about: str) -> Field:
    return maybe(name, Listed(TEXT), about, read=lambda sales: getattr(sales, name) or None)


_SALES: Form = Form(
    "SaleFilter",
    SaleFilter,
    (
        _any_of("skus", "These SKUs."),
        _any_of("categories", "These categories and all below them."),
        _any_of("brands", "These brands."),
        _any_of("merchants", "Sales of these merchants."),
        _any_of("channels", "Orders through these sales channels."),
        _any_of("groups", "Orders of users in one of these groups."),
        maybe("attributes", Mapped(Listed(TEXT)), "One of these values, by attribute of the goods."),
        maybe("merchant_attributes", Mapped(Listed(TEXT)), "One of these values, by attribute of the merchant."),
        maybe("price", _BAND, "What one piece costs."),
        maybe("order", _BAND, "What the merchant's lines in the order cost together."),
        maybe(
            "excluding",
            Listed(Later(lambda: _SALES)),
            "Not the sales that one of these means.",
            read=lambda sales: sales.excluding or None,
        ),
    ),
    about="Which sales are meant; what is absent asks for nothing.",
)
_TIER = Form("Tier", Tier, plain_fields(Tier, "start", "rate"))
_TERMS = OneOf(
    {
        "percentage": Form("Percentage", Percentage, (field("rate", DECIMAL, "The fraction of the base."),)),
        "fixed": Form("Fixed", Fixed, plain_fields(Fixed, "amount", "others", "per")),
        "tiers": Form(
            "Tiers", Tiers, plain_fields(Tiers, "tiers", "by", "is_slab", "period", "time_zone", forms={Tier: _TIER})
        ),
    }
)
COMMISSION_RULE = Form(
    "CommissionRule",
    CommissionRule,
    (
        field("id", TEXT, "Its id."),
        field("terms", _TERMS, "What it takes."),
        *plain_fields(
            CommissionRule,
            *("group", "priority", "merchant", "category", "where", "on", "valid", "base", "floor", "cap"),
            *("bounds_per", "rounding", "reversal", "is_active", "agreement"),
            forms={SaleFilter: _SALES, Period: PERIOD},
        ),
    ),
    show=show_record(COMMISSION_RULES),
)


def _show_figures(commission: Commission, scope: Scope) -> Commission:
    """Return what is between the marketplace and a merchant: no buyer's, and for users who may see figures."""
    check_part(scope.caller, Permission.FINANCE)
    if scope.caller.party is Party.BUYER:
        raise NotFound("commission", commission.id)
    return commission


COMMISSION = Form(
    "Commission",
    Commission,
    plain_fields(Commission, "on", "lines", "group", "rule", "base", "amount", "tax", "tax_rate", "reason"),
    show=_show_figures,
)


def _show_replay(value: Any, scope: Scope) -> Any:
    check_permission(scope, Permission.COMMISSIONS)
    return value


REPLAYED_MERCHANT = Form(
    "ReplayedMerchant",
    ReplayedMerchant,
    (
        *plain_fields(ReplayedMerchant, "merchant", "orders", "charged", "replayed"),
        field("difference", MONEY, "What the other rules would take more."),
    ),
    show=_show_replay,
)
_DIVERGENCE = Form(
    "DivergenceBand", DivergenceBand, plain_fields(DivergenceBand, "direction", "above", "to", "action", "approvers")
)
DIVERGENCE_RULE = Form(
    "DivergenceRule",
    DivergenceRule,
    (
        field("merchant", TEXT, "Whose it is.", read="id"),
        *plain_fields(
            DivergenceRule,
            *("bands", "otherwise", "approvers", "answer_within"),
            forms={DivergenceBand: _DIVERGENCE},
        ),
    ),
    show=show_record(DIVERGENCE_RULES),
)
ASSIGNMENT = Form(
    "Assignment",
    Assignment,
    plain_fields(
        Assignment, "id", "sku", "product", "schedule", "merchant", "user", "group", "buyer", "offer", "channel"
    ),
    show=show_record(ASSIGNMENTS),
)
