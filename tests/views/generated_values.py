"""Values of every type that has a view, drawn field by field, and the parties that look at them."""

from collections.abc import Iterator, Mapping
from datetime import UTC, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any

import attrs
from hypothesis import assume
from hypothesis import strategies as st

from mktcore.access.permissions import ROLES, Role
from mktcore.access.user import USERS, User
from mktcore.catalog import CATEGORIES, PRODUCTS, SKUS, Category, Product, Sku
from mktcore.catalog.assortment import CATALOG_ASSIGNMENTS, CATALOGS, Catalog, CatalogAssignment
from mktcore.catalog.inherited_goods import GoodsNature
from mktcore.catalog.order_choices import SPECS, Spec
from mktcore.catalog.revision import REVISIONS, Revision
from mktcore.commissions import Commission, CommissionRule
from mktcore.commissions.commission_rule import COMMISSION_RULES
from mktcore.delivery.shipping_fee import SHIPPING_FEES, ShippingFee
from mktcore.explain import Explanation
from mktcore.extra import Extra
from mktcore.forwarded_orders import FORWARDED_ORDERS, ForwardedOrder
from mktcore.ledger import Account, Funds, Hold, Leg, PostedTransaction, Transaction
from mktcore.ledger.entry import Entry
from mktcore.ledger.funds import Shortfall
from mktcore.ledger.trial_balance import TrialBalance, TrialRow
from mktcore.loading.record_writer import LoadReport
from mktcore.merchant_items.item_policy import ITEM_POLICIES, ItemPolicy
from mktcore.merchant_items.life import Reception
from mktcore.merchant_items.merchant_item import MERCHANT_ITEMS, ReceivedItem
from mktcore.merchant_items.use_cases.row_outcomes import ItemOutcome
from mktcore.money import Money
from mktcore.notice import Notice
from mktcore.offers import BuyBox, OfferCandidate
from mktcore.offers.merchant_closure import CLOSURES, Closure
from mktcore.offers.offer import OFFERS, Offer
from mktcore.offers.refresh import RefreshReport
from mktcore.offers.refresh.last_answer import FRESHNESS, Freshness
from mktcore.offers.refresh.use_cases.notifications import NotBound, NotedItem
from mktcore.order_notes import ORDER_NOTES, OrderNote
from mktcore.orders.history import ORDER_STEPS, OrderStep
from mktcore.orders.merchant_order import MERCHANT_ORDERS, MerchantOrder
from mktcore.orders.order import MARKETPLACE_ORDERS, MarketplaceOrder, Order
from mktcore.orders.price_approvals.price_approval import PRICE_APPROVALS, PriceApproval
from mktcore.orders.reviews import ORDER_REVIEWS, OrderReview
from mktcore.orders.shipments import SHIPMENTS, Shipment
from mktcore.parties.agreements.agreement import AGREEMENTS, Agreement
from mktcore.parties.onboarding.invitation import INVITATIONS, Invitation
from mktcore.parties.onboarding.membership import MEMBERSHIPS, Membership
from mktcore.parties.onboarding.use_cases.merchant_memberships import MembershipOutcome
from mktcore.parties.organisations.buyer import BUYERS, Buyer
from mktcore.parties.organisations.legal_profile import PROFILES, MerchantProfile
from mktcore.parties.organisations.merchant import MERCHANTS, Merchant
from mktcore.parties.relations.relation import RELATIONS, Relation
from mktcore.parties.selling_rights.rights import SELLING_RIGHTS, SellingRights
from mktcore.persistence import Kind, Party, Scope
from mktcore.pricing.assignment import ASSIGNMENTS, Assignment
from mktcore.pricing.price_divergence import DIVERGENCE_RULES, Direction, DivergenceBand, DivergenceRule, OnDivergence
from mktcore.pricing.price_schedule import PRICE_SCHEDULES, PriceSchedule
from mktcore.promotions.promotion import PROMOTIONS, Promotion
from mktcore.sales_context import SalesContext
from mktcore.stock import StockLevel
from mktcore.storefront import StorefrontEntry
from mktcore.taxes.tax_rule import TAX_RULES, TaxRule
from wire.strategies_of_types import TEXT, instances_of, values_of

__all__ = ["ANSWERS", "BOOKS", "LOOKERS", "RECORDS", "entries", "list_leaves", "orders", "records_of"]

RECORDS: Mapping[type, Kind[Any]] = {
    MarketplaceOrder: MARKETPLACE_ORDERS,
    MerchantOrder: MERCHANT_ORDERS,
    OrderStep: ORDER_STEPS,
    OrderNote: ORDER_NOTES,
    OrderReview: ORDER_REVIEWS,
    PriceApproval: PRICE_APPROVALS,
    Shipment: SHIPMENTS,
    ForwardedOrder: FORWARDED_ORDERS,
    Offer: OFFERS,
    PriceSchedule: PRICE_SCHEDULES,
    Promotion: PROMOTIONS,
    Merchant: MERCHANTS,
    Buyer: BUYERS,
    User: USERS,
    Agreement: AGREEMENTS,
    ReceivedItem: MERCHANT_ITEMS,
    Sku: SKUS,
    Product: PRODUCTS,
    Category: CATEGORIES,
    Membership: MEMBERSHIPS,
    Invitation: INVITATIONS,
    MerchantProfile: PROFILES,
    Relation: RELATIONS,
    SellingRights: SELLING_RIGHTS,
    Role: ROLES,
    ItemPolicy: ITEM_POLICIES,
    Freshness: FRESHNESS,
    Closure: CLOSURES,
    Assignment: ASSIGNMENTS,
    TaxRule: TAX_RULES,
    ShippingFee: SHIPPING_FEES,
    CommissionRule: COMMISSION_RULES,
    DivergenceRule: DIVERGENCE_RULES,
    Spec: SPECS,
    Catalog: CATALOGS,
    CatalogAssignment: CATALOG_ASSIGNMENTS,
    Revision: REVISIONS,
}
"""Every kind of record that has a view."""


def _draw_items() -> st.SearchStrategy[Any]:
    return records_of(ReceivedItem)


def _draw_memberships() -> st.SearchStrategy[Any]:
    return records_of(Membership)


ANSWERS: Mapping[type, st.SearchStrategy[Any]] = {
    StockLevel: instances_of(StockLevel).map(lambda level: attrs.evolve(level, merchant="acme")),
    Explanation: values_of(Explanation),
    Notice: st.builds(
        Notice,
        st.sampled_from(["out-of-stock", "x"]),
        st.text(),
        st.text(),
        operands=values_of(object).map(lambda value: {"a": value, "b": Money.of("1.00", "EUR")}),
    ),
    LoadReport: st.builds(LoadReport, *[st.dictionaries(st.text(max_size=3), st.integers(0, 9))] * 3),
    RefreshReport: instances_of(RefreshReport),
    NotedItem: instances_of(NotedItem),
    NotBound: instances_of(NotBound),
    ItemOutcome: st.builds(
        ItemOutcome,
        TEXT,
        st.none() | st.deferred(_draw_items),
        st.none() | st.sampled_from(Reception),
        problems=st.lists(st.builds(Notice, TEXT, TEXT, TEXT), max_size=2).map(tuple),
    ),
    MembershipOutcome: st.builds(MembershipOutcome, st.deferred(_draw_memberships)),
    Commission: instances_of(Commission),
}
"""What has a view and is no record."""
_ACCOUNTS = st.sampled_from(
    [Account("merchant:acme", "available", "EUR"), Account("merchant:bolt", "available", "EUR")]
)
_ACME, _BOLT = Account("merchant:acme", "available", "EUR"), Account("merchant:bolt", "available", "EUR")
_EUROS = st.integers(1, 10**9).map(lambda minor: Money.from_minor(minor, "EUR"))
_INSTANTS = st.datetimes(timezones=st.just(UTC))
BOOKS: Mapping[type, st.SearchStrategy[Any]] = {
    Funds: st.builds(Funds, _ACCOUNTS, _EUROS, _EUROS, st.none() | _EUROS),
    Shortfall: st.builds(Shortfall, _ACCOUNTS, _EUROS, _EUROS),
    Hold: st.builds(
        lambda amount, until: Hold("h1", _ACME, _BOLT, amount, expires_at=until), _EUROS, st.none() | _INSTANTS
    ),
    Entry: st.builds(
        Entry,
        st.just("t1/0"),
        _ACCOUNTS,
        _EUROS,
        kind=TEXT,
        cause=TEXT,
        effective_at=_INSTANTS,
        posted_at=_INSTANTS,
    ),
    PostedTransaction: st.builds(
        lambda amount, at: PostedTransaction(
            Transaction(
                "t1", "sale", [Leg.debit(_ACME, amount), Leg.credit(_BOLT, amount)], effective_at=at, cause="o1"
            ),
            at,
        ),
        _EUROS,
        _INSTANTS,
    ),
    TrialBalance: st.builds(
        lambda balance: TrialBalance((TrialRow("available", balance, Money.zero("EUR"), balance),)), _EUROS
    ),
}
"""What is read of the books: of acme's account, of bolt's, or of both."""
LOOKERS: tuple[Scope, ...] = (
    Scope.operator(),
    Scope(Party.OPERATOR, user="rita", permissions=frozenset({"orders.read"})),
    Scope.merchant("acme"),
    Scope(Party.MERCHANT, "acme", "mia", permissions=frozenset({"orders.read"})),
    Scope.merchant("bolt"),
    Scope.buyer("b1"),
    Scope(Party.BUYER, "b1", "ben", permissions=frozenset({"orders.read"})),
    Scope.buyer("b2"),
    attrs.evolve(Scope.buyer("b1").to_operator()),
)
"""All who may look: each party as itself and by a user without the right to see figures, its owner and others."""
_OWNERS = {"merchant": "acme", "buyer": "b1", "owner": "acme"}


HIDDEN = Extra({"team": "lens-lovers"}, operator={"watched": "since-march"}, merchant={"costs": "too-much-to-tell"})
SECRET = Extra({"team": "lens-lovers"}, operator={"watched": "since-march"})


_BANDS = st.builds(
    DivergenceBand,
    st.sampled_from(Direction),
    st.just(Decimal(0)),
    st.sampled_from([None, Decimal("0.05")]),
    action=st.just(OnDivergence.TASK),
    approvers=st.just(("ann",)),
)
_BY_HAND: Mapping[type, st.SearchStrategy[Any]] = {
    # Bands that exclude each other: of those that are drawn field by field hardly any do not overlap.
    DivergenceRule: st.builds(
        DivergenceRule, st.just("acme"), st.lists(_BANDS, max_size=1), answer_within=st.just(timedelta(days=2))
    ),
}


@cache
def _draw_any(cls: type) -> st.SearchStrategy[Any]:
    return _BY_HAND[cls] if cls in _BY_HAND else instances_of(cls)


@st.composite
def records_of(draw: st.DrawFn, cls: type) -> Any:
    """Draw records of a class that are acme's and b1's, as far as they are anybody's."""
    value = draw(_draw_any(cls))
    if cls is User:
        return draw(
            st.sampled_from(
                [
                    User("u1", Party.MERCHANT, "acme", name="Mia"),
                    User("u2", Party.OPERATOR),
                    User("u3", Party.BUYER, "b1", roles=["buyer"], extra=SECRET),
                ]
            )
        )
    if cls is Merchant or cls is Buyer:
        return attrs.evolve(value, id="acme" if cls is Merchant else "b1")
    if cls is MerchantOrder:
        # Nobody orders less than a piece, and how much goods a line is follows from its pieces.
        lines = [attrs.evolve(line, quantity=max(abs(line.quantity), 1)) for line in value.lines]
        value = attrs.evolve(value, lines=tuple(lines))
    if cls is OrderStep:
        assume(value.moves)  # there is always one
        told = attrs.evolve(value.moves[0], by=Scope.operator(user="operators-rita"), why="what-rita-thinks")
        value = attrs.evolve(value, moves=(told, *value.moves[1:]))
    if cls is ReceivedItem and value.decision is not None:
        value = attrs.evolve(value, decision=attrs.evolve(value.decision, by=Scope.operator(user="operators-rita")))
    if cls in {Membership, MerchantProfile, DivergenceRule}:
        return attrs.evolve(value, id="acme")
    if cls is Assignment:
        return attrs.evolve(value, merchant="acme")  # of what else it names, each excludes others
    if cls is TaxRule:
        return value  # whose rate it is, not whose record
    owners = {name: owner for name, owner in _OWNERS.items() if name in attrs.fields_dict(cls)}
    is_operators = "owner" in owners and getattr(value, "owner", None) is None
    return value if is_operators or cls is Promotion else attrs.evolve(value, **owners)


@st.composite
def orders(draw: st.DrawFn) -> Order:
    """Draw whole orders of b1 with parts of acme."""
    parts = draw(st.lists(records_of(MerchantOrder), max_size=2))
    return Order(draw(records_of(MarketplaceOrder)), tuple(parts))


@st.composite
def entries(draw: st.DrawFn) -> StorefrontEntry:
    """Draw entries of a storefront for b1, with offers of acme that hold the host's data for it."""
    sku = Sku("lamp", "Reading lamp", attributes={"colour": "red"})
    candidates = [
        OfferCandidate(
            Offer(f"o{number}", draw(st.sampled_from(["acme", "bolt"])), "lamp", schedule="p", extra=HIDDEN),
            None,
            draw(st.integers(0, 3)),
            1,
            is_valid=True,
            unpriced=draw(st.none() | ANSWERS[Notice]),
            refusals=tuple(draw(st.lists(ANSWERS[Notice], max_size=2))),
        )
        for number in range(draw(st.integers(1, 3)))
    ]
    nature = GoodsNature("photo", "Orlik", {"colour": "red"}, ("all",))
    return StorefrontEntry(sku, nature, BuyBox(None, tuple(candidates)), context=SalesContext("b1", user="ben"))


def list_leaves(value: object) -> Iterator[str]:
    """Yield every text in a value, at whatever depth, but words of ours: a state in one part is a key in another."""
    kind: Any = type(value)
    match value:
        case Enum():
            return
        case str():
            yield str(value)
        case Extra():
            yield from list_leaves(value.to_plain())
        case Mapping():
            for key, one in value.items():
                yield from list_leaves(key)
                yield from list_leaves(one)
        case tuple() | list() | set() | frozenset():
            for one in value:
                yield from list_leaves(one)
        case _ if attrs.has(kind):
            for field in attrs.fields(kind):
                yield from list_leaves(getattr(value, field.name))
