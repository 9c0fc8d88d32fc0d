"""Lists of everything a party sees, in one shape; and what a host administers of every kind that it stores."""

from operator import attrgetter
from pathlib import Path
from typing import Any

import attrs
import pytest

from access.probe_world import open_world
from market_lists import find_list
from mktcore.access import PermissionDenied, Role
from mktcore.catalog import Category, Product
from mktcore.errors import InvalidValue
from mktcore.marketplace import Marketplace
from mktcore.marketplace.list_table import iterate_lists, to_markdown
from mktcore.merchant_items import ItemPolicy
from mktcore.orders.lists import OrderDirection
from mktcore.orders.order_stage import OrderStage
from mktcore.persistence import NotFound, Party, Scope
from mktcore.persistence.errors import InvalidColumn, InvalidCursor, InvalidOrder
from mktcore.persistence.indexed_queries import UnservedQuery
from mktcore.persistence.ranges import AtLeast, Below
from mktcore.persistence.referrers import Referrer, StillReferred
from mktcore.ports import KINDS

PAGE = Path(__file__).parents[2] / "docs" / "lists.md"
OPERATOR, ACME, ANN = Scope.operator(), Scope.merchant("acme"), Scope.buyer("ann")
ADMINISTERED: dict[str, tuple[str, str, str]] = {
    "agreement": ("agreements", "agreements.sign", "never changed or removed: another one follows it, and it ends"),
    "assignment": ("prices.assignments", "prices.assign", "prices.unassign"),
    "buyer": ("parties.buyers", "parties.save_buyer", "orders name it for ever; its users are switched off"),
    "buyer_tax": ("taxes.buyers", "taxes.save_buyer", "taxes.remove_buyer"),
    "catalog": ("catalog.catalogs", "catalog.save_catalog", "one without products and buyers shows nothing to anybody"),
    "catalog_assignment": ("catalog.catalog_assignments", "catalog.assign", "catalog.unassign"),
    "catalog_product": ("catalog.catalog_products", "catalog.add_products", "catalog.remove_products"),
    "category": ("catalog.categories", "catalog.save_category", "catalog.remove_category"),
    "closure": ("offers.closures", "offers.close", "offers.reopen"),
    "commission_rule": ("commissions.rules", "commissions.save_rule", "commissions.archive_rule"),
    "divergence_rule": ("orders.divergence_rules", "orders.save_divergence_rule", "orders.remove_divergence_rule"),
    "invitation": ("onboarding.invitations", "onboarding.invite", "onboarding.revoke"),
    "item_policy": ("items.policies", "items.save_policy", "items.remove_policy"),
    "marketplace_order": ("orders.marketplace_orders", "place", "an order stands for good; it is cancelled"),
    "membership": ("parties.memberships", "onboarding.move", "a life ends by its steps: terminate"),
    "merchant": ("parties.merchants", "onboarding.invite", "orders name it for ever; its life ends by its steps"),
    "merchant_item": ("items", "items.receive", "items.remove"),
    "merchant_order": ("orders.merchant_orders", "place", "an order stands for good; it is cancelled"),
    "merchant_profile": ("onboarding.profiles", "onboarding.save_profile", "the law keeps it as long as the merchant"),
    "merchant_rating": ("offers.ratings", "offers.rate", "the next rating takes its place"),
    "offer": ("offers", "offers.save", "orders and stock name it; it is denied, closed, or its period ends"),
    "order_note": ("orders.notes", "orders.add_note", "what was noted stays told"),
    "order_review": ("orders.reviews", "orders.hold", "orders.release"),
    "channel": ("channels", "channels.save", "channels.remove"),
    "delivery_method": ("delivery_methods", "delivery_methods.save", "delivery_methods.remove"),
    "payment_method": ("payment_methods", "payment_methods.save", "payment_methods.remove"),
    "order_threshold": ("order_thresholds", "order_thresholds.save", "order_thresholds.remove"),
    "pool_code": ("pool_codes", "pool_codes.add", "pool_codes.remove"),
    "price_approval": ("orders.price_approvals", "orders.check_price", "it is decided, or lapses"),
    "price_schedule": ("prices.schedules", "prices.save_schedule", "prices.remove_schedule"),
    "product": ("catalog.products", "catalog.save_product", "catalog.remove_product"),
    "promotion": ("promotions", "promotions.save", "promotions.remove"),
    "relation": ("parties.relations", "parties.relate", "parties.unrelate"),
    "role": ("access.roles", "access.save_role", "access.remove_role"),
    "selling_rights": ("parties.selling_rights", "parties.save_selling_rights", "without them anybody would sell"),
    "shipment": ("shipments", "shipments.ship", "what left stays told; a mistake is undone by an event"),
    "shipping_fee": ("shipping_fees", "shipping_fees.save", "shipping_fees.remove"),
    "feed": ("feeds", "feeds.accept", "feeds.remove"),
    "forwarded_order": ("forwarded_orders", "forwarded_orders.forward", "closed with the supplier's order"),
    "held_price": ("offers.held_prices", "prices.save_schedule", "decided once: offers.held_prices.approve"),
    "price_guard": ("offers.guards", "offers.guards.save", "offers.guards.remove"),
    "sku": ("catalog.skus", "catalog.save_sku", "catalog.remove_sku"),
    "spec": ("catalog.specs", "catalog.save_spec", "catalog.remove_spec"),
    "tax_rule": ("taxes", "taxes.save", "taxes.remove"),
    "user_account": ("access.users", "access.save_user", "archived as it is saved: is_active"),
}
"""By kind: its list, what saves it, and what removes or archives it, or why nothing does."""
NOT_ADMINISTERED = {
    "category_tree": "the guard of the tree",
    "feed_chunk": "parts of a feed: feeds.page_outcomes",
    "freshness": "what a refresh found: offers.find_freshness",
    "listing_due": "the queue of listings for search engines",
    "order_funds": "the money of an order: the ledger's",
    "order_step": "the history of orders: orders.page_history",
    "pending_refresh": "the queue of refreshes",
    "price_terms": "pinned by the market's first opening",
    "revision": "the history of the catalogue: catalog.page_history",
    "timeout": "the queue of time-outs: orders.page_failed_timeouts",
}
"""Kinds that nobody administers, and why."""


@pytest.fixture(scope="module")
def market() -> Marketplace:
    return open_world()


def test_every_kind_is_administered_or_says_why_not(market: Marketplace) -> None:
    lists = dict(iterate_lists(market))
    assert {kind.name for kind in KINDS} == ADMINISTERED.keys() | NOT_ADMINISTERED.keys()
    assert not ADMINISTERED.keys() & NOT_ADMINISTERED.keys()
    for kind, (name, save, remove) in ADMINISTERED.items():
        assert lists.pop(name).kind.name == kind
        assert callable(attrgetter(save)(market))
        # A reason is a sentence; anything else is a call.
        assert " " in remove or callable(attrgetter(remove)(market))
    assert lists.keys() == {"stock.levels"}  # no kind keeps what stands behind offers


def test_the_documentation_prints_the_lists(market: Marketplace) -> None:
    assert to_markdown(market) in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [name for name, _ in iterate_lists(Marketplace.in_memory("EUR"))])
def test_a_list_pages_counts_and_iterates_what_get_shows(market: Marketplace, name: str) -> None:
    listed = find_list(market, name)
    everything = list(listed.iterate(scope=OPERATOR))
    assert listed.count(scope=OPERATOR) == len(everything)
    assert [listed.get(one.id, scope=OPERATOR) for one in everything] == everything
    walked: list[Any] = []
    after: str | None = None
    while True:
        page = listed.page(scope=OPERATOR, after=after, limit=1)
        walked += page.items
        after = page.next
        if after is None:
            break
    assert walked == everything
    for scope in (ACME, ANN):
        try:
            own = listed.page(scope=scope).items
        except PermissionDenied:
            continue
        # What a list shows a party is what `get` does, and of what it does not show `get` knows nothing.
        assert [listed.get(one.id, scope=scope) for one in own] == list(own)
        for hidden in {one.id for one in everything} - {one.id for one in own}:
            with pytest.raises(NotFound):
                listed.get(hidden, scope=scope)


@pytest.mark.parametrize("name", [name for name, _ in iterate_lists(Marketplace.in_memory("EUR"))])
def test_every_filter_alone_finds_what_it_names(market: Marketplace, name: str) -> None:
    listed = find_list(market, name)
    everything = list(listed.iterate(scope=OPERATOR))
    records = {one.id: one for one in everything}
    if name == "stock.levels":
        records = {one.id: one for one in market.offers.iterate(scope=OPERATOR)}
    for column in listed.filters:
        by_value: dict[Any, list[str]] = {}
        for one in records.values():
            held = listed.kind.read_held(column, one)
            for value in held if isinstance(held, frozenset) else (held,):
                by_value.setdefault(value, []).append(one.id)
        for value, ids in by_value.items():
            found = listed.page(scope=OPERATOR, where={column: value}).items
            assert sorted(one.id for one in found) == sorted(ids), column
            assert listed.count(scope=OPERATOR, where={column: value}) == len(ids)


NO_USE = {
    # A party has one record of these, or none of the other kind of party's.
    ("parties.buyers", "buyer"),
    ("onboarding.profiles", "merchant"),
    ("access.users", "merchant"),
    ("access.users", "buyer"),
}


@pytest.mark.parametrize("name", [name for name, _ in iterate_lists(Marketplace.in_memory("EUR"))])
def test_every_party_asks_by_every_filter(market: Marketplace, name: str) -> None:
    listed = find_list(market, name)
    for scope, party in ((ACME, "merchant"), (ANN, "buyer")):
        for column in () if (name, party) in NO_USE else listed.filters:
            try:
                listed.page(scope=scope, where={column: None if column in listed.kind.ordered else "x"})
            except PermissionDenied:
                break


def test_orders_are_listed_by_state_date_and_party_newest_first(market: Marketplace) -> None:
    orders = market.orders.merchant_orders
    placed = orders.get("order-1--acme", scope=OPERATOR).placed_at
    newest = orders.page(scope=OPERATOR, order="-placed_at").items
    assert [one.id for one in newest] == ["order-3--acme", "order-2--bolt", "order-1--acme"]
    open_ones = ["order-3--acme", "order-1--acme"]
    assert [one.id for one in orders.page(scope=ACME, where={"stage": OrderStage.OPEN}).items] == open_ones
    asked: dict[str, Any] = {"stage": OrderStage.OPEN, "placed_at": AtLeast(placed)}
    assert [one.id for one in orders.page(scope=ACME, where=asked, order="-placed_at").items] == open_ones
    assert orders.count(scope=OPERATOR, where={"placed_at": Below(placed)}) == 0
    assert orders.page(scope=ACME, where={"buyer": "bob"}).items == ()
    [own] = market.orders.marketplace_orders.page(scope=ANN, order="-placed_at").items
    assert own.promotion_uses is None  # as `get` shows it


def test_orders_are_listed_by_a_sku_of_their_lines(market: Marketplace) -> None:
    wholes, parts = market.orders.marketplace_orders, market.orders.merchant_orders
    for orders, own in (
        (wholes, ["order-3", "order-2", "order-1"]),
        (parts, ["order-3--acme", "order-2--bolt", "order-1--acme"]),
    ):
        # Without an order asked for, the newest come first: it is by date that a SKU's orders are walked.
        assert [one.id for one in orders.page(scope=OPERATOR, where={"sku": "lamp"}).items] == own
        assert orders.count(scope=OPERATOR, where={"sku": "lamp"}) == 3
        assert orders.page(scope=OPERATOR, where={"sku": "sofa"}).items == ()
    own = ["order-3--acme", "order-1--acme"]
    assert [one.id for one in parts.page(scope=ACME, where={"sku": "lamp"}).items] == own
    assert [one.id for one in parts.iterate(scope=OPERATOR, where={"sku": "lamp", "merchant": "bolt"})] == [
        "order-2--bolt"
    ]
    assert [one.id for one in wholes.page(scope=ANN, where={"sku": "lamp"}, order="placed_at").items] == ["order-1"]
    assert parts.page(scope=ACME, where={"sku": "lamp", "merchant": "bolt"}).items == ()
    with pytest.raises(InvalidColumn, match="asked one"):
        wholes.page(scope=OPERATOR, where={"sku": None})
    with pytest.raises(UnservedQuery, match="sku and stage"):
        wholes.page(scope=OPERATOR, where={"sku": "lamp", "stage": OrderStage.OPEN})


def test_orders_come_in_and_go_out(market: Marketplace) -> None:
    def list_ids(direction: OrderDirection, scope: Scope) -> list[str]:
        return [one.id for one in market.orders.find_list(direction, scope=scope).iterate(scope=scope)]

    assert list_ids(OrderDirection.INCOMING, OPERATOR) == ["order-1", "order-2", "order-3"]
    assert list_ids(OrderDirection.OUTGOING, OPERATOR) == ["order-1--acme", "order-2--bolt", "order-3--acme"]
    assert list_ids(OrderDirection.INCOMING, ACME) == ["order-1--acme", "order-3--acme"]
    assert list_ids(OrderDirection.OUTGOING, ANN) == ["order-1"]
    with pytest.raises(InvalidValue, match="outgoing, for a buyer"):
        market.orders.find_list(OrderDirection.INCOMING, scope=ANN)


def test_what_stands_behind_an_offer_is_its_merchants(market: Marketplace) -> None:
    market.stock.count("acme-lamp", 7, scope=ACME)
    [own] = market.stock.levels.page(scope=ACME, where={"sku": "lamp"}).items
    assert (own.id, own.places[""].on_hand) == ("acme-lamp", 7)
    assert market.stock.levels.page(scope=ACME, where={"merchant": "bolt"}).items == ()
    with pytest.raises(PermissionDenied):
        market.stock.levels.page(scope=ANN)


def test_what_no_index_carries_is_refused_and_not_searched_for(market: Marketplace) -> None:
    offers = market.offers
    with pytest.raises(UnservedQuery, match="offer by condition and merchant, in the order of id: served") as no:
        offers.page(scope=OPERATOR, where={"merchant": "acme", "condition": "new"})
    assert no.value.asked == ("condition", "merchant")
    with pytest.raises(InvalidColumn, match="no filter of this list: sku, merchant, approval, condition, schedule"):
        offers.page(scope=OPERATOR, where={"sold": "acme/lamp"})
    with pytest.raises(InvalidOrder):
        market.orders.merchant_orders.page(scope=OPERATOR, order="open_on")
    with pytest.raises(InvalidCursor):
        market.orders.merchant_orders.page(scope=OPERATOR, order="placed_at", after="order-1--acme")
    with pytest.raises(UnservedQuery):
        market.promotions.count(scope=OPERATOR, where={"group": "", "starts": AtLeast(market.clock.now())})


def test_who_may_not_list_hears_it_at_once(market: Marketplace) -> None:
    clerk = Scope(Party.MERCHANT, "acme", "c", permissions=frozenset({"stock.write"}))
    for ask in (market.taxes.iterate, market.taxes.count, market.taxes.page):
        with pytest.raises(PermissionDenied):
            ask(scope=ACME)
    with pytest.raises(PermissionDenied):
        market.orders.merchant_orders.iterate(scope=clerk)


def test_what_is_referred_to_is_not_removed(market: Marketplace) -> None:
    catalog, scope = market.catalog, OPERATOR
    lamps = catalog.categories.get("lamps", scope=scope)
    led = catalog.save_category(Category("led", "LED", "lamps"), scope=scope)
    with pytest.raises(StillReferred) as no:
        catalog.remove_category(lamps, scope=scope)
    assert no.value.referrers == (Referrer("category", "led"),)
    catalog.remove_category(led, scope=scope)
    catalog.remove_category(lamps, scope=scope)
    catalog.save_category(Category("led", "LED"), scope=scope)  # as if it had never been
    with pytest.raises(StillReferred, match=r"catalog_product \S*their-product"):
        catalog.remove_product(catalog.products.get("their-product", scope=scope), scope=scope)
    with pytest.raises(StillReferred, match="by offer acme-lamp, offer bolt-lamp"):
        catalog.remove_sku(catalog.skus.get("lamp", scope=scope), scope=scope)
    with pytest.raises(StillReferred, match="assignment own-assignment"):
        market.prices.remove_schedule(market.prices.schedules.get("own-schedule", scope=ACME), scope=ACME)
    with pytest.raises(StillReferred, match="offer acme-lamp"):
        market.prices.remove_schedule(market.prices.schedules.get("acme-lamp", scope=ACME), scope=ACME)
    assert market.verify() == ()


def test_a_merchant_hears_of_anothers_record_that_there_is_one(market: Marketplace) -> None:
    mine = market.catalog.save_product(Product("mine", "Mine", owner="acme"), scope=ACME)
    market.catalog.add_products("operators-catalog", ["mine"], scope=OPERATOR)
    with pytest.raises(StillReferred, match="'mine' is referred to by another party's catalog_product"):
        market.catalog.remove_product(mine, scope=ACME)
    market.catalog.remove_products("operators-catalog", ["mine"], scope=OPERATOR)
    market.catalog.remove_product(mine, scope=ACME)
    with pytest.raises(NotFound):
        market.catalog.products.get("mine", scope=ACME)


def test_a_spec_that_a_product_has_is_not_removed(market: Marketplace) -> None:
    spec = market.catalog.specs.get("own-spec", scope=ACME)
    product = market.catalog.products.get("own-product", scope=ACME)
    worn = market.catalog.save_product(attrs.evolve(product, specs=["own-spec"]), scope=ACME)
    with pytest.raises(StillReferred, match="product own-product"):
        market.catalog.remove_spec(spec, scope=ACME)
    market.catalog.save_product(attrs.evolve(worn, specs=[]), scope=ACME)
    market.catalog.remove_spec(spec, scope=ACME)


def test_a_role_that_users_have_is_not_removed(market: Marketplace) -> None:
    packer = market.access.save_role(Role("packer", Party.MERCHANT, ["orders.read"]), scope=OPERATOR)
    user = market.access.users.get("acme-user", scope=OPERATOR)
    market.access.save_user(attrs.evolve(user, roles=["packer"]), scope=OPERATOR)
    with pytest.raises(StillReferred, match="user_account acme-user"):
        market.access.remove_role(packer, scope=OPERATOR)
    market.access.save_user(attrs.evolve(user, version=2), scope=OPERATOR)
    market.access.remove_role(packer, scope=OPERATOR)
    # One that ships stays, whoever has it: what is removed is the one that took its place.
    changed = market.access.save_role(Role("merchant-admin", Party.MERCHANT, ["orders.read"]), scope=OPERATOR)
    market.access.remove_role(changed, scope=OPERATOR)
    found = {role.id: role for role in market.access.find_roles(scope=OPERATOR)}
    assert "users.write" in found["merchant-admin"].permissions


def test_policies_and_invitations_are_taken_back(market: Marketplace) -> None:
    stored = market.items.save_policy(ItemPolicy("bolt"), scope=OPERATOR)
    market.items.remove_policy(stored, scope=OPERATOR)
    assert market.items.get_policy("bolt", scope=OPERATOR) == ItemPolicy()
    [invitation] = market.onboarding.invitations.page(scope=OPERATOR).items
    market.onboarding.revoke(invitation.id, scope=OPERATOR)
    with pytest.raises(NotFound):
        market.onboarding.accept(invitation.id, user="u9")
