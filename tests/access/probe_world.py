"""A market in which everybody has something of each kind: Acme and Ann, Bolt and Bob, and the operator."""

import copy
from datetime import timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import attrs

from markets import LAMPS, NOON
from mktcore.access import User
from mktcore.adapters.memory import MemoryStore
from mktcore.carts import Cart, CartLine
from mktcore.catalog import Catalog, Category, Choice, Product, Sku, Spec
from mktcore.channels import Channel
from mktcore.commissions import CommissionRule
from mktcore.commissions.fee_terms import Percentage
from mktcore.delivery import DeliveryMethod, DeliveryRate, ShippingFee
from mktcore.ledger import Account, Hold, Leg, Transaction
from mktcore.marketplace import Marketplace
from mktcore.merchant_items import MerchantItem
from mktcore.money import Currency, Money
from mktcore.offers import Offer
from mktcore.offers.merchant_closure import Closure
from mktcore.offers.price_guards import PriceGuard, Reference
from mktcore.order_thresholds import OrderThreshold
from mktcore.parties import Agreement, Buyer, Merchant
from mktcore.parties.organisations.legal_profile import MerchantProfile
from mktcore.payments import PaymentMethod
from mktcore.periods import Period
from mktcore.persistence import Party, Scope
from mktcore.ports import KINDS
from mktcore.pricing import Assignment, DivergenceRule, PriceBreak, PriceSchedule
from mktcore.promotions import PercentOff, Promotion
from mktcore.taxes import BuyerStatus, BuyerTax, TaxRule
from mktcore.testing.fakes import CountingIds, ManualClock
from mktcore.totals.thresholds import ThresholdKind
from persistence.memory_copies import copy_store

TEN = PercentOff(Decimal("0.10"))
CLOSED = Period(NOON + timedelta(days=1), NOON + timedelta(days=2))


def make_schedule(name: str, owner: str | None, version: int = 0) -> PriceSchedule:
    return PriceSchedule(name, owner, [PriceBreak(1, Money.of("9.00", "EUR"))], version=version)


def make_account(owner: str, name: str) -> Account:
    return Account(f"merchant:{owner}", name, "EUR")


CLEARING = Account(Account.OPERATOR, "clearing", "EUR")


def make_posting(key: str) -> Transaction:
    theirs, amount = make_account("bolt", "available"), Money.of("5.00", "EUR")
    legs = [Leg.debit(CLEARING, amount), Leg.credit(theirs, amount)]
    return Transaction(key, "adjust", legs, effective_at=NOON, cause="order-2")


def make_threshold(name: str, version: int = 0) -> OrderThreshold:
    return OrderThreshold(name, ThresholdKind.HARD_MAXIMUM, Money.of("9999.00", "EUR"), version=version)


def make_method(name: str, version: int = 0) -> DeliveryMethod:
    return DeliveryMethod(name, "Van", "bolt", rates=[DeliveryRate(Money.of("1.00", "EUR"))], version=version)


def make_channel(name: str, version: int = 0) -> Channel:
    return Channel(name, "Web", Currency.of("EUR"), version=version)


def make_hold(name: str) -> Hold:
    return Hold(name, make_account("bolt", "available"), CLEARING, amount=Money.of("1.00", "EUR"))


def make_cart(
    buyer: str, sku: str = "lamp", *, cart: str = "c1", offer: str | None = None, user: str | None = None
) -> Cart:
    return Cart.of(cart, buyer=buyer, lines=[CartLine("l1", sku, 1, offer=offer)], user=user)


def open_world() -> Marketplace:
    """Open a copy of a filled market in memory; what is Bolt's is private: only Bob can order from it."""
    store, ids = _fill_world()
    return Marketplace(copy_store(store), "EUR", clock=ManualClock(NOON), ids=copy.deepcopy(ids))


@cache
def _fill_world() -> tuple[MemoryStore, CountingIds]:
    store, ids = MemoryStore(KINDS), CountingIds()
    market = Marketplace(store, "EUR", clock=ManualClock(NOON), ids=ids)
    with TemporaryDirectory() as folder:
        for name, text in LAMPS.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        market.load(folder)
    fill_parties(market)
    for owner, mark in (("acme", "own"), ("bolt", "their"), (None, "operators")):
        fill_goods(market, owner, mark)
    for owner, mark in (("acme", "own"), ("bolt", "their")):
        fill_merchant(market, owner, mark)
    # A price that is one user's alone: who names that user must not get it.
    alone = Assignment("alone", "lamp", "own-schedule", merchant="acme", user="bob-user")
    market.prices.assign(alone, scope=market.as_operator())
    for buyer, offer in (("ann", "acme-lamp"), ("bob", "bolt-lamp")):
        market.place(make_cart(buyer, offer=offer), key="k1", scope=market.as_buyer(buyer))
    market.ledger.post(make_posting("their-posting"), scope=market.as_operator())
    market.ledger.hold(make_hold("their-hold"), scope=market.as_operator())
    market.commissions.save_rule(CommissionRule("some-rule", Percentage(Decimal("0.10"))), scope=market.as_operator())
    market.taxes.save(TaxRule("some-tax", "books", "VAT", rate=Decimal("0.07")), scope=market.as_operator())
    market.taxes.save_buyer(BuyerTax("bob", BuyerStatus.EXEMPT, number="7"), scope=market.as_operator())
    market.delivery_methods.save(make_method("van"), scope=market.as_operator())
    market.payment_methods.save(PaymentMethod("card", "Card"), scope=market.as_operator())
    market.channels.save(make_channel("web"), scope=market.as_operator())
    market.order_thresholds.save(make_threshold("max"), scope=market.as_operator())
    guard = PriceGuard("some-guard", Reference.PREVIOUS, above=Decimal(0), merchant="bolt")
    market.offers.guards.save(guard, scope=market.as_operator())
    dearer = attrs.evolve(make_schedule("their-schedule", "bolt", 1), breaks=[PriceBreak(1, Money.of("99.00", "EUR"))])
    market.prices.save_schedule(dearer, scope=market.as_merchant("bolt"))
    market.shipping_fees.save(ShippingFee("bolt", Money.of("1.00", "EUR")), scope=market.as_operator())
    market.catalog.save_category(Category("lamps", "Lamps"), scope=market.as_operator())
    for part in ("order-1--acme", "order-2--bolt"):
        market.orders.check_price(part, scope=market.as_operator())
    market.forwarded_orders.forward(
        "order-2--bolt", "acme", key="f1", scope=market.as_merchant("bolt"), offers={"l1": "acme-lamp"}
    )
    market.shipments.ship("order-2--bolt", key="s1", scope=market.as_merchant("bolt"), tracking="THEIRS")
    market.orders.add_note("order-2--bolt", "theirs", key="n1", scope=market.as_merchant("bolt"))
    market.orders.hold("order-2", "fraud", scope=market.as_operator())
    market.orders.release("order-2", "fraud", scope=market.as_operator())
    return store, ids


def find_scope(market: Marketplace, caller: str) -> Scope:
    """Return the scope of "acme", "ann", or a user of one of them ("acme-user", "ann-user")."""
    if caller.endswith("-user"):
        return market.as_user(caller)
    return market.as_merchant(caller) if caller == "acme" else market.access.see_related(market.as_buyer(caller))


def fill_parties(market: Marketplace) -> None:
    operator = market.as_operator()
    market.parties.change_membership("bolt", all_buyers_can_order=False, scope=operator)
    market.parties.relate("bob", "bolt", scope=operator)
    for buyer in ("ann", "bob"):
        market.parties.save_buyer(Buyer(buyer, buyer.title()), scope=operator)
    for name, party, owner in (
        ("acme-user", Party.MERCHANT, "acme"),
        ("bolt-user", Party.MERCHANT, "bolt"),
        ("ann-user", Party.BUYER, "ann"),
        ("bob-user", Party.BUYER, "bob"),
        ("rita", Party.OPERATOR, ""),
    ):
        role = {Party.MERCHANT: "merchant-admin", Party.BUYER: "buyer-admin", Party.OPERATOR: "operator-admin"}[party]
        market.access.save_user(User(name, party, owner, roles=[role]), scope=operator)
    expires = NOON + timedelta(days=9)
    market.onboarding.invite(Merchant("invited", "Invited"), "a@example.org", expires_at=expires, scope=operator)
    for merchant in ("acme", "bolt"):
        market.agreements.sign(Agreement(f"{merchant}-terms", merchant), scope=operator)
        market.onboarding.save_profile(MerchantProfile(merchant, merchant.title(), "DE"), scope=operator)


def fill_goods(market: Marketplace, owner: str | None, mark: str) -> None:
    operator = market.as_operator()
    market.catalog.save_spec(Spec(f"{mark}-spec", "Colour", [Choice("red")], owner=owner), scope=operator)
    market.catalog.save_product(Product(f"{mark}-product", "Thing", owner=owner), scope=operator)
    market.catalog.save_sku(Sku(f"{mark}-sku", "Thing", owner=owner), scope=operator)
    market.catalog.save_sku(Sku(f"{mark}-variant", "Thing", owner=owner, product=f"{mark}-product"), scope=operator)
    market.catalog.save_catalog(Catalog(f"{mark}-catalog", "Some", owner=owner), scope=operator)
    market.catalog.add_products(f"{mark}-catalog", [f"{mark}-product"], scope=operator)
    market.prices.save_schedule(make_schedule(f"{mark}-schedule", owner), scope=operator)
    market.pool_codes.add("spring", [f"{mark}-code"], owner=owner, scope=operator)
    given = Assignment(f"{mark}-assignment", "lamp", f"{mark}-schedule", merchant=owner, buyer="carl")
    market.prices.assign(given, scope=operator)
    market.promotions.save(Promotion(f"{mark}-promotion", TEN, owner, condition=None, valid=CLOSED), scope=operator)


def fill_merchant(market: Marketplace, owner: str, mark: str) -> None:
    operator = market.as_operator()
    offer = Offer(f"{mark}-offer", owner, f"{mark}-sku", schedule=f"{mark}-schedule")
    market.offers.save(offer, scope=operator)
    market.offers.close(Closure(f"{mark}-closure", owner, CLOSED), scope=operator)
    market.items.receive(MerchantItem(owner, f"{mark}-item", "Thing"), scope=operator)
    market.orders.save_divergence_rule(DivergenceRule(owner), scope=operator)
    market.feeds.accept(owner, [], key=f"{mark}-feed", scope=operator)
