"""Whether what events told last is what is stored: a record that was removed behind everybody's back, or set back."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from mktcore.access.events import UserChanged
from mktcore.access.user import USERS
from mktcore.catalog.assortment import CATALOGS
from mktcore.catalog.category import CATEGORIES
from mktcore.catalog.events import CatalogChanged, CategoryChanged, ProductChanged, SkuChanged, SpecChanged
from mktcore.catalog.order_choices import SPECS
from mktcore.catalog.product import PRODUCTS
from mktcore.catalog.sku import SKUS
from mktcore.commissions import COMMISSION_RULES
from mktcore.commissions.events import CommissionRuleChanged
from mktcore.events import Event
from mktcore.merchant_items.events import (
    MerchantItemDecided,
    MerchantItemReceived,
    MerchantItemRemoved,
    MerchantItemUnbound,
)
from mktcore.merchant_items.merchant_item import MERCHANT_ITEMS
from mktcore.notice import Notice
from mktcore.offers import OFFERS
from mktcore.offers.events import OfferDecided, OfferRefreshed, OfferUnavailable
from mktcore.orders.price_approvals.price_approval import PRICE_APPROVALS, PriceApprovalChanged
from mktcore.orders.shipments import SHIPMENTS
from mktcore.orders.shipments.events import ShipmentChanged, Shipped
from mktcore.parties.agreements.agreement import AGREEMENTS
from mktcore.parties.agreements.events import AgreementSigned
from mktcore.parties.onboarding.events import MembershipChanged
from mktcore.parties.onboarding.membership import MEMBERSHIPS
from mktcore.parties.relations.events import RelationChanged
from mktcore.parties.relations.relation import RELATIONS
from mktcore.parties.selling_rights.events import SellingRightsChanged
from mktcore.parties.selling_rights.rights import SELLING_RIGHTS
from mktcore.persistence import Kind
from mktcore.pricing.assignment import ASSIGNMENTS
from mktcore.pricing.events import AssignmentChanged, PriceScheduleChanged
from mktcore.pricing.price_schedule import PRICE_SCHEDULES
from mktcore.promotions.events import PromotionChanged
from mktcore.promotions.promotion import PROMOTIONS
from mktcore.store_inspection import RecordInspection

__all__ = ["check_told"]

Agrees = Callable[[Any, Any], bool]
"""Tells whether a record is as an event told last."""


def _is_there(record: Any, event: Any) -> bool:
    """Any record will do: such a one is never removed."""
    del record, event
    return True


def _has_number(record: Any, event: Any) -> bool:
    """Loading a folder makes versions that no event tells of, so a higher one is as good."""
    return bool(record.version >= event.number)


_TOLD: Mapping[type[Event], tuple[Kind[Any], Agrees]] = {
    PriceScheduleChanged: (PRICE_SCHEDULES, _has_number),
    AssignmentChanged: (ASSIGNMENTS, _has_number),
    PromotionChanged: (PROMOTIONS, _has_number),
    ProductChanged: (PRODUCTS, _has_number),
    SkuChanged: (SKUS, _has_number),
    SpecChanged: (SPECS, _has_number),
    CategoryChanged: (CATEGORIES, _has_number),
    CommissionRuleChanged: (COMMISSION_RULES, _has_number),
    CatalogChanged: (CATALOGS, _is_there),
    UserChanged: (USERS, lambda user, event: (user.roles, user.is_active) == (event.roles, event.is_active)),
    MembershipChanged: (MEMBERSHIPS, lambda membership, event: membership.state == event.state),
    AgreementSigned: (AGREEMENTS, lambda agreement, event: agreement.valid == event.valid),
    RelationChanged: (RELATIONS, _is_there),
    SellingRightsChanged: (SELLING_RIGHTS, _is_there),
    OfferDecided: (OFFERS, _is_there),
    OfferRefreshed: (OFFERS, _is_there),
    OfferUnavailable: (OFFERS, _is_there),
    PriceApprovalChanged: (
        PRICE_APPROVALS,
        lambda approval, event: (
            (approval.state, approval.approver, approval.merchant) == (event.state, event.approver, event.merchant)
        ),
    ),
    Shipped: (SHIPMENTS, _is_there),
    ShipmentChanged: (SHIPMENTS, _is_there),
    MerchantItemReceived: (MERCHANT_ITEMS, _has_number),
    MerchantItemDecided: (MERCHANT_ITEMS, lambda item, event: (item.state, item.sku) == (event.state, event.sku)),
    MerchantItemUnbound: (MERCHANT_ITEMS, _is_there),
    MerchantItemRemoved: (MERCHANT_ITEMS, _is_there),
}


def check_told(inspection: RecordInspection, events: Iterable[Event]) -> Iterator[Notice]:
    """Yield a finding for each aggregate that is not as its last event told.

    Args:
        inspection: What is looked at.
        events: The last event of each of some aggregates.
    """
    by_kind: dict[Kind[Any], list[Event]] = {}
    for event in events:
        told = _TOLD.get(type(event))
        if told is not None and told[0].name in inspection.kinds and not _tells_removal(event):
            by_kind.setdefault(told[0], []).append(event)
    for kind, own in by_kind.items():
        there = inspection.find_kept(kind, [event.subject for event in own])
        for event in own:
            kept, where = there.get(event.subject), f"{kind.name} {event.subject}"
            if kept is None:
                yield Notice("I14", where, f"its last event, of {event.at}, tells of it, and it is missing")
            elif kept.value is not None:
                yield from _check_last(where, kind, kept.value, event=event)


def _check_last(where: str, kind: Kind[Any], record: Any, *, event: Event) -> Iterator[Notice]:
    if not _TOLD[type(event)][1](record, event):
        yield Notice("I14", where, f"it is not as its last event, of {event.at}, tells")
    for column, told in ((kind.merchant, event.merchant), (kind.buyer, event.buyer)):
        if column is not None and told is not None and kind.read_column(column, record) != told:
            yield Notice("I18", where, f"it is {kind.read_column(column, record)}'s, and its last event told {told}")


def _tells_removal(event: Event) -> bool:
    return getattr(event, "number", 1) == 0 or getattr(event, "is_related", True) is False
