"""Every type of this library that is stored or published, with its tag and the version of its present shape.

A tag lives for ever; when a field changes its meaning, its name or its type, the version rises and an up-caster is
registered for the one before. A new field with a default needs neither.
"""

from mktcore.access import Role, User
from mktcore.catalog import Catalog, Category, Product, Revision, Sku, Spec
from mktcore.catalog.assortment import CatalogAssignment, CatalogProduct
from mktcore.catalog.category import TreeGuard
from mktcore.catalog.events import (
    CatalogChanged,
    CategoryChanged,
    MerchantItemDecided,
    MerchantItemReceived,
    MerchantItemRemoved,
    MerchantItemUnbound,
    ProductChanged,
    SkuChanged,
    SpecChanged,
)
from mktcore.checkout import PlacementRefusal
from mktcore.commissions import CommissionRule, Fixed, Percentage
from mktcore.delivery import ShippingFee
from mktcore.errors import Notice
from mktcore.explain import Explanation
from mktcore.market_policy import PriceTerms
from mktcore.matching import MatchPolicy
from mktcore.merchant_items import Bind, Deny, ItemPolicy, MerchantItem, NewProduct, NewSku, Pend, ReceivedItem, Unbind
from mktcore.offers import Closure, Offer
from mktcore.offers.buybox.merchant_ratings import MerchantRating
from mktcore.offers.events import OfferDecided, OfferRefreshed, OfferUnavailable
from mktcore.offers.refresh.freshness import Freshness
from mktcore.offers.refresh.pending_refresh import PendingRefresh
from mktcore.orders import MarketplaceOrder, MerchantOrder, Order, PriceApproval
from mktcore.orders.events import MarketplaceOrderMoved, MerchantOrderMoved, MerchantOrderPlaced, OrderPlaced
from mktcore.orders.firing import FireRefusal
from mktcore.orders.price_approvals.price_approval import PriceApprovalChanged
from mktcore.parties import Agreement, Buyer, Membership, Merchant, MerchantProfile, Relation, SellingRights
from mktcore.parties.events import (
    AgreementSigned,
    MembershipChanged,
    RelationChanged,
    SellingRightsChanged,
    UserChanged,
)
from mktcore.parties.onboarding.invitation import Invitation
from mktcore.periods import Period
from mktcore.pricing import Assignment, DivergenceRule, PriceSchedule
from mktcore.pricing.events import AssignmentChanged, PriceScheduleChanged
from mktcore.processes import StoredTimeOut
from mktcore.promotions import (
    AllOf,
    Amount,
    AmountOff,
    AnyOf,
    BuyXGetY,
    CheapestFree,
    FixedPrice,
    Not,
    PercentOff,
    Promotion,
    ShippingOff,
    WithCode,
)
from mktcore.promotions.conditions import During, FirstOrder, InChannel, InGroup, Quantity
from mktcore.promotions.events import PromotionChanged
from mktcore.stock import Reservation, Shortage, StockCount, StockLevel
from mktcore.stock.stock import ReservationExpired, ShortageRecorded
from mktcore.taxes import TaxRule
from mktcore.wire.registry import Registration, Registry

__all__ = ["REGISTRY", "TYPES"]

TYPES = (
    Registration("core.problem", 1, Notice),
    Registration("core.explanation", 1, Explanation),
    Registration("core.period", 1, Period),
    Registration("parties.merchant", 1, Merchant),
    Registration("parties.buyer", 1, Buyer),
    Registration("parties.user", 1, User),
    Registration("parties.role", 1, Role),
    Registration("parties.relation", 1, Relation),
    Registration("parties.membership", 1, Membership),
    Registration("parties.selling-rights", 1, SellingRights),
    Registration("parties.agreement", 1, Agreement),
    Registration("parties.merchant-profile", 1, MerchantProfile),
    Registration("parties.invitation", 1, Invitation),
    Registration("parties.agreement-signed", 1, AgreementSigned),
    Registration("parties.user-changed", 1, UserChanged),
    Registration("parties.relation-changed", 1, RelationChanged),
    Registration("parties.membership-changed", 1, MembershipChanged),
    Registration("parties.selling-rights-changed", 1, SellingRightsChanged),
    Registration("carts.price-terms", 1, PriceTerms),
    Registration("catalog.sku", 1, Sku),
    Registration("catalog.product", 1, Product),
    Registration("catalog.spec", 1, Spec),
    Registration("catalog.category", 1, Category),
    Registration("catalog.category-tree", 1, TreeGuard),
    Registration("catalog.catalog", 1, Catalog),
    Registration("catalog.catalog-product", 1, CatalogProduct),
    Registration("catalog.catalog-assignment", 1, CatalogAssignment),
    Registration("catalog.revision", 1, Revision),
    Registration("catalog.product-changed", 1, ProductChanged),
    Registration("catalog.sku-changed", 1, SkuChanged),
    Registration("catalog.spec-changed", 1, SpecChanged),
    Registration("catalog.category-changed", 1, CategoryChanged),
    Registration("catalog.catalog-changed", 1, CatalogChanged),
    Registration("catalog.merchant-item", 1, MerchantItem),
    Registration("catalog.received-item", 1, ReceivedItem),
    Registration("catalog.item-policy", 1, ItemPolicy),
    Registration("catalog.bind", 1, Bind),
    Registration("catalog.new-sku", 1, NewSku),
    Registration("catalog.new-product", 1, NewProduct),
    Registration("catalog.pend", 1, Pend),
    Registration("catalog.deny", 1, Deny),
    Registration("catalog.unbind", 1, Unbind),
    Registration("catalog.merchant-item-received", 1, MerchantItemReceived),
    Registration("catalog.merchant-item-decided", 1, MerchantItemDecided),
    Registration("catalog.merchant-item-unbound", 1, MerchantItemUnbound),
    Registration("catalog.merchant-item-removed", 1, MerchantItemRemoved),
    Registration("catalog.match-policy", 1, MatchPolicy),
    Registration("taxes.tax-rule", 1, TaxRule),
    Registration("delivery.shipping-fee", 1, ShippingFee),
    Registration("pricing.price-schedule", 2, PriceSchedule),
    Registration("pricing.assignment", 1, Assignment),
    Registration("pricing.divergence-rule", 1, DivergenceRule),
    Registration("offers.offer", 1, Offer),
    Registration("offers.closure", 1, Closure),
    Registration("offers.freshness", 1, Freshness),
    Registration("offers.merchant-rating", 1, MerchantRating),
    Registration("offers.pending-refresh", 1, PendingRefresh),
    Registration("offers.offer-refreshed", 1, OfferRefreshed),
    Registration("offers.offer-unavailable", 1, OfferUnavailable),
    Registration("offers.offer-decided", 1, OfferDecided),
    Registration("promotions.promotion", 2, Promotion),
    Registration("pricing.price-schedule-changed", 1, PriceScheduleChanged),
    Registration("pricing.assignment-changed", 1, AssignmentChanged),
    Registration("promotions.promotion-changed", 1, PromotionChanged),
    Registration("promotions.all-of", 1, AllOf),
    Registration("promotions.any-of", 1, AnyOf),
    Registration("promotions.not", 1, Not),
    Registration("promotions.amount", 1, Amount),
    Registration("promotions.quantity", 1, Quantity),
    Registration("promotions.in-channel", 1, InChannel),
    Registration("promotions.in-group", 1, InGroup),
    Registration("promotions.first-order", 1, FirstOrder),
    Registration("promotions.during", 1, During),
    Registration("promotions.with-code", 1, WithCode),
    Registration("promotions.percent-off", 1, PercentOff),
    Registration("promotions.amount-off", 1, AmountOff),
    Registration("promotions.fixed-price", 1, FixedPrice),
    Registration("promotions.buy-x-get-y", 1, BuyXGetY),
    Registration("promotions.cheapest-free", 1, CheapestFree),
    Registration("promotions.shipping-off", 1, ShippingOff),
    Registration("commissions.commission-rule", 1, CommissionRule),
    Registration("commissions.percentage", 1, Percentage),
    Registration("commissions.fixed", 1, Fixed),
    Registration("orders.marketplace-order", 1, MarketplaceOrder),
    Registration("orders.merchant-order", 1, MerchantOrder),
    Registration("orders.order", 1, Order),
    Registration("orders.order-placed", 1, OrderPlaced),
    Registration("orders.merchant-order-placed", 1, MerchantOrderPlaced),
    Registration("orders.marketplace-order-moved", 1, MarketplaceOrderMoved),
    Registration("orders.merchant-order-moved", 1, MerchantOrderMoved),
    Registration("orders.price-approval", 1, PriceApproval),
    Registration("orders.price-approval-changed", 1, PriceApprovalChanged),
    Registration("processes.timeout", 1, StoredTimeOut),
    Registration("orders.fire-refusal", 1, FireRefusal),
    Registration("checkout.placement-refusal", 2, PlacementRefusal),
    Registration("offers.stock-count", 1, StockCount),
    Registration("offers.stock-level", 1, StockLevel),
    Registration("offers.reservation", 1, Reservation),
    Registration("offers.shortage", 1, Shortage),
    Registration("offers.shortage-recorded", 1, ShortageRecorded),
    Registration("offers.reservation-expired", 1, ReservationExpired),
)

REGISTRY = Registry(TYPES)
"""The registry used where no other is given; hosts add their own types to it."""


def _name_operator_by_nobody(old: dict[str, object]) -> dict[str, object]:
    """What the operator owned had an empty owner; now it has none."""
    return {**old, "owner": old.get("owner") or None}


def _tell_issues_as_notices(old: dict[str, object]) -> dict[str, object]:
    """An issue named its line beside its operands; a notice has it among them, and says its place."""
    issues = old["issues"]
    if not isinstance(issues, list):
        raise TypeError(issues)
    return {"issues": [_tell_issue_as_notice(dict(issue)) for issue in issues]}


def _tell_issue_as_notice(issue: dict[str, object]) -> dict[str, object]:
    line, operands = issue.pop("line"), issue["operands"]
    if not isinstance(operands, dict):
        raise TypeError(operands)
    if line is None:
        return {**issue, "where": ""}
    return {**issue, "where": f"line {line}", "operands": {**operands, "line": line}}


REGISTRY.register_upcaster("checkout.placement-refusal", 1, _tell_issues_as_notices)
REGISTRY.register_upcaster("pricing.price-schedule", 1, _name_operator_by_nobody)
REGISTRY.register_upcaster("promotions.promotion", 1, _name_operator_by_nobody)
