"""A market in which every stored kind is told by something else, on any store: what corruptions are made in."""

import atexit
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import attrs

from mktcore.carts import Cart, CartLine
from mktcore.catalog import Category, Sku
from mktcore.commissions import CommissionRule, Tier, TierBy, Tiers
from mktcore.ledger import Account, Hold, Leg, Transaction
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.offers import Closure, Offer
from mktcore.offers.price_guards import PriceGuard, Reference
from mktcore.offers.stock_terms import OfferPart, StockTerms
from mktcore.order_thresholds import OrderThreshold
from mktcore.orders import MARKETPLACE_ORDERS, MERCHANT_ORDERS
from mktcore.orders.actions import Deliver
from mktcore.orders.parcel import Parcel
from mktcore.periods import Period
from mktcore.persistence import Scope
from mktcore.pricing import PriceBreak, PriceSchedule
from mktcore.promotions import PercentOff, Promotion
from mktcore.promotions.conditions import WithPoolCode
from mktcore.status_updates import StatusUpdate
from mktcore.storefront.search_engine_listing import Listing
from mktcore.taxes import BuyerStatus, BuyerTax
from mktcore.testing.fakes import CountingIds, ManualClock
from mktcore.totals.thresholds import ThresholdKind
from stored.write_release import OPERATOR, START, Answers, write_market

__all__ = ["open_copy", "open_corrupted"]

CLEARING = Account("operator", "clearing", "EUR")
PREPAID, FUNDS = Account("buyer:buyer-1", "prepaid", "EUR"), Account("buyer:buyer-1", "order_funds", "EUR")


class Nowhere:
    """A search engine that keeps nothing: what a projection notes for itself is looked at."""

    def put(self, listings: Sequence[Listing]) -> None:
        """Keep none of them."""

    def remove(self, skus: Sequence[str]) -> None:
        """Know none of them."""

    def clear(self) -> None:
        """Have nothing to forget."""


@contextmanager
def open_corrupted(url: str) -> Iterator[Marketplace]:
    """Open a market that has lived for some weeks, with commission by volume, and holds in its books."""
    clock = ManualClock(START)
    with Marketplace.open(url, "EUR", clock=clock, ids=CountingIds(), merchant_gateway=Answers(clock)) as market:
        market.store.subscriptions.subscribe("mail")  # type: ignore[attr-defined]  # of the stores that ship
        bands = [Tier(Money.of(start, "EUR"), Decimal(rate)) for start, rate in ((0, "0.02"), (900, "0.01"))]
        rule = CommissionRule("by-volume", Tiers(bands, by=TierBy.VOLUME), group="volume", merchant="bolt")
        market.commissions.save_rule(rule, scope=OPERATOR)
        write_market(market, clock)
        _hold_some(market)
        _sell_made_goods(market)
        _rule_by_buyer(market)
        _hold_prices(market)
        _send_feeds(market)
        _run_orders(market)
        _answer_whole(market)
        sink = Nowhere()
        later = Period(START + timedelta(days=100), START + timedelta(days=101))
        market.offers.close(Closure("later", "acme", later), scope=Scope.merchant("acme"))
        market.storefront.project("search", sink, market.store.subscriptions).rebuild()  # type: ignore[attr-defined]  # of the stores that ship
        yield market


@contextmanager
def open_copy(folder: Path) -> Iterator[Marketplace]:
    """Open on SQLite a copy of a market that has lived so, as living takes most of a test."""
    lived, until = _live_once()
    shutil.copyfile(lived, folder / "market.db")
    with Marketplace.open(f"sqlite:///{folder / 'market.db'}", "EUR", clock=ManualClock(until)) as market:
        yield market


@cache
def _live_once() -> tuple[Path, datetime]:
    folder = Path(tempfile.mkdtemp(prefix="mktcore-lived-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with open_corrupted(f"sqlite:///{folder / 'market.db'}") as market:
        until = market.clock.now()
    return folder / "market.db", until


def _sell_made_goods(market: Marketplace) -> None:
    """Sell a kit, a gift card that is made when it is paid for, and by a code that works once."""
    tag, acme = Money.of("60.00", "EUR"), Scope.merchant("acme")
    for name, stock in (
        ("gift", StockTerms(counted=False, issued=True)),
        ("set", StockTerms(parts=[OfferPart("acme-camera", 1)])),
    ):
        market.catalog.save_sku(Sku(name, name.title()), scope=OPERATOR)
        market.prices.save_schedule(PriceSchedule(f"acme-{name}", "acme", [PriceBreak(1, tag)]), scope=acme)
        market.offers.save(Offer(f"acme-{name}", "acme", name, schedule=f"acme-{name}", stock=stock), scope=acme)
    market.stock.count("acme-camera", 50, scope=acme)
    once = Promotion("spring", PercentOff(Decimal("0.10")), condition=WithPoolCode("spring"))
    market.promotions.save(once, scope=OPERATOR)
    lines = [CartLine("l1", "gift", 2), CartLine("l2", "set", 1)]
    cart = Cart.of("made", buyer="buyer-2", lines=lines, codes=["SPRING-1"])
    market.place(cart, key="place-made", scope=Scope.buyer("buyer-2"))


def _rule_by_buyer(market: Marketplace) -> None:
    least = OrderThreshold(
        "least", ThresholdKind.HARD_MINIMUM, Money.of("5.00", "EUR"), merchant="bolt", buyer="buyer-1"
    )
    market.order_thresholds.save(least, scope=OPERATOR)
    market.taxes.save_buyer(BuyerTax("buyer-1", BuyerStatus.COMPANY, number="DE136695976"), scope=OPERATOR)
    rooms = market.catalog.save_category(Category("rooms", "Rooms", parent="photo"), scope=OPERATOR)
    market.catalog.save_category(attrs.evolve(rooms, parent="lamps"), scope=OPERATOR)


def _hold_prices(market: Marketplace) -> None:
    """Let one price wait, and one be denied."""
    acme, third = Scope.merchant("acme"), Decimal("0.3")
    guard = PriceGuard("third", Reference.PREVIOUS, below=third, above=third, merchant="acme")
    market.offers.guards.save(guard, scope=OPERATOR)
    for name in ("acme-gift", "acme-set"):
        known = market.prices.get_schedule(name, scope=acme)
        market.prices.save_schedule(attrs.evolve(known, breaks=[PriceBreak(1, Money.of("6.00", "EUR"))]), scope=acme)
    market.offers.held_prices.deny("schedule:acme-set", scope=OPERATOR, reason="a slip")


def _send_feeds(market: Marketplace) -> None:
    """Let one feed be gone through, and one wait."""
    row = {"offer": "acme-gift", "sku": "gift", "price": "61.00"}
    for key in ("feed-1", "feed-2"):
        market.feeds.accept("acme", [row, {**row, "price": "none"}], key=key, scope=Scope.merchant("acme"))
        if key == "feed-1":
            market.feeds.work()


def _run_orders(market: Marketplace) -> None:
    """Ship in parcels, report, note and hold an order, as people and their systems do from day to day."""
    bolt, buyer = Scope.merchant("bolt"), Scope.buyer("buyer-1")
    lines = [CartLine("l1", "tripod", 6, offer="bolt-tripod")]
    whole = market.place(Cart.of("run", buyer="buyer-1", lines=lines), key="place-run", scope=buyer)
    part = whole.merchant_orders[0].id
    parcels = [Parcel("1", holds={"l1": 1}), Parcel("2", holds={"l1": 1})]
    shipments = market.shipments
    sent = shipments.ship(part, {"l1": 2}, key="parcels", scope=bolt, parcels=parcels, carrier="DHL", tracking="T-1")
    shipments.fire(sent.id, Deliver(parcel="1"), key="arrived", scope=bolt)
    shipments.track(sent.id, key="tracked", scope=bolt, tracking="T-2")
    updates = [StatusUpdate("row-1", part, "ship", lines={"l1": 1}), StatusUpdate("row-2", part, "fly")]
    market.orders.update_statuses(updates, scope=bolt)
    market.orders.cancel(whole.id, {"l1": 1}, key="cancel-run", scope=OPERATOR)
    offers = {"l1": "acme-camera"}
    market.stock.count("acme-camera", 9, scope=OPERATOR)
    market.forwarded_orders.forward(part, "acme", {"l1": 1}, key="forward", scope=bolt, offers=offers)
    market.orders.add_note(part, "call first", key="note-1", scope=bolt)
    market.orders.add_note(whole.id, "known", key="note-2", scope=OPERATOR, is_shared=False)
    market.orders.hold(whole.id, "address", scope=OPERATOR, text="no such street")
    market.orders.release(whole.id, "address", scope=OPERATOR, text="a new street")
    market.orders.hold(whole.id, "fraud", scope=OPERATOR)


def _answer_whole(market: Marketplace) -> None:
    """Answer keys as earlier releases did, whose orders' steps do not tell all that they went through."""
    bolt, lines = Scope.merchant("bolt"), [CartLine("l1", "tripod", 3, offer="bolt-tripod")]
    order = market.place(Cart.of("whole", buyer="buyer-1", lines=lines), key="place-whole", scope=OPERATOR)
    with market.store.begin(OPERATOR) as unit:
        wholes, parts = unit.repository(MARKETPLACE_ORDERS), unit.repository(MERCHANT_ORDERS)
        wholes.save(attrs.evolve(wholes.get(order.id), told_by_steps=False))
        parts.save(attrs.evolve(parts.get(f"{order.id}--bolt"), told_by_steps=False))
        unit.commit()
    market.fire(f"{order.id}--bolt", "ship", key="whole-1", scope=bolt, lines={"l1": 1})
    market.orders.cancel(order.id, {"l1": 1}, key="whole-2", scope=OPERATOR)


def _hold_some(market: Marketplace) -> None:
    books = market.ledger
    paid_in = _move("prepaid-1", "prepayment", CLEARING, credit=PREPAID)
    books.post(paid_in, scope=OPERATOR)
    for name in ("live", "settled", "voided"):
        books.hold(Hold(f"hold-{name}", PREPAID, FUNDS, amount=Money.of("5.00", "EUR")), scope=OPERATOR)
    books.settle("hold-settled", _move("used-1", "use", PREPAID, credit=FUNDS, linked=["prepaid-1"]), scope=OPERATOR)
    books.void("hold-voided", scope=OPERATOR)


def _move(key: str, kind: str, debit: Account, *, credit: Account, linked: list[str] | None = None) -> Transaction:
    amount = Money.of("50.00" if kind == "prepayment" else "4.00", "EUR")
    legs = [Leg.debit(debit, amount), Leg.credit(credit, amount)]
    return Transaction(key, kind, legs, effective_at=START, cause=key, linked=linked or ())
