"""Write the databases of a release: a rich market on SQLite and on PostgreSQL, as SQL text to keep.

    PYTHONPATH=src:tests python tests/stored/write_release.py [FOLDER]

Run it once, with the code of the release, in the commit that is released, and commit the two files that it writes:
`<version>.sqlite.sql.gz` and `<version>.postgresql.sql.gz` (`zcat` shows them). Never write those of an older release
again: what they hold is what its users have. `test_releases.py` opens every release that it finds here.

The market is loaded, negotiated, ordered from and half shipped, so that every kind of record is there in most of its
states, with time-outs that wait, refreshes that wait, are asked about and came to nothing, keys, and events of which
some were published.
"""

import gzip
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import attrs
import psycopg
from psycopg.sql import SQL, Literal

import mktcore
from mktcore.access import Role, User
from mktcore.carts import Cart, CartLine
from mktcore.catalog import Catalog, Category, Choice, Product, Sku, Spec
from mktcore.errors import MktcoreError
from mktcore.gateways import Declined, Succeeded, Unknown
from mktcore.marketplace import Marketplace
from mktcore.merchant_items import Bind, Deny, ItemPolicy, MerchantItem, Pend
from mktcore.money.amount import Money
from mktcore.offers import ChangedItem, Closure, ItemTerms, RefreshPolicy
from mktcore.offers.buybox.stored_rating import MerchantRating
from mktcore.offers.refresh.ports import ItemAnswer
from mktcore.parties import Agreement, Buyer, Identifier, Merchant, MerchantProfile, SellingRights
from mktcore.parties.agreements.agreement import CommissionTerms
from mktcore.parties.organisations.legal_profile import Document
from mktcore.periods import Period
from mktcore.persistence import Committing, Party, Repositories, Scope
from mktcore.pricing import ASSIGNMENTS, PRICE_SCHEDULES, Assignment, DivergenceRule, OnDivergence, PriceBreak
from mktcore.pricing.price_divergence import Direction, DivergenceBand
from mktcore.promotions import PROMOTIONS, AmountOff, Limits, PercentOff, Promotion, WithCode
from mktcore.testing.fakes import CountingIds, ManualClock
from persistence.opening import create_database

EXAMPLE = Path(__file__).parents[2] / "examples" / "market"
START = datetime(2026, 7, 1, 12, tzinfo=UTC)
OPERATOR = Scope.operator()
ACME, BOLT = Scope.merchant("acme"), Scope.merchant("bolt")


class Answers:
    """A gateway that knows three items, declines one and fails for every other."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock

    def fetch(self, merchant: str, items: Sequence[str], *, deadline: timedelta) -> Mapping[str, ItemAnswer]:
        del merchant, items, deadline
        known: dict[str, ItemAnswer] = {
            item: Succeeded(ItemTerms(item, self.clock.now(), Money.of("12.50", "EUR"), 7)) for item in ("A-1", "A-2")
        }
        return {"A-3": Declined("sold elsewhere"), "A-4": Unknown("maintenance"), **known}


def write_market(market: Marketplace, clock: ManualClock) -> None:
    """Let a market live for some weeks."""
    market.load(EXAMPLE)
    _fill_parties(market, clock)
    _fill_catalog(market)
    _fill_items(market, clock)
    _fill_prices(market)
    _fill_orders(market, clock)
    _publish_some(market, clock)


def _fill_parties(market: Marketplace, clock: ManualClock) -> None:
    access, parties, onboarding = market.access, market.parties, market.onboarding
    access.save_role(Role("packer", Party.MERCHANT, frozenset({"orders.read"})), scope=OPERATOR)
    for name, party, owner, roles in (
        ("olga", Party.OPERATOR, "", {"operator-support"}),
        ("adam", Party.MERCHANT, "acme", {"merchant-fulfilment", "packer"}),
        ("beth", Party.BUYER, "buyer-1", set[str]()),
    ):
        access.save_user(User(name, party, owner, roles=frozenset(roles)), scope=OPERATOR)
    parties.save_buyer(Buyer("buyer-1", "Buyer One"), scope=OPERATOR)
    parties.relate("buyer-1", "fern", scope=OPERATOR)
    parties.relate("buyer-2", "acme", scope=OPERATOR)
    parties.unrelate("buyer-2", "acme", scope=OPERATOR)
    for name in ("cozy", "dash", "ember"):
        invited = Merchant(name, name.title())
        letter = onboarding.invite(
            invited, f"{name}@example.org", expires_at=clock.now() + timedelta(days=9), scope=OPERATOR
        )
        if name != "cozy":
            onboarding.accept(letter.id, user=f"{name}-admin", name=name.title())
    vat = Identifier.parse("vat", "DE136695976")
    paper = Document("register", "Extract", "s3://papers/ember.pdf", at=clock.now())
    onboarding.save_profile(
        MerchantProfile("ember", "Ember GmbH", "DE", identifiers=[vat], documents=[paper]), scope=OPERATOR
    )
    onboarding.answer_requirement("ember", "terms", "attested", scope=Scope.merchant("ember"))
    onboarding.move("ember", "ask for review", scope=Scope.merchant("ember"))
    onboarding.move("tinker", "block", scope=OPERATOR, reason="late")
    market.agreements.sign(
        Agreement("a1", "acme", Period(START), commission=CommissionTerms(Decimal("0.12"), {"books": Decimal("0.15")})),
        scope=OPERATOR,
    )
    market.agreements.sign(Agreement("a2", "acme", Period(START + timedelta(days=60))), scope=OPERATOR)
    parties.save_selling_rights(SellingRights("grinder", default_merchant="kettle"), scope=OPERATOR)
    market.offers.close(
        Closure("summer", "fern", Period(START, START + timedelta(days=9))), scope=Scope.merchant("fern")
    )
    market.offers.rate([MerchantRating("acme", Decimal(90))], scope=OPERATOR)


def _fill_catalog(market: Marketplace) -> None:
    catalog = market.catalog
    catalog.save_category(Category("photo", "Photo"), scope=OPERATOR)
    catalog.save_category(Category("lamps", "Lamps", parent="photo"), scope=OPERATOR, note="lights")
    product = catalog.save_product(Product("studio", "Studio set", category="photo"), scope=OPERATOR)
    catalog.save_product(attrs.evolve(product, name="Studio light set"), scope=OPERATOR, note="clearer")
    catalog.save_product(Product("mug", "Mug", "acme"), scope=ACME)
    catalog.save_sku(Sku("studio-2", "Studio set of 2", "Lumen", product="studio"), scope=OPERATOR)
    catalog.save_spec(Spec("colour", "Colour", [Choice("red", "Red")]), scope=OPERATOR)
    catalog.save_catalog(Catalog("trade", "Trade"), scope=OPERATOR)
    catalog.add_products("trade", ["studio"], scope=OPERATOR)
    catalog.assign("trade", buyer="buyer-1", scope=OPERATOR)


def _fill_items(market: Marketplace, clock: ManualClock) -> None:
    items = market.items
    items.save_policy(ItemPolicy("acme", approve=90), scope=OPERATOR)
    for number in range(1, 10):
        item = MerchantItem("acme", f"A-{number}", f"Lamp {number}", brand="Lumen", price=Money.of("12.00", "EUR"))
        found = items.receive(item, scope=ACME)
        market.catalog.save_sku(Sku(f"lamp-{number}", f"Lamp {number}", "Lumen"), scope=OPERATOR)
        if number <= 6:
            found = items.decide(found.id, Bind(f"lamp-{number}"), version=found.version, scope=OPERATOR)
        if number == 6:
            items.unbind(found.id, version=found.version, scope=OPERATOR, reason="another lamp")
        if number == 7:
            items.decide(found.id, Deny("no lamps"), version=found.version, scope=OPERATOR)
        if number == 8:
            items.decide(found.id, Pend("which one?"), version=found.version, scope=OPERATOR)
    items.receive(MerchantItem("bolt", "B-1", "Cable"), scope=BOLT)
    items.remove("bolt", "B-1", scope=BOLT)
    market.offers.notify("acme", [ChangedItem(f"A-{number}") for number in range(1, 5)], scope=ACME)
    market.offers.refresh(limit=10)
    clock.advance(timedelta(seconds=5))
    market.offers.notify("acme", [ChangedItem("A-5"), ChangedItem("A-2")], scope=ACME)


def _fill_prices(market: Marketplace) -> None:
    ten = AmountOff(Money.of("10.00", "EUR"))
    promotions = (
        Promotion("OPEN", ten, limits=Limits(uses=50, per_buyer=40, budget=Money.of("300.00", "EUR"))),
        Promotion("bolt-5", PercentOff(Decimal("0.05")), owner="bolt", priority=1),
        Promotion("CODE", ten, condition=WithCode(("SUMMER",)), limits=Limits(uses=2)),
    )
    _write(market, lambda unit: unit.repository(PROMOTIONS).add_many(promotions))
    market.pool_codes.add("spring", ["SPRING-1"], scope=OPERATOR)
    market.pool_codes.add("spring", ["BOLT-1"], scope=BOLT)
    given = Assignment("trade-tripod", "tripod", "bolt-tripod", merchant="bolt", buyer="buyer-1")
    _write(market, lambda unit: unit.repository(ASSIGNMENTS).add(given))
    bands = [
        DivergenceBand(Direction.BELOW, Decimal(0), Decimal("0.5"), action=OnDivergence.TASK, approvers=("ann", "bo"))
    ]
    market.orders.save_divergence_rule(DivergenceRule.of("bolt", bands, otherwise=OnDivergence.DENY), scope=BOLT)


def _fill_orders(market: Marketplace, clock: ManualClock) -> None:
    market.stock.count("bolt-tripod", 100, scope=BOLT)
    for number in range(1, 7):
        clock.advance(timedelta(hours=7))
        lines = [
            CartLine("l1", "tripod", 3, offer="bolt-tripod"),
            CartLine("l2", "camera", 1, offer="bolt-camera" if number == 5 else "acme-camera"),
            CartLine("l3", "coffee-house", 2),
        ]
        buyer = f"buyer-{1 + number % 2}"
        codes = ("SUMMER",) if number == 1 else ()
        cart = Cart.of(f"cart-{number}", buyer=buyer, lines=lines, codes=codes)
        market.place(cart, key=f"place-{number}", scope=Scope.buyer(buyer))
    fire = market.fire
    fire("order-1--bolt", "ship", key="ship-1", scope=BOLT, lines={"l1": 2})
    fire("order-1--bolt", "cancel by merchant", key="cancel-1", scope=BOLT, reason="lost")
    fire("order-1--acme", "ship", key="ship-1", scope=ACME)
    fire("order-1--acme", "deliver", key="deliver-1", scope=ACME)
    market.orders.fire("order-2", "ask to cancel", key="ask-2", scope=Scope.buyer("buyer-1"), lines={"l1": 2})
    fire("order-2--bolt", "accept cancellation", key="accept-2", scope=BOLT, lines={"l1": 1})
    for merchant, scope in (("bolt", BOLT), ("acme", ACME), ("kettle", Scope.merchant("kettle"))):
        for event in ("ship", "deliver"):
            fire(f"order-3--{merchant}", event, key=f"{event}-3", scope=scope)
    clock.advance(timedelta(days=3))
    market.orders.fire("order-3", "ask to return", key="return-3", scope=Scope.buyer("buyer-2"), lines={"l1": 1})
    _refuse(lambda: fire("order-3--bolt", "ship", key="again-3", scope=BOLT))
    _raise_price(market, "24.00")
    for part in ("order-4--bolt", "order-5--bolt"):
        market.orders.check_price(part, scope=OPERATOR)
    market.orders.approve_price("order-4--bolt", scope=Scope.merchant("bolt", user="ann"), reason="fine")
    _raise_price(market, "99.00")
    market.orders.check_price("order-6--bolt", scope=OPERATOR)


def _raise_price(market: Marketplace, amount: str) -> None:
    def write(unit: Unit) -> object:
        schedules = unit.repository(PRICE_SCHEDULES)
        found = schedules.get("bolt-tripod")
        return schedules.save(attrs.evolve(found, breaks=[PriceBreak(1, Money.of(amount, "EUR"))]))

    _write(market, write)


def _refuse(work: Callable[[], object]) -> None:
    """Let a call be refused, which its key remembers."""
    try:
        work()
    except MktcoreError:
        return
    raise AssertionError


class Unit(Repositories, Committing, Protocol):
    """What writing past the use cases needs."""


def _write(market: Marketplace, work: Callable[[Unit], object]) -> None:
    with market.store.begin(OPERATOR) as unit:
        work(unit)
        unit.commit()


def _publish_some(market: Marketplace, clock: ManualClock) -> None:
    """Publish what some aggregates said, one of them in part, and leave the others waiting."""
    queue = market.store.queue  # type: ignore[attr-defined]  # the stores that ship have one
    for delivery in queue.claim(claim="relay-1", now=clock.now(), lease=timedelta(minutes=5), limit=40):
        queue.settle(delivery, max(1, len(delivery.envelopes) - 1), ready_at=clock.now())


def open_market(url: str, clock: ManualClock) -> Marketplace:
    """Open the market as it was written, with ids that count and a merchants' gateway."""
    return Marketplace.open(
        url,
        "EUR",
        clock=clock,
        ids=CountingIds(),
        merchant_gateway=Answers(clock),
        refresh_policy=RefreshPolicy(batch=4),
    )


def dump_sqlite(path: Path) -> str:
    """Return a SQLite database as SQL text."""
    with sqlite3.connect(path) as connection:
        return "\n".join(connection.iterdump()) + "\n"


def dump_postgresql(url: str) -> str:
    """Return a PostgreSQL database as SQL text, read from the server's own catalogue: tables, rows, indexes."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("SET timezone = 'UTC'")
        names = [name for (name,) in connection.execute(_TABLES).fetchall()]
        found = [line for name in names for line in _dump_table(connection, name)]
        found += [f"{definition};" for (definition,) in connection.execute(_INDEXES).fetchall()]
    return "\n".join(found) + "\n"


def _dump_table(connection: psycopg.Connection, name: str) -> Iterator[str]:
    parts = [part for (part,) in connection.execute(_COLUMNS, [name]).fetchall()]
    parts += [part for (part,) in connection.execute(_CONSTRAINTS, [name]).fetchall()]
    yield f'CREATE TABLE "{name}" ({", ".join(parts)});'
    for row in connection.execute(SQL('SELECT * FROM "{}" ORDER BY 1, 2').format(SQL(name))).fetchall():
        yield f'INSERT INTO "{name}" VALUES ({_join_literals(connection, row)});'  # noqa: S608 - names of our own


def _join_literals(connection: psycopg.Connection, row: tuple[Any, ...]) -> str:
    return ", ".join(Literal(value).as_string(connection) for value in row)


_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
_COLUMNS = """
    SELECT quote_ident(attname) || ' ' || format_type(atttypid, atttypmod)
        || CASE WHEN collname <> 'default' THEN ' COLLATE ' || quote_ident(collname) ELSE '' END
        || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END
    FROM pg_attribute LEFT JOIN pg_collation ON pg_collation.oid = attcollation
    WHERE attrelid = quote_ident(%s)::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"""
_CONSTRAINTS = """
    SELECT 'CONSTRAINT ' || quote_ident(conname) || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = quote_ident(%s)::regclass AND contype IN ('p', 'c', 'u') ORDER BY contype, conname"""
_INDEXES = """
    SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
    AND indexname NOT IN (SELECT conname FROM pg_constraint) ORDER BY indexname"""


def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "market.db"
        targets = {"sqlite": f"sqlite:///{path}", "postgresql": create_database()}
        for name, url in targets.items():
            clock = ManualClock(START)
            with open_market(url, clock) as market:
                write_market(market, clock)
                print(name, clock.now(), market.verify())  # noqa: T201 - a command tells what it wrote
            text = dump_sqlite(path) if name == "sqlite" else dump_postgresql(url)
            # A file of its own time and name inside would differ with every run.
            (folder / f"{mktcore.__version__}.{name}.sql.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
