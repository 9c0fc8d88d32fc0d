"""Through a unit of work nobody gets further than through use cases: every kind that ships, every party, every user."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from mktcore.access import DEFAULT_ROLES, USERS, PermissionDenied, Role
from mktcore.carts import Cart, CartLine
from mktcore.channels import Channel
from mktcore.delivery import DeliveryMethod, DeliveryRate
from mktcore.marketplace import Marketplace
from mktcore.money import Currency, Money
from mktcore.offers.price_guards import PriceGuard, Reference
from mktcore.order_thresholds import OrderThreshold
from mktcore.orders import MERCHANT_ORDERS
from mktcore.orders.order import MARKETPLACE_ORDERS
from mktcore.payments import PaymentMethod
from mktcore.persistence import EVERY_MERCHANT, Kind, NotFound, Party, Scope
from mktcore.persistence.errors import ColumnFixed
from mktcore.persistence.kind_access_table import to_markdown
from mktcore.ports import KINDS
from mktcore.pricing import PriceBreak
from mktcore.storefront.search_engine_listing import LISTINGS_DUE, ListingDue
from mktcore.taxes import BuyerStatus, BuyerTax
from mktcore.testing.fakes import ManualClock
from mktcore.totals.thresholds import ThresholdKind
from stored.write_release import open_market, write_market

PAGE = Path(__file__).parents[2] / "docs" / "access.md"
OPERATOR = Scope.operator()
ROLES = {role.id: role for role in DEFAULT_ROLES}
MERCHANT, BUYER = Party.MERCHANT, Party.BUYER
NOBODY: frozenset[Party] = frozenset()
EVERY_USER = "*"

# Who reads a kind beside the operator, the permission that its users need, and who writes it. By hand, beside the
# declarations: a kind that is new or changed is decided here too.
RULES: dict[str, tuple[set[Party], str | None, set[Party]]] = {
    "agreement": ({MERCHANT}, "agreements.read", set()),
    "assignment": ({MERCHANT}, "prices.write", set()),
    "buyer": ({BUYER}, EVERY_USER, set()),
    "catalog": ({MERCHANT, BUYER}, EVERY_USER, {MERCHANT}),
    "catalog_assignment": ({MERCHANT, BUYER}, EVERY_USER, {MERCHANT}),
    "catalog_product": ({MERCHANT, BUYER}, EVERY_USER, {MERCHANT}),
    "buyer_tax": ({BUYER}, "market.write", set()),
    "channel": ({MERCHANT, BUYER}, EVERY_USER, set()),
    "delivery_method": ({MERCHANT}, "offers.write", {MERCHANT}),
    "category": ({MERCHANT, BUYER}, EVERY_USER, set()),
    "category_tree": (set(), None, set()),
    "closure": ({MERCHANT}, "offers.write", set()),
    "commission_rule": (set(), "finance.read", set()),
    "divergence_rule": ({MERCHANT}, "prices.write", {MERCHANT}),
    "freshness": ({MERCHANT}, EVERY_USER, set()),
    "invitation": (set(), "merchants.write", set()),
    "item_policy": ({MERCHANT}, EVERY_USER, set()),
    "listing_due": (set(), None, set()),
    "marketplace_order": ({BUYER}, "orders.read", set()),
    "membership": ({MERCHANT}, EVERY_USER, set()),
    "merchant": ({MERCHANT, BUYER}, EVERY_USER, set()),
    "merchant_item": ({MERCHANT}, EVERY_USER, set()),
    "merchant_order": ({MERCHANT, BUYER}, "orders.read", set()),
    "merchant_profile": ({MERCHANT}, "onboarding.write", set()),
    "merchant_rating": ({MERCHANT, BUYER}, EVERY_USER, set()),
    "forwarded_order": ({MERCHANT}, "orders.read", set()),
    "feed": ({MERCHANT}, "offers.write", set()),
    "feed_chunk": ({MERCHANT}, "offers.write", set()),
    "held_price": ({MERCHANT}, "prices.write", set()),
    "price_guard": (set(), "market.write", set()),
    "offer": ({MERCHANT, BUYER}, EVERY_USER, set()),
    "order_funds": (set(), "finance.read", set()),
    "order_threshold": ({MERCHANT}, "market.write", set()),
    "order_note": ({MERCHANT}, "orders.read", set()),
    "order_review": (set(), "orders.read", set()),
    "order_step": ({MERCHANT, BUYER}, "orders.read", set()),
    "payment_method": (set(), "market.write", set()),
    "pending_refresh": ({MERCHANT}, "offers.write", set()),
    "pool_code": ({MERCHANT}, "promotions.write", {MERCHANT}),
    "price_approval": ({MERCHANT}, "orders.read", set()),
    "price_schedule": ({MERCHANT}, "prices.write", set()),
    "price_terms": ({MERCHANT, BUYER}, EVERY_USER, set()),
    "product": ({MERCHANT, BUYER}, EVERY_USER, {MERCHANT}),
    "promotion": ({MERCHANT}, "promotions.write", {MERCHANT}),
    "relation": ({MERCHANT, BUYER}, EVERY_USER, set()),
    "revision": ({MERCHANT}, EVERY_USER, set()),
    "role": (set(), "roles.write", set()),
    "selling_rights": ({MERCHANT}, "selling.write", set()),
    "shipment": ({MERCHANT, BUYER}, "orders.read", set()),
    "shipping_fee": (set(), "market.write", set()),
    "sku": ({MERCHANT, BUYER}, EVERY_USER, {MERCHANT}),
    "spec": ({MERCHANT, BUYER}, EVERY_USER, {MERCHANT}),
    "tax_rule": (set(), "market.write", set()),
    "timeout": (set(), None, set()),
    "user_account": ({MERCHANT, BUYER}, "users.write", set()),
}
BY_NAME: dict[str, Kind[Any]] = {kind.name: kind for kind in KINDS}


@pytest.fixture(scope="module")
def market() -> Iterator[Marketplace]:
    clock = ManualClock(datetime(2026, 5, 4, 9, tzinfo=UTC))
    with open_market("memory://", clock) as market:
        write_market(market, clock)
        exempt = BuyerTax("buyer-1", BuyerStatus.EXEMPT, number="7")
        market.taxes.save_buyer(exempt, scope=market.as_operator())
        maximum = OrderThreshold("max", ThresholdKind.HARD_MAXIMUM, Money.of("9999.00", "EUR"), merchant="acme")
        market.order_thresholds.save(maximum, scope=market.as_operator())
        van = DeliveryMethod("van", "Van", "acme", rates=[DeliveryRate(Money.of("1.00", "EUR"))])
        market.delivery_methods.save(van, scope=market.as_operator())
        market.payment_methods.save(PaymentMethod("card", "Card"), scope=market.as_operator())
        market.channels.save(Channel("web", "Web", Currency.of("EUR")), scope=market.as_operator())
        order = market.orders.marketplace_orders.page(scope=OPERATOR).items[0]
        part = order.merchant_order_ids[0]
        market.orders.add_note(part, "pack it well", key="n1", scope=market.as_operator(), is_shared=True)
        market.orders.hold(order.id, "address", scope=market.as_operator())
        market.orders.release(order.id, "address", scope=market.as_operator())
        fresh = Cart.of("forwarded", buyer="buyer-1", lines=[CartLine("l1", "tripod", 1, offer="bolt-tripod")])
        sold = market.place(fresh, key="forwarded", scope=OPERATOR).merchant_orders[0].id
        offers = {"l1": "acme-camera"}
        market.stock.count("acme-camera", 9, scope=OPERATOR)
        market.forwarded_orders.forward(sold, "acme", key="forward", scope=OPERATOR, offers=offers)
        market.offers.guards.save(PriceGuard("guard", Reference.PREVIOUS, above=Decimal(0)), scope=market.as_operator())
        hold_price(market)
        market.feeds.accept("acme", [{"offer": "some"}], key="feed", scope=market.as_merchant("acme"))
        with market.store.begin(OPERATOR) as unit:
            unit.repository(LISTINGS_DUE).add(ListingDue.of("search", "camera", clock.now()))
            unit.commit()
        yield market


def hold_price(market: Marketplace) -> None:
    """Let acme ask for a price that is held."""
    acme = market.as_merchant("acme")
    known = market.prices.get_schedule("acme-camera", scope=acme)
    dearer = [PriceBreak(1, Money.of("9999.00", "EUR"))]
    market.prices.save_schedule(attrs.evolve(known, breaks=dearer), scope=acme)


def as_user(scope: Scope, *permissions: str) -> Scope:
    return attrs.evolve(scope, user="fay", permissions=frozenset(permissions))


def list_records(market: Marketplace, kind: Kind[Any]) -> list[Any]:
    with market.store.begin(OPERATOR) as unit:
        return list(unit.repository(kind).stream())


def list_parties(kind: Kind[Any], record: Any) -> dict[Party, Scope]:
    """Return the merchant and the buyer who are nearest to a record: those it names, or any."""
    merchant = kind.read_column(kind.merchant, record) if kind.merchant else None
    buyer = kind.read_column(kind.buyer, record) if kind.buyer else None
    shopper = Scope(BUYER, str(buyer or "buyer-1"), merchants=EVERY_MERCHANT)
    return {MERCHANT: Scope.merchant(str(merchant or "acme")), BUYER: shopper}


def write(market: Marketplace, kind: Kind[Any], verb: str, record: Any, scope: Scope) -> str:
    """Try to write under a scope, without a commit, and return how it ends."""
    try:
        with market.store.begin(scope) as unit:
            getattr(unit.repository(kind), verb)(record)
    except (NotFound, PermissionDenied, ColumnFixed) as error:
        return type(error).__name__
    return "done"


def test_every_kind_is_decided_and_there_is_one_of_each_to_try(market: Marketplace) -> None:
    assert sorted(BY_NAME) == sorted(RULES)
    empty = {name for name, kind in BY_NAME.items() if not list_records(market, kind)}
    assert empty <= {"item_policy", "commission_rule", "selling_rights", "pending_refresh", "category_tree"}


@pytest.mark.parametrize("name", RULES)
def test_a_party_reads_what_is_declared(market: Marketplace, name: str) -> None:
    readers, _, _ = RULES[name]
    kind = BY_NAME[name]
    for record in list_records(market, kind):
        for party, scope in list_parties(kind, record).items():
            is_named = kind.merchant is None or kind.read_column(kind.merchant, record) is not None
            with market.store.begin(scope) as unit:
                found = unit.repository(kind).find(record.id)
            if party not in readers:
                assert found is None, (record, scope)
            elif party is BUYER or is_named:
                expected = kind.buyer is None or party is not BUYER or kind.read_column(kind.buyer, record) is not None
                assert (found is not None) is expected, (record, scope)


@pytest.mark.parametrize("name", RULES)
def test_nobody_writes_but_who_is_declared(market: Marketplace, name: str) -> None:
    _, _, writers = RULES[name]
    kind = BY_NAME[name]
    for record in list_records(market, kind):
        for party, scope in list_parties(kind, record).items():
            owned = kind.merchant is not None and kind.read_column(kind.merchant, record) == scope.id
            expected = "done" if party in writers and owned else "NotFound"
            for verb in ("save", "remove"):
                assert write(market, kind, verb, record, scope) == expected, (record, scope, verb)
            for verb in ("add", "save", "remove"):
                assert write(market, kind, verb, attrs.evolve(record, version=0), as_user(scope)) != "done"


@pytest.mark.parametrize("name", RULES)
def test_a_user_reads_with_the_permission_that_is_declared(market: Marketplace, name: str) -> None:
    _, permission, _ = RULES[name]
    kind = BY_NAME[name]
    for scope in (Scope.merchant("acme"), Scope.buyer("buyer-1"), OPERATOR):
        with market.store.begin(as_user(scope)) as unit:
            if permission == EVERY_USER:
                unit.repository(kind).count()
            else:
                with pytest.raises(PermissionDenied):  # refused, for a count of none would be a false answer
                    unit.repository(kind)
        if permission not in {None, EVERY_USER}:
            with market.store.begin(as_user(scope, str(permission))) as unit:
                unit.repository(kind).count()


def test_a_buyer_removes_no_order_and_a_merchant_not_its_commission(market: Marketplace) -> None:
    part = next(one for one in list_records(market, MERCHANT_ORDERS) if one.commissions)
    for scope in (Scope.buyer(part.buyer), Scope.merchant(part.merchant)):
        assert write(market, MERCHANT_ORDERS, "remove", part, scope) == "NotFound"
        assert write(market, MERCHANT_ORDERS, "save", attrs.evolve(part, commissions=()), scope) == "NotFound"
    assert part in list_records(market, MERCHANT_ORDERS)


def test_a_user_does_not_make_itself_an_administrator(market: Marketplace) -> None:
    fulfilling, adam = market.as_user("adam"), next(one for one in list_records(market, USERS) if one.id == "adam")
    admin = attrs.evolve(adam, roles=["merchant-admin"])
    for scope in (fulfilling, Scope.merchant("acme")):
        assert write(market, USERS, "save", admin, scope) in {"PermissionDenied", "NotFound"}
    assert adam in list_records(market, USERS)


def test_a_unit_shows_of_an_order_what_the_use_case_shows(market: Marketplace) -> None:
    part = next(one for one in list_records(market, MERCHANT_ORDERS) if one.commissions)
    merchant, buyer = Scope.merchant(part.merchant), Scope.buyer(part.buyer)
    packer = as_user(merchant, *Role("packer", MERCHANT, ["orders.read"]).permissions)
    shown = {}
    for name, scope in {"merchant": merchant, "packer": packer, "buyer": buyer}.items():
        with market.store.begin(scope) as unit:
            found = unit.repository(MERCHANT_ORDERS).get(part.id)
        assert found == market.orders.get_merchant_order(part.id, scope=scope)
        shown[name] = (found.commission, found.commissions, found.commission_reversals)
    assert shown["merchant"] == (part.commission, part.commissions, part.commission_reversals)
    assert shown["packer"] == shown["buyer"] == (None, None, None)
    with market.store.begin(buyer) as unit:
        whole = unit.repository(MARKETPLACE_ORDERS).get(part.order)
    assert whole.promotion_uses is None


def test_the_documentation_prints_who_reads_and_writes() -> None:
    assert to_markdown(KINDS) in PAGE.read_text(encoding="utf-8")
