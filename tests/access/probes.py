"""For every use case and every id that it takes: how it is asked about something, whosever it is."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal

import attrs

from access.probe_world import (
    CLOSED,
    TEN,
    make_account,
    make_cart,
    make_channel,
    make_hold,
    make_method,
    make_posting,
    make_schedule,
    make_threshold,
)
from markets import NOON
from mktcore.access import Role, User
from mktcore.catalog import PRODUCTS, SKUS, SPECS, Catalog, Category, Choice, Product, Sku, Spec
from mktcore.commissions import CommissionRule
from mktcore.commissions.commissionable_line import CommissionLine
from mktcore.commissions.fee_terms import Percentage
from mktcore.delivery import ShippingFee
from mktcore.ledger import Account
from mktcore.marketplace import Marketplace
from mktcore.merchant_items import MERCHANT_ITEMS, Bind, ItemPolicy, MerchantItem
from mktcore.money import Money
from mktcore.offers import Approval, Offer
from mktcore.offers.buybox.stored_rating import MerchantRating
from mktcore.offers.merchant_closure import Closure
from mktcore.offers.refresh.use_cases.notifications import ChangedItem
from mktcore.orders.actions import Deliver
from mktcore.parties import Agreement, Buyer, Merchant, SellingRights
from mktcore.parties.organisations.legal_profile import MerchantProfile
from mktcore.payments import PaymentMethod
from mktcore.persistence import Party, Scope
from mktcore.pricing import Assignment, DivergenceRule
from mktcore.promotions import Promotion
from mktcore.sales_context import SalesContext
from mktcore.status_updates import StatusUpdate
from mktcore.storefront import ViewRequest
from mktcore.taxes import BuyerStatus, BuyerTax, TaxRule

__all__ = ["NO_IDS", "NO_IDS_HERE", "PROBES", "TAKEN", "Ask", "Probe"]

Ask = Callable[[Marketplace, str, Scope], object]
"""Asks a use case about the id, under the scope."""
BOTH = ("acme", "ann")
MERCHANT, BUYER = ("acme",), ("ann",)
OTHER_USERS = ("bob-user", "bolt-user", "rita")
USERS = ("acme", "ann", "acme-user", "ann-user")


@attrs.frozen
class Probe:
    """One id that a use case takes.

    Attributes:
        ask: How it is asked.
        others: Ids of what is there and is not the caller's.
        callers: Who asks.
        absent: An id of nothing.
        is_read: It changes nothing, whatever comes of it: the next one may ask in the same market.
    """

    ask: Ask
    others: tuple[str, ...]
    callers: tuple[str, ...] = BOTH
    absent: str = "nothing"
    is_read: bool = False


def probe(ask: Ask, *others: str, callers: tuple[str, ...] = BOTH, absent: str = "nothing") -> Probe:
    return Probe(ask, others, callers, absent)


NO_ORDER, NO_PART = "order-9", "order-9--bolt"
THEIR_SHIPMENT, NO_SHIPMENT = "order-2--bolt/00000002", "order-9--bolt/00000002"
LATER = NOON + timedelta(days=5)
EUR = Money.of("1.00", "EUR")


def _rights(product: str, merchant: str | None = None) -> SellingRights:
    return SellingRights(product, owner=merchant, version=1)


def _report(market: Marketplace, order: str, scope: Scope) -> object:
    """Report an order as shipped; what is told of it names it, and nothing else of anybody's."""
    (result,) = market.orders.update_statuses([StatusUpdate("k", order, "ship")], scope=scope)
    return result.outcome, [str(notice).replace(order, "it") for notice in result.problems]


PROBES: Mapping[str, Probe] = {
    # Orders.
    ".fire.merchant_order": probe(lambda m, x, s: m.fire(x, "ship", key="k", scope=s), "order-2--bolt", absent=NO_PART),
    ".simulate.cart: id": probe(lambda m, x, s: m.simulate(make_cart("ann", cart=x), scope=s), "c1", callers=BUYER),
    ".simulate.cart: buyer": probe(lambda m, x, s: m.simulate(make_cart(x), scope=s), "bob"),
    ".simulate.cart: user": probe(
        lambda m, x, s: m.simulate(make_cart("ann", user=x), scope=s), *OTHER_USERS, callers=USERS
    ),
    ".simulate.cart: sku": probe(lambda m, x, s: m.simulate(make_cart("ann", x), scope=s), "their-sku"),
    ".simulate.cart: offer": probe(lambda m, x, s: m.simulate(make_cart("ann", offer=x), scope=s), "their-offer"),
    ".place.cart: buyer": probe(lambda m, x, s: m.place(make_cart(x, cart="c9"), key="k", scope=s), "bob"),
    ".place.cart: user": probe(
        lambda m, x, s: m.place(make_cart("ann", cart="c9", user=x), key="k", scope=s), *OTHER_USERS, callers=USERS
    ),
    ".place.cart: sku": probe(lambda m, x, s: m.place(make_cart("ann", x, cart="c9"), key="k", scope=s), "their-sku"),
    ".place.cart: offer": probe(
        lambda m, x, s: m.place(make_cart("ann", cart="c9", offer=x), key="k", scope=s), "their-offer"
    ),
    "orders.fire.order": probe(
        lambda m, x, s: m.orders.fire(x, "ask to cancel", key="k", scope=s), "order-2", "order-2--bolt", absent=NO_ORDER
    ),
    "orders.update_statuses.updates": probe(_report, "order-2", "order-2--bolt", absent=NO_ORDER),
    "orders.add_note.order": probe(
        lambda m, x, s: m.orders.add_note(x, "mine", key="k", scope=s), "order-2", "order-2--bolt", absent=NO_ORDER
    ),
    "orders.hold.order": probe(lambda m, x, s: m.orders.hold(x, "fraud", scope=s), "order-2", absent=NO_ORDER),
    "orders.release.order": probe(lambda m, x, s: m.orders.release(x, "fraud", scope=s), "order-2", absent=NO_ORDER),
    "shipments.ship.merchant_order": probe(
        lambda m, x, s: m.shipments.ship(x, key="k", scope=s), "order-2--bolt", absent=NO_PART
    ),
    "forwarded_orders.forward.merchant_order": probe(
        lambda m, x, s: m.forwarded_orders.forward(x, "cord", key="k", scope=s), "order-2--bolt", absent=NO_PART
    ),
    "shipments.expected.merchant_order": probe(
        lambda m, x, s: m.shipments.expected(x, scope=s), "order-2--bolt", absent=NO_PART
    ),
    "shipments.fire.shipment": probe(
        lambda m, x, s: m.shipments.fire(x, Deliver(), key="k", scope=s), THEIR_SHIPMENT, absent=NO_SHIPMENT
    ),
    "shipments.track.shipment": probe(
        lambda m, x, s: m.shipments.track(x, tracking="x", key="k", scope=s), THEIR_SHIPMENT, absent=NO_SHIPMENT
    ),
    "orders.get.order": probe(lambda m, x, s: m.orders.get(x, scope=s), "order-2", "order-2--bolt", absent=NO_ORDER),
    "orders.get_merchant_order.merchant_order": probe(
        lambda m, x, s: m.orders.get_merchant_order(x, scope=s), "order-2--bolt", "order-2", absent=NO_PART
    ),
    "orders.page_history.order": probe(lambda m, x, s: m.orders.page_history(x, scope=s), "order-2", absent=NO_ORDER),
    "orders.page_merchant_order_history.merchant_order": probe(
        lambda m, x, s: m.orders.page_merchant_order_history(x, scope=s), "order-2--bolt", absent=NO_PART
    ),
    "orders.allowed.order": probe(
        lambda m, x, s: m.orders.allowed(x, scope=s), "order-2", "order-2--bolt", absent=NO_ORDER
    ),
    "orders.allowed_answers.merchant_order": probe(
        lambda m, x, s: m.orders.allowed_answers(x, scope=s), "order-2--bolt", absent=NO_PART
    ),
    "orders.preview_cancel.order": probe(
        lambda m, x, s: m.orders.preview_cancel(x, scope=s), "order-2", "order-2--bolt", absent=NO_ORDER
    ),
    "orders.cancel.order": probe(
        lambda m, x, s: m.orders.cancel(x, key="k", scope=s), "order-2", "order-2--bolt", absent=NO_ORDER
    ),
    "orders.check_price.merchant_order": probe(
        lambda m, x, s: m.orders.check_price(x, scope=s), "order-2--bolt", "order-2", absent=NO_PART
    ),
    "orders.approve_price.merchant_order": probe(
        lambda m, x, s: m.orders.approve_price(x, scope=s), "order-2--bolt", absent=NO_PART
    ),
    "orders.deny_price.merchant_order": probe(
        lambda m, x, s: m.orders.deny_price(x, scope=s), "order-2--bolt", absent=NO_PART
    ),
    "orders.retry_timeout.timeout": probe(lambda m, x, s: m.orders.retry_timeout(x, scope=s), "order-2/reminder"),
    "orders.remove_divergence_rule.rule": probe(
        lambda m, x, s: m.orders.remove_divergence_rule(DivergenceRule(x, version=1), scope=s), "bolt"
    ),
    "orders.save_divergence_rule.rule": probe(
        lambda m, x, s: m.orders.save_divergence_rule(DivergenceRule(x, version=1), scope=s), "bolt"
    ),
    # Users and parties.
    "access.save_user.user": probe(
        lambda m, x, s: m.access.save_user(User(x, s.party, s.id, name="Mine", version=1), scope=s),
        *("bob-user", "bolt-user", "rita"),
        callers=USERS,
    ),
    "access.save_user.user: party": probe(
        lambda m, x, s: m.access.save_user(User("new", Party.MERCHANT, x), scope=s), "bolt"
    ),
    "access.remove_role.role": probe(
        lambda m, x, s: m.access.remove_role(Role(x, Party.MERCHANT, [], version=1), scope=s), "merchant-admin"
    ),
    "access.save_role.role": probe(
        lambda m, x, s: m.access.save_role(Role(x, Party.MERCHANT, []), scope=s), "merchant-admin"
    ),
    "parties.change_membership.merchant": probe(
        lambda m, x, s: m.parties.change_membership(x, all_buyers_can_order=True, scope=s), "bolt"
    ),
    "parties.find_sellers.buyer": probe(lambda m, x, s: m.parties.find_sellers(x, scope=s), "bob"),
    "parties.get_buyer.buyer": probe(lambda m, x, s: m.parties.get_buyer(x, scope=s), "bob"),
    "parties.get_membership.merchant": probe(lambda m, x, s: m.parties.get_membership(x, scope=s), "bolt"),
    "parties.recall.product": probe(lambda m, x, s: m.parties.recall(x, reason="hot", scope=s), "their-sku"),
    "parties.lift_recall.product": probe(lambda m, x, s: m.parties.lift_recall(x, scope=s), "their-sku"),
    "parties.opt_in.product": probe(lambda m, x, s: m.parties.opt_in(x, scope=s), "their-sku"),
    "parties.opt_in.merchant": probe(lambda m, x, s: m.parties.opt_in("lamp", scope=s, merchant=x), "bolt"),
    "parties.opt_out.product": probe(lambda m, x, s: m.parties.opt_out(x, scope=s), "their-sku"),
    "parties.opt_out.merchant": probe(lambda m, x, s: m.parties.opt_out("lamp", scope=s, merchant=x), "bolt"),
    "parties.relate.buyer": probe(lambda m, x, s: m.parties.relate(x, "acme", scope=s), "bob"),
    "parties.relate.merchant": probe(lambda m, x, s: m.parties.relate("ann", x, scope=s), "bolt"),
    "parties.unrelate.buyer": probe(lambda m, x, s: m.parties.unrelate(x, "bolt", scope=s), "bob"),
    "parties.unrelate.merchant": probe(lambda m, x, s: m.parties.unrelate("bob", x, scope=s), "bolt"),
    "parties.save_buyer.buyer": probe(lambda m, x, s: m.parties.save_buyer(Buyer(x, "X", version=1), scope=s), "bob"),
    "parties.save_selling_rights.rights": probe(
        lambda m, x, s: m.parties.save_selling_rights(_rights(x), scope=s), "their-sku"
    ),
    "agreements.find.merchant": probe(lambda m, x, s: m.agreements.find(x, scope=s), "bolt"),
    "agreements.find_all.merchant": probe(lambda m, x, s: m.agreements.find_all(x, scope=s), "bolt"),
    "agreements.sign.agreement": probe(lambda m, x, s: m.agreements.sign(Agreement(x, "bolt"), scope=s), "bolt-terms"),
    "onboarding.answer_requirement.merchant": probe(
        lambda m, x, s: m.onboarding.answer_requirement(x, "terms", "attested", scope=s), "bolt"
    ),
    "onboarding.find_missing.merchant": probe(lambda m, x, s: m.onboarding.find_missing(x, "approve", scope=s), "bolt"),
    "onboarding.allowed.merchant": probe(lambda m, x, s: m.onboarding.allowed(x, scope=s), "bolt"),
    "onboarding.find_profile.merchant": probe(lambda m, x, s: m.onboarding.find_profile(x, scope=s), "bolt"),
    "onboarding.invite.merchant": probe(
        lambda m, x, s: m.onboarding.invite(Merchant(x, "X"), "x@example.org", expires_at=LATER, scope=s), "bolt"
    ),
    "onboarding.move.merchant": probe(lambda m, x, s: m.onboarding.move(x, "activate", scope=s), "bolt"),
    "onboarding.revoke.invitation": probe(lambda m, x, s: m.onboarding.revoke(x, scope=s), "invitation-1"),
    "onboarding.save_profile.profile": probe(
        lambda m, x, s: m.onboarding.save_profile(MerchantProfile(x, "X", "DE", version=1), scope=s), "bolt"
    ),
    # The catalogue.
    "catalog.add_products.catalog": probe(
        lambda m, x, s: m.catalog.add_products(x, ["own-product"], scope=s), "their-catalog", "operators-catalog"
    ),
    "catalog.add_products.products": probe(
        lambda m, x, s: m.catalog.add_products("own-catalog", [x], scope=s),
        *("their-product", "their-sku", "their-variant", "operators-product", "operators-sku"),
    ),
    "catalog.remove_products.catalog": probe(
        lambda m, x, s: m.catalog.remove_products(x, ["their-product"], scope=s), "their-catalog", "operators-catalog"
    ),
    "catalog.remove_products.products": probe(
        lambda m, x, s: m.catalog.remove_products("own-catalog", [x], scope=s), "their-product"
    ),
    "catalog.assign.catalog": probe(
        lambda m, x, s: m.catalog.assign(x, buyer="ann", scope=s), "their-catalog", "operators-catalog"
    ),
    "catalog.assign.buyer": probe(
        lambda m, x, s: m.catalog.assign("own-catalog", buyer=x, scope=s), "bob", callers=MERCHANT
    ),
    "catalog.unassign.catalog": probe(
        lambda m, x, s: m.catalog.unassign(x, buyer="ann", scope=s), "their-catalog", "operators-catalog"
    ),
    "catalog.unassign.buyer": probe(
        lambda m, x, s: m.catalog.unassign("own-catalog", buyer=x, scope=s), "bob", callers=MERCHANT
    ),
    "catalog.find_as_of.record": probe(
        lambda m, x, s: m.catalog.find_as_of(SKUS, x, NOON + timedelta(days=1), scope=s), "their-sku"
    ),
    "catalog.find_skus.product": probe(lambda m, x, s: m.catalog.find_skus(x, scope=s), "their-product"),
    "catalog.get_product.product": probe(lambda m, x, s: m.catalog.get_product(x, scope=s), "their-product"),
    "catalog.get_sku.sku": probe(lambda m, x, s: m.catalog.get_sku(x, scope=s), "their-sku", "their-variant"),
    "catalog.page_history.record": probe(lambda m, x, s: m.catalog.page_history(SKUS, x, scope=s), "their-sku"),
    "catalog.page_history.record: of a product": probe(
        lambda m, x, s: m.catalog.page_history(PRODUCTS, x, scope=s), "their-product"
    ),
    "catalog.page_history.record: of a spec": probe(
        lambda m, x, s: m.catalog.page_history(SPECS, x, scope=s), "their-spec"
    ),
    "catalog.page_history.record: of an item": probe(
        lambda m, x, s: m.catalog.page_history(MERCHANT_ITEMS, x, scope=s), "4:bolt:their-item"
    ),
    "catalog.roll_back.record": probe(
        lambda m, x, s: m.catalog.roll_back(SKUS, x, to=1, scope=s), "their-sku", "operators-sku"
    ),
    "catalog.roll_back.record: of a product": probe(
        lambda m, x, s: m.catalog.roll_back(PRODUCTS, x, to=9, scope=s), "their-product", "operators-product"
    ),
    "catalog.roll_back.record: of a spec": probe(
        lambda m, x, s: m.catalog.roll_back(SPECS, x, to=1, scope=s), "their-spec", "operators-spec"
    ),
    "catalog.remove_category.category": probe(
        lambda m, x, s: m.catalog.remove_category(Category(x, "X", version=1), scope=s), "lamps"
    ),
    "catalog.remove_product.product": probe(
        lambda m, x, s: m.catalog.remove_product(Product(x, "X", owner="acme", version=1), scope=s),
        *("their-product", "operators-product"),
    ),
    "catalog.remove_sku.sku": probe(
        lambda m, x, s: m.catalog.remove_sku(Sku(x, "X", owner="acme", version=1), scope=s),
        *("their-sku", "operators-sku", "their-variant"),
    ),
    "catalog.remove_spec.spec": probe(
        lambda m, x, s: m.catalog.remove_spec(Spec(x, "X", [Choice("a")], owner="acme", version=1), scope=s),
        *("their-spec", "operators-spec"),
    ),
    "catalog.save_catalog.catalog": probe(
        lambda m, x, s: m.catalog.save_catalog(Catalog(x, "X", owner="acme", version=1), scope=s),
        *("their-catalog", "operators-catalog"),
    ),
    "catalog.save_catalog.catalog: owner": probe(
        lambda m, x, s: m.catalog.save_catalog(Catalog("new", "X", owner=x), scope=s), "bolt"
    ),
    "catalog.save_category.category": probe(
        lambda m, x, s: m.catalog.save_category(Category(x, "X", version=1), scope=s), "lamps"
    ),
    "catalog.save_product.product": probe(
        lambda m, x, s: m.catalog.save_product(Product(x, "X", owner="acme", version=1), scope=s),
        *("their-product", "operators-product"),
    ),
    "catalog.save_product.product: specs": probe(
        lambda m, x, s: m.catalog.save_product(Product("new", "X", owner="acme", specs=[x]), scope=s), "their-spec"
    ),
    "catalog.save_sku.sku": probe(
        lambda m, x, s: m.catalog.save_sku(Sku(x, "X", owner="acme", version=1), scope=s),
        *("their-sku", "operators-sku", "their-variant"),
    ),
    "catalog.save_sku.sku: product": probe(
        lambda m, x, s: m.catalog.save_sku(Sku("new", "X", owner="acme", product=x), scope=s),
        *("their-product", "operators-product"),
    ),
    "catalog.save_spec.spec": probe(
        lambda m, x, s: m.catalog.save_spec(Spec(x, "X", [Choice("a")], owner="acme", version=1), scope=s),
        *("their-spec", "operators-spec"),
    ),
    # Merchants' items.
    "items.allowed.item": probe(lambda m, x, s: m.items.allowed(x, scope=s), "4:bolt:their-item"),
    "items.decide.item": probe(
        lambda m, x, s: m.items.decide(x, Bind("lamp"), version=1, scope=s), "4:bolt:their-item"
    ),
    "items.decide_by_policy.merchant": probe(
        lambda m, x, s: m.items.decide_by_policy(None, scope=s, merchant=x),  # type: ignore[arg-type]  # nobody is let in
        "bolt",
    ),
    "items.decide_many.decisions": probe(
        lambda m, x, s: m.items.decide_many([(x, Bind("lamp"), 1)], scope=s), "4:bolt:their-item"
    ),
    "items.get_policy.merchant": probe(lambda m, x, s: m.items.get_policy(x, scope=s), "bolt"),
    "items.receive.item": probe(lambda m, x, s: m.items.receive(MerchantItem(x, "a", "A"), scope=s), "bolt"),
    "items.receive_many.items": probe(
        lambda m, x, s: m.items.receive_many([MerchantItem(x, "a", "A")], scope=s), "bolt"
    ),
    "items.remove.merchant": probe(lambda m, x, s: m.items.remove(x, "their-item", scope=s), "bolt"),
    "items.remove.item_id": probe(lambda m, x, s: m.items.remove("bolt", x, scope=s), "their-item"),
    "items.remove_policy.policy": probe(
        lambda m, x, s: m.items.remove_policy(ItemPolicy(x, version=1), scope=s), "bolt"
    ),
    "items.save_policy.policy": probe(lambda m, x, s: m.items.save_policy(ItemPolicy(x, version=1), scope=s), "bolt"),
    "items.unbind.item": probe(lambda m, x, s: m.items.unbind(x, version=1, scope=s), "4:bolt:their-item"),
    # Offers and stock. Offers are read by everybody; they are changed by their merchants.
    "stock.change.offer": probe(lambda m, x, s: m.stock.change(x, 5, key="k", scope=s), "bolt-lamp", "their-offer"),
    "stock.count.offer": probe(lambda m, x, s: m.stock.count(x, 5, scope=s), "bolt-lamp", "their-offer"),
    "feeds.accept.merchant": probe(lambda m, x, s: m.feeds.accept(x, [], key="k", scope=s), "bolt"),
    "feeds.page_outcomes.feed": probe(lambda m, x, s: m.feeds.page_outcomes(x, scope=s), "feed-2"),
    "feeds.remove.feed": probe(lambda m, x, s: m.feeds.remove(x, scope=s), "feed-2"),
    "feeds.stop.feed": probe(lambda m, x, s: m.feeds.stop(x, scope=s), "feed-2"),
    "offers.close.closure": probe(
        lambda m, x, s: m.offers.close(Closure(x, "acme", CLOSED, version=1), scope=s), "their-closure"
    ),
    "offers.close.closure: merchant": probe(lambda m, x, s: m.offers.close(Closure("new", x, CLOSED), scope=s), "bolt"),
    "offers.decide.offer": probe(lambda m, x, s: m.offers.decide(x, Approval.DENIED, scope=s), "bolt-lamp"),
    "offers.explain.offer": probe(lambda m, x, s: m.offers.explain(x, scope=s), "bolt-lamp", "their-offer"),
    "offers.find_freshness.offer": probe(lambda m, x, s: m.offers.find_freshness(x, scope=s), "bolt-lamp"),
    "offers.notify.merchant": probe(lambda m, x, s: m.offers.notify(x, [ChangedItem("a")], scope=s), "bolt"),
    "offers.notify.changed": probe(
        lambda m, x, s: m.offers.notify("acme", [ChangedItem(x)], scope=s), "their-item", callers=MERCHANT
    ),
    "offers.rate.ratings": probe(lambda m, x, s: m.offers.rate([MerchantRating(x, Decimal(1))], scope=s), "bolt"),
    "offers.reopen.closure": probe(lambda m, x, s: m.offers.reopen(x, scope=s), "their-closure"),
    "offers.save.offer": probe(
        lambda m, x, s: m.offers.save(Offer(x, "acme", "lamp", schedule="acme-lamp", version=1), scope=s),
        *("bolt-lamp", "their-offer"),
    ),
    "offers.save.offer: of goods that are not there": probe(
        lambda m, x, s: m.offers.save(Offer(x, "acme", "no-sku", schedule="acme-lamp", version=1), scope=s), "bolt-lamp"
    ),
    "offers.save.offer: merchant": probe(
        lambda m, x, s: m.offers.save(Offer("new", x, "lamp", schedule="acme-lamp"), scope=s), "bolt"
    ),
    "offers.save.offer: sku": probe(
        lambda m, x, s: m.offers.save(Offer("new", "acme", x, schedule="acme-lamp"), scope=s),
        *("their-sku", "their-variant"),
    ),
    "offers.save.offer: schedule": probe(
        lambda m, x, s: m.offers.save(Offer("new", "acme", "lamp", schedule=x), scope=s),
        *("their-schedule", "operators-schedule"),
    ),
    # Prices and promotions.
    "prices.assign.assignment": probe(
        lambda m, x, s: m.prices.assign(
            Assignment(x, "lamp", "own-schedule", merchant="acme", buyer="zoe", version=1), scope=s
        ),
        *("their-assignment", "operators-assignment"),
    ),
    "prices.assign.assignment: schedule": probe(
        lambda m, x, s: m.prices.assign(Assignment("new", "lamp", x, merchant="acme", buyer="zoe"), scope=s),
        *("their-schedule", "operators-schedule"),
    ),
    "prices.assign.assignment: merchant": probe(
        lambda m, x, s: m.prices.assign(Assignment("new", "lamp", "own-schedule", merchant=x), scope=s), "bolt"
    ),
    "prices.assign.assignment: sku": probe(
        lambda m, x, s: m.prices.assign(Assignment("new", x, "own-schedule", merchant="acme"), scope=s), "their-sku"
    ),
    "prices.find_assignments.schedule": probe(
        lambda m, x, s: m.prices.find_assignments(x, scope=s), "their-schedule", "operators-schedule"
    ),
    "prices.get_schedule.schedule": probe(
        lambda m, x, s: m.prices.get_schedule(x, scope=s), "their-schedule", "operators-schedule"
    ),
    "prices.remove_schedule.schedule": probe(
        lambda m, x, s: m.prices.remove_schedule(make_schedule(x, "acme", 1), scope=s),
        *("their-schedule", "operators-schedule"),
    ),
    "prices.save_schedule.schedule": probe(
        lambda m, x, s: m.prices.save_schedule(make_schedule(x, "acme", 1), scope=s),
        *("their-schedule", "operators-schedule"),
    ),
    "prices.save_schedule.schedule: at another version": probe(
        lambda m, x, s: m.prices.save_schedule(make_schedule(x, "acme", 7), scope=s), "their-schedule"
    ),
    "prices.save_schedule.schedule: owner": probe(
        lambda m, x, s: m.prices.save_schedule(make_schedule("new", x), scope=s), "bolt"
    ),
    "prices.unassign.assignment": probe(
        lambda m, x, s: m.prices.unassign(
            Assignment(x, "lamp", "own-schedule", merchant="acme", buyer="zoe", version=1), scope=s
        ),
        *("their-assignment", "operators-assignment"),
    ),
    "pool_codes.add.owner": probe(lambda m, x, s: m.pool_codes.add("spring", ["S1"], scope=s, owner=x), "bolt"),
    "pool_codes.remove.owner": probe(lambda m, x, s: m.pool_codes.remove("spring", ["S1"], scope=s, owner=x), "bolt"),
    "promotions.remove.promotion": probe(
        lambda m, x, s: m.promotions.remove(Promotion(x, TEN, "acme", version=1), scope=s),
        *("their-promotion", "operators-promotion"),
    ),
    "promotions.save.promotion": probe(
        lambda m, x, s: m.promotions.save(Promotion(x, TEN, "acme", version=1), scope=s),
        *("their-promotion", "operators-promotion"),
    ),
    "promotions.save.promotion: owner": probe(
        lambda m, x, s: m.promotions.save(Promotion("new", TEN, x), scope=s), "bolt"
    ),
    # Commission, taxes, fees: the operator's.
    "commissions.archive_rule.rule": probe(lambda m, x, s: m.commissions.archive_rule(x, scope=s), "some-rule"),
    "commissions.get_rule.rule": probe(lambda m, x, s: m.commissions.get_rule(x, scope=s), "some-rule"),
    "commissions.save_rule.rule": probe(
        lambda m, x, s: m.commissions.save_rule(CommissionRule(x, Percentage(Decimal("0.1")), version=1), scope=s),
        "some-rule",
    ),
    "commissions.calculate.lines": probe(
        lambda m, x, s: m.commissions.calculate([CommissionLine("l1", x, quantity=1, net=EUR, gross=EUR)], scope=s),
        "bolt",
    ),
    "taxes.save.rule": probe(
        lambda m, x, s: m.taxes.save(TaxRule(x, "books", "VAT", rate=Decimal("0.07"), version=1), scope=s), "some-tax"
    ),
    "taxes.save_buyer.record": probe(
        lambda m, x, s: m.taxes.save_buyer(BuyerTax(x, BuyerStatus.EXEMPT, number="7", version=1), scope=s), "bob"
    ),
    "taxes.remove_buyer.record": probe(
        lambda m, x, s: m.taxes.remove_buyer(BuyerTax(x, BuyerStatus.EXEMPT, number="7", version=1), scope=s), "bob"
    ),
    "taxes.remove.rule": probe(
        lambda m, x, s: m.taxes.remove(TaxRule(x, "books", "VAT", rate=Decimal("0.07"), version=1), scope=s), "some-tax"
    ),
    "channels.save.channel": probe(lambda m, x, s: m.channels.save(make_channel(x, 1), scope=s), "web"),
    "channels.remove.channel": probe(lambda m, x, s: m.channels.remove(make_channel(x, 1), scope=s), "web"),
    "delivery_methods.save.method": probe(lambda m, x, s: m.delivery_methods.save(make_method(x, 1), scope=s), "van"),
    "delivery_methods.remove.method": probe(
        lambda m, x, s: m.delivery_methods.remove(make_method(x, 1), scope=s), "van"
    ),
    "payment_methods.save.method": probe(
        lambda m, x, s: m.payment_methods.save(PaymentMethod(x, "Card", version=1), scope=s), "card"
    ),
    "payment_methods.remove.method": probe(
        lambda m, x, s: m.payment_methods.remove(PaymentMethod(x, "Card", version=1), scope=s), "card"
    ),
    "order_thresholds.save.threshold": probe(
        lambda m, x, s: m.order_thresholds.save(make_threshold(x, 1), scope=s), "max"
    ),
    "order_thresholds.remove.threshold": probe(
        lambda m, x, s: m.order_thresholds.remove(make_threshold(x, 1), scope=s), "max"
    ),
    "shipping_fees.save.fee": probe(
        lambda m, x, s: m.shipping_fees.save(ShippingFee(x, EUR, version=1), scope=s), "bolt"
    ),
    "shipping_fees.remove.fee": probe(
        lambda m, x, s: m.shipping_fees.remove(ShippingFee(x, EUR, version=1), scope=s), "bolt"
    ),
    # What buyers are shown.
    "storefront.page.context: buyer": probe(lambda m, x, s: m.storefront.page(SalesContext(x), scope=s), "bob"),
    "storefront.page.context: user": probe(
        lambda m, x, s: m.storefront.page(SalesContext(user=x), scope=s), *OTHER_USERS, callers=USERS
    ),
    "storefront.page.where: product": probe(
        lambda m, x, s: m.storefront.page(where={"product": x}, scope=s), "their-sku", "their-product", "their-variant"
    ),
    "storefront.get.sku": probe(lambda m, x, s: m.storefront.get(x, scope=s), "their-sku", "their-variant"),
    "storefront.get.context: buyer": probe(lambda m, x, s: m.storefront.get("lamp", SalesContext(x), scope=s), "bob"),
    "storefront.get.context: user": probe(
        lambda m, x, s: m.storefront.get("lamp", SalesContext(user=x), scope=s), *OTHER_USERS, callers=USERS
    ),
    "storefront.page_of_seller.request: catalog": probe(
        lambda m, x, s: m.storefront.page_of_seller(ViewRequest("acme", SalesContext("ann"), catalog=x), scope=s),
        *("their-catalog", "operators-catalog"),
    ),
    "storefront.page_of_seller.request: owner": probe(
        lambda m, x, s: m.storefront.page_of_seller(ViewRequest("acme", SalesContext("ann"), owner=x), scope=s), "bolt"
    ),
    "storefront.page_of_seller.request: owner, one by one": probe(
        lambda m, x, s: m.storefront.page_of_seller(ViewRequest("acme", owner=x), scope=s, limit=1), "bolt"
    ),
    "storefront.page_of_seller.request: merchant": probe(
        lambda m, x, s: m.storefront.page_of_seller(ViewRequest(x, SalesContext("ann")), scope=s), "bolt"
    ),
    "storefront.page_of_seller.request: buyer": probe(
        lambda m, x, s: m.storefront.page_of_seller(ViewRequest("acme", SalesContext(x)), scope=s), "bob"
    ),
    "storefront.page_of_seller.request: user": probe(
        lambda m, x, s: m.storefront.page_of_seller(ViewRequest("bolt", SalesContext(user=x)), scope=s),
        *OTHER_USERS,
        callers=USERS,
    ),
    "storefront.view_of_seller.product": probe(
        lambda m, x, s: m.storefront.view_of_seller(x, ViewRequest("bolt", SalesContext("ann")), scope=s),
        *("their-sku", "their-product", "their-variant"),
    ),
    "storefront.view_of_seller.product: of the seller": probe(
        lambda m, x, s: m.storefront.view_of_seller(x, ViewRequest("acme"), scope=s), "their-sku", "their-product"
    ),
    "storefront.view_of_seller.request: merchant": probe(
        lambda m, x, s: m.storefront.view_of_seller("lamp", ViewRequest(x, SalesContext("ann")), scope=s), "bolt"
    ),
    "storefront.view_of_seller.request: user": probe(
        lambda m, x, s: m.storefront.view_of_seller("lamp", ViewRequest("acme", SalesContext("ann", user=x)), scope=s),
        *OTHER_USERS,
        callers=USERS,
    ),
    # The books: each party reads its own accounts.
    "ledger.balance.account": probe(lambda m, x, s: m.ledger.balance(_account(x), scope=s), "bolt"),
    "ledger.find_funds.account": probe(lambda m, x, s: m.ledger.find_funds(_account(x), scope=s), "bolt"),
    "ledger.get_hold.id": probe(lambda m, x, s: m.ledger.get_hold(x, scope=s), "their-hold"),
    "ledger.get_transaction.key": probe(lambda m, x, s: m.ledger.get_transaction(x, scope=s), "their-posting"),
    "ledger.hold.holds": probe(lambda m, x, s: m.ledger.hold(make_hold(x), scope=s), "their-hold"),
    "ledger.page_entries.where": probe(
        lambda m, x, s: m.ledger.page_entries({"owner": f"merchant:{x}"}, scope=s), "bolt"
    ),
    "ledger.post.transactions": probe(lambda m, x, s: m.ledger.post(make_posting(x), scope=s), "their-posting"),
    "ledger.set_limits.limits": probe(
        lambda m, x, s: m.ledger.set_limits({make_account(x, "available"): EUR}, scope=s), "bolt"
    ),
    "ledger.settle.hold": probe(lambda m, x, s: m.ledger.settle(x, make_posting("new"), scope=s), "their-hold"),
    "ledger.settle.transaction": probe(
        lambda m, x, s: m.ledger.settle("their-hold", make_posting(x), scope=s), "their-posting"
    ),
    "ledger.void.holds": probe(lambda m, x, s: m.ledger.void(x, scope=s), "their-hold"),
}
"""By use case and parameter; behind a colon, what of the parameter is an id."""

TAKEN: Mapping[str, tuple[Ask, str, str]] = {
    "access.save_user.user": (
        lambda m, x, s: m.access.save_user(User(x, s.party, s.id), scope=s),
        "acme-user",
        "bolt-user",
    ),
    "catalog.save_catalog.catalog": (
        lambda m, x, s: m.catalog.save_catalog(Catalog(x, "X", owner="acme"), scope=s),
        "own-catalog",
        "their-catalog",
    ),
    "catalog.save_product.product": (
        lambda m, x, s: m.catalog.save_product(Product(x, "X", owner="acme"), scope=s),
        "own-product",
        "their-product",
    ),
    "catalog.save_sku.sku": (
        lambda m, x, s: m.catalog.save_sku(Sku(x, "X", owner="acme"), scope=s),
        "own-sku",
        "their-sku",
    ),
    "catalog.save_spec.spec": (
        lambda m, x, s: m.catalog.save_spec(Spec(x, "X", [Choice("a")], owner="acme"), scope=s),
        "own-spec",
        "their-spec",
    ),
    "offers.close.closure": (
        lambda m, x, s: m.offers.close(Closure(x, "acme", CLOSED), scope=s),
        "own-closure",
        "their-closure",
    ),
    "offers.save.offer": (
        lambda m, x, s: m.offers.save(Offer(x, "acme", "lamp", schedule="acme-lamp"), scope=s),
        "own-offer",
        "their-offer",
    ),
    "prices.assign.assignment": (
        lambda m, x, s: m.prices.assign(Assignment(x, "lamp", "own-schedule", merchant="acme"), scope=s),
        "own-assignment",
        "their-assignment",
    ),
    "prices.save_schedule.schedule": (
        lambda m, x, s: m.prices.save_schedule(make_schedule(x, "acme"), scope=s),
        "own-schedule",
        "their-schedule",
    ),
    "promotions.save.promotion": (
        lambda m, x, s: m.promotions.save(Promotion(x, TEN, "acme"), scope=s),
        "own-promotion",
        "their-promotion",
    ),
}
"""Where a caller chooses the id of something new: whose it is that has it, own or another's, reads alike."""

NO_IDS = frozenset(
    # Who asks, and how a list or an answer is cut.
    {"scope", "after", "limit", "progress", "executor"}
    # Words, figures and instants.
    | {"reason", "note", "name", "address", "quantity", "on_hand", "backorder", "version", "to", "at", "instant"}
    | {"until", "expires_at", "all_buyers_can_order", "period"}
    # What everybody knows: steps, requirements, actions, channels, categories, states.
    | {
        "action",
        "activity",
        "approval",
        "category",
        "channel",
        "how",
        "kind",
        "requirement",
        "state",
        "step",
        "direction",
    }
    # The caller's own: its keys, the keys of its lines, its matcher and its answers.
    | {"key", "lines", "finder", "verdict", "rules"}
)
"""Parameters that are no ids, whatever the use case."""
NO_IDS_HERE = {
    "storefront.page.order": "a word",
    "storefront.project.sink": "the host's",
    "storefront.project.subscriptions": "the host's",
    "storefront.project.channels": "the host's",
    ".load.folder": "the host's",
    ".load.time_zone": "the host's",
    ".joined.transaction": "the host's",
    ".as_user.user": "the host says who asks",
    ".load.user": "the host says who loads",
    ".load.whole": "the host says whose feed it is; loading is the operator's",
    ".load.outcomes": "the host's",
    ".load.keep_empty": "the host's",
    ".update_by_hand.fields": "a status update, which is probed",
    ".load_statuses.file": "the host's; each of its rows is a status update",
    ".load_statuses.results": "the host's",
    "feeds.accept.rows": "what a feed says: each row is refused as a folder's is",
    "feeds.accept.whole": "a fraction",
    "feeds.accept.empty_cells": "a word",
    "feeds.accept.time_zone": "a name that everybody knows",
    "stock.change.pieces": "pieces, by the merchant's own locations",
    "orders.plan_migration.migration": "processes, not records; the operator's alone",
    "orders.migrate.migration": "processes, not records; the operator's alone",
    "access.as_user.user": "the host says who asks",
    "parties.get_merchant.merchant": "merchants are read by everybody",
    "onboarding.accept.invitation": "a secret that lets in whoever has it",
    "onboarding.accept.user": "whoever accepts is nobody yet; that an id is taken is told, and not whose it is",
    "ledger.page_entries.order": "a column",
    "orders.allowed.actions": "actions with their facts, which name no records",
    "orders.export.write": "the host's",
    "orders.export.form": "how rows are written",
    "orders.export.where": "filters of the list of merchant orders, which is probed",
    "orders.add_note.text": "what is noted of the order that the call names",
    "orders.add_note.is_shared": "whether the merchant of the order that the call names reads it",
    "orders.hold.text": "what the reviewer should know",
    "orders.release.text": "what the reviewer found",
    "forwarded_orders.forward.supplier": "merchants are read by everybody, and orders with each by whoever buys",
    "forwarded_orders.forward.offers": "offers are read by everybody",
    "forwarded_orders.forward.purchaser": "the operator's alone",
    "shipments.ship.parcels": "what is handed to a carrier, with pieces of the order that the call names",
    "shipments.ship.carrier": "what the sender says of it",
    "shipments.ship.invoice": "what the sender says of it",
    "shipments.ship.tracking": "what the sender says of it",
    "shipments.ship.weight": "what the sender says of it",
    "shipments.track.carrier": "what the sender says of it",
    "shipments.track.invoice": "what the sender says of it",
    "shipments.track.parcel": "of the shipment that the call names",
    "shipments.track.tracking": "what the sender says of it",
    "shipments.track.weight": "what the sender says of it",
    "orders.cancel.agreed": "what was previewed of the order that the call names",
    "orders.cancel.code": "a reason of those that the process knows",
    "orders.preview_cancel.code": "a reason of those that the process knows",
    "pool_codes.add.pool": "of the owner that the call names",
    "pool_codes.add.codes": "of the owner that the call names",
    "pool_codes.remove.pool": "of the owner that the call names",
    "pool_codes.remove.codes": "of the owner that the call names",
}
"""Parameters of one use case that are no ids of what is somebody's, and why."""


def _account(owner: str) -> Account:
    return make_account(owner, "available")
