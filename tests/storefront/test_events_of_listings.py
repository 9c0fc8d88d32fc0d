"""Which SKUs each event is of whose listings it may change: one case for every reader, and a reader for every event."""

from typing import Any

import pytest

from markets import NOON
from mktcore.carts import Cart, CartLine
from mktcore.catalog import Catalog
from mktcore.catalog.events import CatalogChanged, CategoryChanged, ProductChanged, SkuChanged
from mktcore.delivery.events import ShippingFeeChanged
from mktcore.events import Event
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.offers import Approval
from mktcore.offers.events import (
    ClosureChanged,
    MerchantRated,
    OfferChanged,
    OfferDecided,
    OfferRefreshed,
    OffersLoaded,
    OfferUnavailable,
)
from mktcore.orders.events import MerchantOrderMoved, MerchantOrderPlaced
from mktcore.parties.agreements.events import AgreementSigned
from mktcore.parties.onboarding.events import MembershipChanged
from mktcore.parties.selling_rights.events import SellingRightsChanged
from mktcore.parties.selling_rights.rights import GoodsGroup, gate_goods
from mktcore.periods import ALWAYS
from mktcore.pricing import Assignment
from mktcore.pricing.events import AssignmentChanged, PriceScheduleChanged
from mktcore.stock import ReturnCondition
from mktcore.stock.events import GoodsReturned, ReservationExpired, ShortageRecorded, StockCounted
from mktcore.storefront.affected_skus import find_affected
from storefront.test_projection import OPERATOR, add_kit, make_market

TEN = Money.of("10.00", "EUR")
BRAND, CATEGORY = gate_goods(GoodsGroup.BRAND, "Orlik", []), gate_goods(GoodsGroup.CATEGORY, "light", [])
EVERYTHING = {"lamp", "shade", "vase", "set"}
CASES: dict[type[Event], list[tuple[str, dict[str, Any], set[str]]]] = {
    # The kit holds a lamp and two vases of acme's: what happens to one of them happens to it.
    SkuChanged: [("shade", {"number": 2}, {"shade"}), ("lamp", {"number": 2}, {"lamp", "set"})],
    ProductChanged: [("shades", {"number": 2}, {"shade"})],
    CategoryChanged: [
        ("light", {"number": 2}, {"lamp", "shade", "set"}),
        ("all", {"number": 2}, {"lamp", "shade", "set"}),
    ],
    CatalogChanged: [
        ("vip", {"added": ("shades",)}, {"shades", "shade"}),
        ("vip", {"removed": ("vase",)}, {"vase", "set"}),
        ("vip", {}, {"shades", "shade"}),
    ],
    SellingRightsChanged: [
        ("shade", {}, {"shade"}),
        ("vase", {}, {"vase", "set"}),
        (BRAND.id, {}, {"shade"}),
        (CATEGORY.id, {}, {"lamp", "shade", "set"}),
    ],
    AssignmentChanged: [("a1", {"sku": "shade", "number": 1}, {"shade"})],
    PriceScheduleChanged: [
        ("bolt", {"number": 2}, EVERYTHING),
        ("set", {"number": 2}, {"shade", "set", "lamp", "vase"}),
    ],
    OfferChanged: [
        ("bolt-shade", {"sku": "shade", "number": 2}, {"shade"}),
        ("bolt-shade", {"sku": "shade", "former": "vase", "number": 2}, {"shade", "vase", "set"}),
    ],
    OfferDecided: [("bolt-shade", {"approval": Approval.DENIED}, {"shade"})],
    OfferRefreshed: [("bolt-shade", {"price": TEN, "on_hand": 1, "as_of": NOON}, {"shade"})],
    OfferUnavailable: [("bolt-shade", {"why": "unbound"}, {"shade"}), ("gone", {"why": "unbound"}, set())],
    OffersLoaded: [("folder", {}, EVERYTHING)],
    ClosureChanged: [("c1", {"merchant": "bolt"}, EVERYTHING)],
    MerchantRated: [("acme", {"merchant": "acme"}, EVERYTHING)],
    AgreementSigned: [("g1", {"merchant": "nobody", "valid": ALWAYS}, set())],
    MembershipChanged: [("acme", {"merchant": "acme", "state": "active"}, EVERYTHING)],
    ShippingFeeChanged: [("acme", {"merchant": "acme"}, EVERYTHING)],
    StockCounted: [
        ("acme-shade", {"on_hand": 1, "backorder": 0}, {"shade"}),
        ("acme-lamp", {"on_hand": 1, "backorder": 0}, {"lamp", "set"}),
    ],
    ShortageRecorded: [("bolt-shade", {"on_hand": 1, "reserved": 2, "backorder": 0}, {"shade"})],
    ReservationExpired: [("bolt-shade", {"reservation": "r1", "quantity": 1}, {"shade"})],
    GoodsReturned: [
        ("acme-vase", {"reservation": "r1", "quantity": 1, "condition": ReturnCondition.SELLABLE}, {"vase", "set"})
    ],
    MerchantOrderPlaced: [("order-1--acme", {"order": "order-1", "grand_total": TEN}, {"set", "lamp", "vase"})],
    MerchantOrderMoved: [("order-1--acme", {"moves": ()}, {"set", "lamp", "vase"})],
}


@pytest.fixture(scope="module")
def market() -> Marketplace:
    market, _ = make_market()
    add_kit(market)
    lines = [CartLine("l1", "set"), CartLine("l2", "shade", offer="bolt-shade")]
    market.place(Cart.of("c1", buyer="ann", lines=lines), key="k1", scope=OPERATOR)
    for rights in (BRAND, CATEGORY):
        market.parties.save_selling_rights(rights, scope=OPERATOR)
    market.catalog.save_catalog(Catalog("vip", "VIP"), scope=OPERATOR)
    market.catalog.add_products("vip", ["shades"], scope=OPERATOR)
    market.prices.assign(Assignment("a1", "shade", "set", merchant="acme", channel="web"), scope=OPERATOR)
    return market


def test_every_reader_has_a_case(market: Marketplace) -> None:
    assert CASES.keys() == market.storefront.readers.keys()


@pytest.mark.parametrize(
    ("type_", "subject", "fields", "skus"), [(type_, *case) for type_, cases in CASES.items() for case in cases]
)
def test_an_event_is_of_these_skus(
    type_: type[Event], subject: str, fields: dict[str, Any], skus: set[str], market: Marketplace
) -> None:
    event = type_(subject=subject, at=NOON, **fields)
    with market.store.begin(OPERATOR) as unit:
        assert set(find_affected(unit, [event], market.storefront.readers)) == skus
