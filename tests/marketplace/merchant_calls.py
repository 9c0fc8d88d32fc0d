"""Every call that a merchant may make: what it needs to be there, and the call itself, on a market with bolt's lamp."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import attrs

from mktcore.access import User
from mktcore.carts import Cart, CartLine
from mktcore.catalog import PRODUCTS, Catalog, Choice, Product, Sku, Spec
from mktcore.commissions.commissionable_line import CommissionLine
from mktcore.delivery import DeliveryMethod, DeliveryRate
from mktcore.feeds import Feed
from mktcore.ledger import Account
from mktcore.marketplace import Marketplace
from mktcore.merchant_items import MerchantItem
from mktcore.merchant_items.merchant_item import to_item_key
from mktcore.money import Money
from mktcore.offers import Closure, Offer
from mktcore.offers.refresh.use_cases.notifications import ChangedItem
from mktcore.orders.actions import Deliver
from mktcore.orders.lists import OrderDirection
from mktcore.parties import MerchantProfile, SellingRights
from mktcore.parties.organisations.legal_profile import PROFILES
from mktcore.periods import Period
from mktcore.persistence import Party, Scope
from mktcore.pricing import (
    DIVERGENCE_RULES,
    PRICE_SCHEDULES,
    Assignment,
    DivergenceRule,
    OnDivergence,
    PriceBreak,
    PriceSchedule,
)
from mktcore.promotions import PercentOff, Promotion
from mktcore.sales_context import SalesContext
from mktcore.status_updates import StatusUpdate
from mktcore.storefront.seller_views import ViewRequest

OPERATOR = Scope.operator()
SOON = Period(datetime(2027, 1, 1, tzinfo=UTC))
TEN = PercentOff(Decimal("0.1"))
_numbers = count(1)


def name(prefix: str) -> str:
    return f"{prefix}-{next(_numbers)}"


@attrs.frozen
class Call:
    """A call under the scope of who asks, with what was prepared for it while the merchant was active."""

    act: Callable[[Marketplace, Any, Scope], object]
    prepare: Callable[[Marketplace], Any] = lambda _: None


def find(market: Marketplace, kind: Any, id: str) -> Any:  # noqa: A002 - the word of the field
    with market.store.begin(OPERATOR) as unit:
        return unit.repository(kind).find(id)


def version_of(market: Marketplace, kind: Any, id: str) -> int:  # noqa: A002 - as above
    found = find(market, kind, id)
    return 0 if found is None else int(found.version)


def ordered(market: Marketplace) -> str:
    market.stock.count("bolt-lamp", 9_999, scope=OPERATOR)
    cart = Cart.of(name("cart"), buyer="ann", lines=[CartLine("l1", "lamp", 1, offer="bolt-lamp")])
    return market.place(cart, key=cart.id, scope=OPERATOR).merchant_orders[0].id


def report_file(order: str) -> Path:
    """Return a file that reports one order as shipped."""
    path = Path(mkdtemp(prefix="mktcore-calls-")) / "statuses.csv"
    path.write_text(f"key,order,event\n{name('key')},{order},ship\n", encoding="utf-8")
    return path


def shipped(market: Marketplace) -> str:
    return market.shipments.ship(ordered(market), key=name("key"), scope=OPERATOR).id


def rule(market: Marketplace, otherwise: OnDivergence, *approvers: str) -> None:
    version = version_of(market, DIVERGENCE_RULES, "bolt")
    asked = DivergenceRule("bolt", otherwise=otherwise, approvers=approvers, version=version)
    market.orders.save_divergence_rule(asked, scope=OPERATOR)


def ruled(market: Marketplace) -> DivergenceRule:
    rule(market, OnDivergence.AUTHORISE)
    found: DivergenceRule = find(market, DIVERGENCE_RULES, "bolt")
    return found


def diverging(market: Marketplace) -> str:
    """Return an order whose price bolt's rule leaves to pat, as bolt's price has changed since."""
    order = ordered(market)
    schedule = find(market, PRICE_SCHEDULES, "bolt-lamp")
    changed = [PriceBreak(1, schedule.breaks[0].unit_price + Money.of("1.00", "EUR"))]
    market.prices.save_schedule(attrs.evolve(schedule, breaks=changed), scope=OPERATOR)
    rule(market, OnDivergence.TASK, "pat")
    return order


def waiting(market: Marketplace) -> str:
    order = diverging(market)
    market.orders.check_price(order, scope=OPERATOR)
    return order


def feed(market: Marketplace) -> Feed:
    market.feeds.work()  # those of other calls, as a merchant may have twenty that wait
    return market.feeds.accept("bolt", [], key=name("key"), scope=OPERATOR)


def stopped_feed(market: Marketplace) -> Feed:
    return market.feeds.stop(feed(market).id, scope=OPERATOR)


def schedule(owner: str = "bolt") -> PriceSchedule:
    return PriceSchedule(name("prices"), owner, (PriceBreak(1, Money.of("9.00", "EUR")),))


def assigned(market: Marketplace) -> Assignment:
    stored = market.prices.save_schedule(schedule(), scope=OPERATOR)
    return market.prices.assign(Assignment(name("a"), "lamp", stored.id, merchant="bolt", channel="c"), scope=OPERATOR)


def carrier() -> DeliveryMethod:
    rate = DeliveryRate(Money.of("1.00", "EUR"))
    # Of another channel than the carts here, which choose none.
    return DeliveryMethod(name("carrier"), "Carrier", "bolt", rates=[rate], channels=["elsewhere"])


def stocked_catalog(market: Marketplace) -> tuple[str, str]:
    product = market.catalog.save_product(Product(name("product"), "P", "bolt"), scope=OPERATOR)
    catalog = market.catalog.save_catalog(Catalog(name("catalog"), "C", "bolt"), scope=OPERATOR)
    market.catalog.add_products(catalog.id, [product.id], scope=OPERATOR)
    market.catalog.assign(catalog.id, buyer="ann", scope=OPERATOR)
    return catalog.id, product.id


def item(market: Marketplace) -> str:
    sent = MerchantItem("bolt", name("item"), "A lamp")
    market.items.receive(sent, scope=OPERATOR)
    return sent.item_id


def open_product(market: Marketplace) -> str:
    rights = SellingRights(name("product"), all_merchants_can_sell=True)
    return market.parties.save_selling_rights(rights, scope=OPERATOR).id


def opted_in(market: Marketplace) -> str:
    product = open_product(market)
    market.parties.opt_in(product, scope=OPERATOR, merchant="bolt")
    return product


def profile(market: Marketplace) -> MerchantProfile:
    return MerchantProfile("bolt", "Bolt GmbH", "DE", version=version_of(market, PROFILES, "bolt"))


def closed(market: Marketplace) -> str:
    return market.offers.close(Closure(name("closure"), "bolt", SOON), scope=OPERATOR).id


def as_pat(scope: Scope) -> Scope:
    return attrs.evolve(scope, user="pat")


def commissionable() -> CommissionLine:
    amount = Money.of("10.00", "EUR")
    return CommissionLine("l1", "bolt", quantity=1, net=amount, gross=amount)


BALANCE = Account("merchant:bolt", "available", "EUR")
SHOP = ViewRequest("bolt", SalesContext(None))

WRITES: Mapping[str, Call] = {
    "fire": Call(lambda m, given, scope: m.fire(given, "ship", key=name("key"), scope=scope), ordered),
    "load_statuses": Call(lambda m, given, scope: m.load_statuses(report_file(given), scope=scope), ordered),
    "update_by_hand": Call(
        lambda m, given, scope: m.update_by_hand({"key": name("key"), "order": given, "event": "ship"}, scope=scope),
        ordered,
    ),
    "orders.update_statuses": Call(
        lambda m, given, scope: m.orders.update_statuses([StatusUpdate(name("key"), given, "ship")], scope=scope),
        ordered,
    ),
    "access.save_user": Call(
        lambda m, _, scope: m.access.save_user(User(name("user"), Party.MERCHANT, "bolt"), scope=scope)
    ),
    "catalog.add_products": Call(
        lambda m, given, scope: m.catalog.add_products(given[0], [given[1]], scope=scope), stocked_catalog
    ),
    "catalog.assign": Call(
        lambda m, given, scope: m.catalog.assign(given[0], buyer=None, scope=scope), stocked_catalog
    ),
    "catalog.remove_product": Call(
        lambda m, given, scope: m.catalog.remove_product(given, scope=scope),
        lambda m: m.catalog.save_product(Product(name("product"), "P", "bolt"), scope=OPERATOR),
    ),
    "catalog.remove_sku": Call(
        lambda m, given, scope: m.catalog.remove_sku(given, scope=scope),
        lambda m: m.catalog.save_sku(Sku(name("sku"), "S", owner="bolt"), scope=OPERATOR),
    ),
    "catalog.remove_spec": Call(
        lambda m, given, scope: m.catalog.remove_spec(given, scope=scope),
        lambda m: m.catalog.save_spec(Spec(name("spec"), "S", [Choice("red")], owner="bolt"), scope=OPERATOR),
    ),
    "catalog.remove_products": Call(
        lambda m, given, scope: m.catalog.remove_products(given[0], [given[1]], scope=scope), stocked_catalog
    ),
    "catalog.roll_back": Call(
        lambda m, given, scope: m.catalog.roll_back(PRODUCTS, given[1], to=1, scope=scope), stocked_catalog
    ),
    "catalog.save_catalog": Call(
        lambda m, _, scope: m.catalog.save_catalog(Catalog(name("catalog"), "C", "bolt"), scope=scope)
    ),
    "catalog.save_product": Call(
        lambda m, _, scope: m.catalog.save_product(Product(name("product"), "P", "bolt"), scope=scope)
    ),
    "catalog.save_sku": Call(lambda m, _, scope: m.catalog.save_sku(Sku(name("sku"), "S", owner="bolt"), scope=scope)),
    "catalog.save_spec": Call(
        lambda m, _, scope: m.catalog.save_spec(Spec(name("spec"), "S", [Choice("red")], owner="bolt"), scope=scope)
    ),
    "catalog.unassign": Call(
        lambda m, given, scope: m.catalog.unassign(given[0], buyer="ann", scope=scope), stocked_catalog
    ),
    "feeds.accept": Call(
        lambda m, _, scope: m.feeds.accept("bolt", [], key=name("key"), scope=scope), lambda m: m.feeds.work()
    ),
    "feeds.remove": Call(lambda m, given, scope: m.feeds.remove(given.id, scope=scope), stopped_feed),
    "feeds.stop": Call(lambda m, given, scope: m.feeds.stop(given.id, scope=scope), feed),
    "forwarded_orders.forward": Call(
        lambda m, given, scope: m.forwarded_orders.forward(
            given, "acme", key=name("key"), scope=scope, offers={"l1": "acme-lamp"}
        ),
        ordered,
    ),
    "items.receive": Call(
        lambda m, _, scope: m.items.receive(MerchantItem("bolt", name("item"), "A lamp"), scope=scope)
    ),
    "items.receive_many": Call(
        lambda m, _, scope: m.items.receive_many([MerchantItem("bolt", name("item"), "A lamp")], scope=scope)
    ),
    "items.remove": Call(lambda m, given, scope: m.items.remove("bolt", given, scope=scope), item),
    "offers.close": Call(lambda m, _, scope: m.offers.close(Closure(name("closure"), "bolt", SOON), scope=scope)),
    "offers.notify": Call(lambda m, _, scope: m.offers.notify("bolt", [ChangedItem("none")], scope=scope)),
    "offers.reopen": Call(lambda m, given, scope: m.offers.reopen(given, scope=scope), closed),
    "offers.save": Call(
        lambda m, _, scope: m.offers.save(Offer(name("offer"), "bolt", "lamp", schedule="bolt-lamp"), scope=scope)
    ),
    "onboarding.answer_requirement": Call(
        lambda m, _, scope: m.onboarding.answer_requirement("bolt", "terms", "attested", scope=scope)
    ),
    "onboarding.save_profile": Call(lambda m, given, scope: m.onboarding.save_profile(given, scope=scope), profile),
    "orders.add_note": Call(
        lambda m, given, scope: m.orders.add_note(given, "called", key=name("key"), scope=scope), ordered
    ),
    "orders.approve_price": Call(lambda m, given, scope: m.orders.approve_price(given, scope=as_pat(scope)), waiting),
    "orders.cancel": Call(lambda m, given, scope: m.orders.cancel(given, key=name("key"), scope=scope), ordered),
    "shipments.ship": Call(lambda m, given, scope: m.shipments.ship(given, key=name("key"), scope=scope), ordered),
    "shipments.fire": Call(
        lambda m, given, scope: m.shipments.fire(given, Deliver(), key=name("key"), scope=scope), shipped
    ),
    "shipments.track": Call(
        lambda m, given, scope: m.shipments.track(given, tracking="JD01", key=name("key"), scope=scope), shipped
    ),
    "orders.check_price": Call(lambda m, given, scope: m.orders.check_price(given, scope=scope), diverging),
    "orders.deny_price": Call(lambda m, given, scope: m.orders.deny_price(given, scope=as_pat(scope)), waiting),
    "orders.remove_divergence_rule": Call(
        lambda m, given, scope: m.orders.remove_divergence_rule(given, scope=scope),
        ruled,
    ),
    "orders.save_divergence_rule": Call(
        lambda m, given, scope: m.orders.save_divergence_rule(DivergenceRule("bolt", version=given), scope=scope),
        lambda m: version_of(m, DIVERGENCE_RULES, "bolt"),
    ),
    "parties.opt_in": Call(lambda m, given, scope: m.parties.opt_in(given, scope=scope, merchant="bolt"), open_product),
    "parties.opt_out": Call(lambda m, given, scope: m.parties.opt_out(given, scope=scope, merchant="bolt"), opted_in),
    "pool_codes.add": Call(lambda m, _, scope: m.pool_codes.add("spring", ["S1"], scope=scope, owner="bolt")),
    "pool_codes.remove": Call(lambda m, _, scope: m.pool_codes.remove("spring", ["S1"], scope=scope, owner="bolt")),
    "prices.assign": Call(
        lambda m, given, scope: m.prices.assign(attrs.evolve(given, channel="other"), scope=scope), assigned
    ),
    "prices.remove_schedule": Call(
        lambda m, given, scope: m.prices.remove_schedule(given, scope=scope),
        lambda m: m.prices.save_schedule(schedule(), scope=OPERATOR),
    ),
    "prices.save_schedule": Call(lambda m, _, scope: m.prices.save_schedule(schedule(), scope=scope)),
    "prices.unassign": Call(lambda m, given, scope: m.prices.unassign(given, scope=scope), assigned),
    "delivery_methods.remove": Call(
        lambda m, given, scope: m.delivery_methods.remove(given, scope=scope),
        lambda m: m.delivery_methods.save(carrier(), scope=OPERATOR),
    ),
    "delivery_methods.save": Call(lambda m, _, scope: m.delivery_methods.save(carrier(), scope=scope)),
    "promotions.remove": Call(
        lambda m, given, scope: m.promotions.remove(given, scope=scope),
        lambda m: m.promotions.save(Promotion(name("promotion"), TEN, "bolt", valid=SOON), scope=OPERATOR),
    ),
    "promotions.save": Call(
        lambda m, _, scope: m.promotions.save(Promotion(name("promotion"), TEN, "bolt", valid=SOON), scope=scope)
    ),
    "stock.change": Call(lambda m, _, scope: m.stock.change("bolt-lamp", 9, key=name("key"), scope=scope)),
    "stock.count": Call(lambda m, _, scope: m.stock.count("bolt-lamp", 9, scope=scope)),
}
"""By use case; every one changes something of bolt's, in the name of bolt or of the operator."""

READS: Mapping[str, Call] = {
    "feeds.page_outcomes": Call(lambda m, given, scope: m.feeds.page_outcomes(given.id, scope=scope), feed),
    "access.find_roles": Call(lambda m, _, scope: m.access.find_roles(scope=scope)),
    "access.see_related": Call(lambda m, _, scope: m.access.see_related(scope)),
    "agreements.find": Call(lambda m, _, scope: m.agreements.find("bolt", scope=scope)),
    "agreements.find_all": Call(lambda m, _, scope: m.agreements.find_all("bolt", scope=scope)),
    "catalog.find_as_of": Call(
        lambda m, given, scope: m.catalog.find_as_of(PRODUCTS, given[1], m.clock.now(), scope=scope), stocked_catalog
    ),
    "catalog.find_skus": Call(lambda m, given, scope: m.catalog.find_skus(given[1], scope=scope), stocked_catalog),
    "catalog.get_product": Call(lambda m, given, scope: m.catalog.get_product(given[1], scope=scope), stocked_catalog),
    "catalog.get_sku": Call(
        lambda m, given, scope: m.catalog.get_sku(given.id, scope=scope),
        lambda m: m.catalog.save_sku(Sku(name("sku"), "S", owner="bolt"), scope=OPERATOR),
    ),
    "catalog.page_history": Call(
        lambda m, given, scope: m.catalog.page_history(PRODUCTS, given[1], scope=scope), stocked_catalog
    ),
    "catalog.page_sellable": Call(lambda m, _, scope: m.catalog.page_sellable(scope=scope)),
    "commissions.calculate": Call(lambda m, _, scope: m.commissions.calculate([commissionable()], scope=scope)),
    "items.allowed": Call(
        lambda m, given, scope: m.items.allowed(given, scope=scope),
        lambda m: to_item_key("bolt", item(m)),
    ),
    "items.get_policy": Call(lambda m, _, scope: m.items.get_policy("bolt", scope=scope)),
    "ledger.balance": Call(lambda m, _, scope: m.ledger.balance(BALANCE, scope=scope)),
    "ledger.find_funds": Call(lambda m, _, scope: m.ledger.find_funds(BALANCE, scope=scope)),
    "ledger.page_entries": Call(lambda m, _, scope: m.ledger.page_entries(scope=scope)),
    "ledger.trial_balance": Call(lambda m, _, scope: m.ledger.trial_balance(scope=scope)),
    "offers.explain": Call(lambda m, _, scope: m.offers.explain("bolt-lamp", scope=scope)),
    "offers.find_freshness": Call(lambda m, _, scope: m.offers.find_freshness("bolt-lamp", scope=scope)),
    "onboarding.allowed": Call(lambda m, _, scope: m.onboarding.allowed("bolt", scope=scope)),
    "onboarding.find_missing": Call(lambda m, _, scope: m.onboarding.find_missing("bolt", "approve", scope=scope)),
    "onboarding.find_profile": Call(lambda m, _, scope: m.onboarding.find_profile("bolt", scope=scope)),
    "orders.find_list": Call(lambda m, _, scope: m.orders.find_list(OrderDirection.INCOMING, scope=scope)),
    "orders.export": Call(lambda m, _, scope: m.orders.export(lambda _: None, scope=scope), ordered),
    "orders.preview_cancel": Call(lambda m, given, scope: m.orders.preview_cancel(given, scope=scope), ordered),
    "shipments.expected": Call(lambda m, given, scope: m.shipments.expected(given, scope=scope), ordered),
    "orders.allowed": Call(lambda m, given, scope: m.orders.allowed(given, scope=scope), ordered),
    "orders.allowed_answers": Call(lambda m, given, scope: m.orders.allowed_answers(given, scope=scope), waiting),
    "orders.get_merchant_order": Call(lambda m, given, scope: m.orders.get_merchant_order(given, scope=scope), ordered),
    "orders.page_merchant_order_history": Call(
        lambda m, given, scope: m.orders.page_merchant_order_history(given, scope=scope), ordered
    ),
    "parties.get_membership": Call(lambda m, _, scope: m.parties.get_membership("bolt", scope=scope)),
    "parties.get_merchant": Call(lambda m, _, scope: m.parties.get_merchant("bolt", scope=scope)),
    "prices.find_assignments": Call(lambda m, _, scope: m.prices.find_assignments("bolt-lamp", scope=scope)),
    "prices.get_schedule": Call(
        lambda m, given, scope: m.prices.get_schedule(given.id, scope=scope),
        lambda m: m.prices.save_schedule(schedule(), scope=OPERATOR),
    ),
    "prices.lint": Call(lambda m, _, scope: m.prices.lint(scope=scope)),
    "promotions.lint": Call(lambda m, _, scope: m.promotions.lint(scope=scope)),
    "storefront.get": Call(lambda m, _, scope: m.storefront.get("lamp", scope=scope)),
    "storefront.page": Call(lambda m, _, scope: m.storefront.page(scope=scope)),
    "storefront.page_of_seller": Call(lambda m, _, scope: m.storefront.page_of_seller(SHOP, scope=scope)),
    "storefront.view_of_seller": Call(lambda m, _, scope: m.storefront.view_of_seller("lamp", SHOP, scope=scope)),
}
"""By use case; every one reads what is bolt's, or everybody's."""
