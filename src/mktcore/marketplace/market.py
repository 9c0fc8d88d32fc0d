"""The marketplace on a store: every use case under one name."""

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from pathlib import Path
from types import TracebackType
from typing import Self, Unpack

from mktcore import loading
from mktcore.adapters.store_wait_limits import BUSY_SECONDS, POOL_SIZE, STATEMENT_SECONDS, WaitLimits
from mktcore.adapters.system import SystemClock
from mktcore.carts import Cart, Simulation
from mktcore.channels import Channels
from mktcore.checkout.use_cases.simulate_cart import SimulateCart
from mktcore.delivery import DeliveryMethods, ShippingFees
from mktcore.forwarded_orders.follow_orders import FollowOrders
from mktcore.forwarded_orders.use_cases import ForwardedOrders
from mktcore.market_policy import pin_price_terms
from mktcore.marketplace.compose_catalog import compose_catalog, knows_sku
from mktcore.marketplace.compose_commissions import compose_commissions
from mktcore.marketplace.compose_delivery import compose_delivery
from mktcore.marketplace.compose_ledger import compose_ledger
from mktcore.marketplace.compose_offers import compose_offers
from mktcore.marketplace.compose_orders import compose_orders, compose_placing, compose_processes
from mktcore.marketplace.compose_parties import compose_access, compose_onboarding
from mktcore.marketplace.compose_policy import compose_policy
from mktcore.marketplace.compose_prices import compose_prices
from mktcore.marketplace.compose_runtime import compose_runtime
from mktcore.marketplace.compose_storefront import compose_storefront
from mktcore.marketplace.open_store import IN_MEMORY, open_store
from mktcore.marketplace.run_audit import VerifyMarket
from mktcore.marketplace.settings import Settings, check_settings
from mktcore.merchant_items import MerchantItems
from mktcore.money import Currency
from mktcore.notice import Notice
from mktcore.offers import CHEAPEST
from mktcore.offers.find_stock_places import find_stock_places
from mktcore.offers.price_guards import PriceHolder
from mktcore.offers.stock_list import OfferStock
from mktcore.offers.stop_unbound_offers import stop_offers
from mktcore.order_thresholds import OrderThresholds
from mktcore.orders import FireRequest, MerchantOrder, Order
from mktcore.orders.actions.action import Action
from mktcore.orders.check_processes import check_open_orders
from mktcore.orders.effects import EFFECTS
from mktcore.orders.shipments.use_cases import Shipments
from mktcore.parties import Agreements, Parties
from mktcore.payments import MixedPayment, PaymentMethods
from mktcore.persistence import Retryable, Scope, Store, UniqueViolation
from mktcore.persistence.errors import NotJoinable
from mktcore.persistence.joinable_store import Joinable, check_outside
from mktcore.persistence.record_quotas import Quotas
from mktcore.persistence.stored import Stored
from mktcore.stock import MarketUnit
from mktcore.taxes import Taxes

__all__ = ["Marketplace"]


class Marketplace:
    """A marketplace on a store: load it, simulate carts, place orders, move merchant orders.

    >>> from mktcore.carts import CartLine
    >>> market = Marketplace.in_memory(currency="EUR")
    >>> cart = Cart.of("cart-1", buyer="buyer-1", lines=[CartLine("l1", sku="camera")])
    >>> [issue.code for issue in market.simulate(cart, scope=market.as_buyer("buyer-1")).issues]
    ['unknown-sku']

    Every call takes the scope of who asks: `as_operator`, `as_merchant`, `as_buyer`, or `as_user` for a user whose
    roles `access` keeps. Calls are synchronous and a marketplace may be shared by threads.
    """

    def __init__(self, store: Store[MarketUnit], currency: str | Currency, **settings: Unpack[Settings]) -> None:
        """Compose a marketplace on any store.

        Args:
            store: An adapter's store, opened with `mktcore.ports.KINDS`, and the host's own kinds beside them.
            currency: The currency of its prices.
            settings: See `Settings`.

        Raises:
            PriceTermsConflict: The store's prices are of another currency or tax mode.
            ProcessesRefused: No order could be placed on the processes.
            OrdersStranded: Open orders are on processes that are not held.
        """
        check_settings(settings)
        self.clock = settings.get("clock") or SystemClock()
        self.policy = compose_policy(currency, settings)
        self._processes = compose_processes(settings)
        self._settings = settings
        self.store = store
        # Before anything is composed: a market whose stored prices are stated otherwise must not open.
        compose_runtime(store, self.clock, settings).retry(self._check_store)
        self._compose(store)

    def _compose(self, store: Store[MarketUnit]) -> None:
        settings, processes, self.store = self._settings, self._processes, store
        runtime = compose_runtime(store, self.clock, settings)
        self._runtime = runtime
        self._verifying = VerifyMarket(
            runtime, store, processes, effects=settings.get("effects", EFFECTS), numbers=settings.get("numbers")
        )
        delivery = compose_delivery(store, self.policy, settings)
        self._simulating = SimulateCart(
            runtime,
            self.policy,
            buy_box=settings.get("buy_box", CHEAPEST),
            checks=tuple(settings.get("cart_checks", ())),
            delivery=delivery,
            mixed=settings.get("mixed_payment", MixedPayment.ALL_ACCEPT),
        )
        self._placing = compose_placing(runtime, self.policy, processes, settings=settings, delivery=delivery)
        self.access = compose_access(runtime)
        self.parties = Parties(runtime, knows_sku=knows_sku)
        self.agreements = Agreements(runtime, currency=self.policy.currency)
        self.onboarding = compose_onboarding(runtime, settings)
        self.catalog = compose_catalog(runtime, self.policy.currency)
        self.items = MerchantItems(runtime, currency=self.policy.currency, end_binding=stop_offers)
        self.stock = OfferStock(runtime, find_stock_places)
        self.offers = compose_offers(runtime, self.policy, settings)
        self.prices, self.promotions, self.pool_codes = compose_prices(runtime, self.policy, settings)
        self.commissions = compose_commissions(runtime, self.policy.currency, settings)
        self.taxes = Taxes(runtime)
        self.shipping_fees = ShippingFees(runtime, self.policy.currency)
        self.delivery_methods = DeliveryMethods(runtime, self.policy.currency)
        self.payment_methods = PaymentMethods(runtime, self.policy.currency)
        self.order_thresholds = OrderThresholds(runtime, self.policy.currency)
        self.channels = Channels(runtime, self.policy.currency)
        self.storefront = compose_storefront(runtime, self.policy, settings)
        self.ledger = compose_ledger(runtime)
        self.orders = compose_orders(runtime, processes, settings)
        self.shipments = Shipments(runtime, firing=self.orders.firing)
        following = FollowOrders(runtime, self.orders.firing, processes)
        self.forwarded_orders = ForwardedOrders(runtime, placing=self._placing, following=following)

    @property
    def feeds(self) -> "loading.Feeds":
        """What merchants send at once: composed when it is asked for, as a market that takes none loads no loader."""
        return loading.Feeds(
            self._runtime,
            currency=self.policy.currency,
            holder=PriceHolder(self.policy.prices_include_tax),
            quotas=self._settings.get("quotas") or Quotas(),
        )

    @classmethod
    def in_memory(
        cls, currency: str | Currency, *, stored: Iterable[Stored] = (), **settings: Unpack[Settings]
    ) -> Self:
        """Return a marketplace that lives as long as this process.

        Args:
            currency: The currency of its prices.
            stored: What the host stores beside it; see `open`.
            settings: See `Settings`.

        Raises:
            StoredRefused: The host's declarations cannot stand beside those there are.
        """
        return cls(open_store(IN_MEMORY, stored), currency, **settings)

    @classmethod
    def open(
        cls,
        url: str,
        currency: str | Currency,
        *,
        prefix: str = "mktcore_",
        schema: str | None = None,
        stored: Iterable[Stored] = (),
        pool_size: int = POOL_SIZE,
        busy_seconds: float = BUSY_SECONDS,
        statement_seconds: float | None = STATEMENT_SECONDS,
        create: bool = True,
        **settings: Unpack[Settings],
    ) -> Self:
        """Open a marketplace in a database, created when missing.

        Args:
            url: `"sqlite:///market.db"`, a PostgreSQL address (both need the extra `sql`), or `"memory://"`.
            currency: The currency of its prices.
            prefix: Begins the name of every table and index, so that no other's is touched; nothing in memory.
            schema: PostgreSQL's schema that they lie in, made when it is missing; the connection's own by default.
            stored: What the host stores beside it: kinds of its own, events, and what they are made of. They are read,
                written, published and guarded as the library's own are, in the same units of work.
            pool_size: Connections that this process has at most; units beyond them wait in line.
            busy_seconds: For how long a unit waits for a connection, for the turn to write, for a lock; for each.
            statement_seconds: For how long one statement may run; None for as long as it takes.
            create: Make what is missing and migrate what is old; a host that migrates its database itself says False.
            settings: See `Settings`; of them `retry` says how often and how long is tried again.

        Raises:
            MissingExtra: The extra `sql` is not installed.
            UnsupportedDatabase: The URL is of another database, or none.
            DatabaseUnreachable: The database lets nobody in.
            InvalidNaming: The prefix or the schema cannot be.
            TableTaken: Something bears one of our names that we did not make; nothing was changed.
            LayoutTooNew: A later release has migrated the database.
            SchemaOutdated: Something is missing or old, and `create` is False; nothing was changed.
            PriceTermsConflict: The store's prices are of another currency or tax mode.
            StoredRefused: The host's declarations cannot stand beside those there are.
            InvalidValue: A number of connections or seconds that cannot be.
        """
        limits = WaitLimits(pool_size=pool_size, busy_seconds=busy_seconds, statement_seconds=statement_seconds)
        store = open_store(url, stored, prefix=prefix, schema=schema, limits=limits, create=create)
        return cls(store, currency, **settings)

    def joined(self, transaction: object) -> Self:
        """Return this marketplace inside of a transaction that the host began: the host's commit or rollback decides.

        Every call is kept or undone alone, by a savepoint; what others see of it, its events and its idempotency keys
        too, comes with the host's commit. `load`, `place`, `fire` and all the others work as ever; what calls somebody
        outside, or looks at all that is committed, does not: `offers.refresh`, `verify`.

        Args:
            transaction: A `Connection` or `Session` of SQLAlchemy, or `DjangoTransaction` of `mktcore.adapters.django`,
                to the marketplace's own database. It is used by one thread, and what is returned here with it.

        Raises:
            NotJoinable: It is none of these, or to another kind of database; or the store cannot join transactions.
            NoTransaction: No transaction is open on it.
            SchemaOutdated: The marketplace's tables are not there.
            TransactionLost: By any call that the database lets no transaction finish: the host runs all of its own
                again.
        """
        if not isinstance(self.store, Joinable):
            raise NotJoinable(type(self.store).__name__, "the store commits by itself")
        inside = copy(self)
        inside._compose(self.store.join(transaction))  # noqa: SLF001 - of this very class
        return inside

    def _check_store(self) -> None:
        try:
            with self.store.begin(Scope.operator()) as unit:
                check_open_orders(unit, self._processes)
                pin_price_terms(unit, self.policy)
        except UniqueViolation as race:  # another process opens the same new store
            raise Retryable(race.describe()) from race

    def close(self) -> None:
        """Let go of the store's connections; a memory store keeps none."""
        # `Store` promises no such method: a host's own may have nothing to let go of.
        close: Callable[[], None] | None = getattr(self.store, "close", None)
        if close is not None:
            close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def as_operator(self, *, user: str | None = None) -> Scope:
        """Return the marketplace's own scope."""
        return Scope.operator(user=user)

    def as_merchant(self, merchant: str, *, user: str | None = None) -> Scope:
        """Return a merchant's own scope, which may do all that a merchant may.

        Args:
            merchant: Its id.
            user: Who is told as the author, and restricted in nothing; whoever signed in asks by `as_user`.
        """
        return Scope.merchant(merchant, user=user)

    def as_buyer(self, buyer: str, *, user: str | None = None) -> Scope:
        """Return a buyer's own scope; `user` as in `as_merchant`."""
        return Scope.buyer(buyer, user=user)

    def as_visitor(self) -> Scope:
        """Return the scope of somebody who is no buyer yet, and looks into the storefront."""
        return Scope.visitor()

    def as_user(self, user: str) -> Scope:
        """Return the scope of a user: its party, and what its roles let it do. See `Access.as_user`.

        Raises:
            NotFound: There is no such user, or it is inactive.
        """
        return self.access.as_user(user)

    def load(
        self,
        folder: str | Path,
        *,
        time_zone: str | None = None,
        progress: Callable[[int, int], None] | None = None,
        user: str | None = None,
        whole: "loading.WholeFeed | None" = None,
        keep_empty: bool = False,
        outcomes: "Callable[[loading.RecordOutcome], None] | None" = None,
    ) -> "loading.LoadReport":
        """Load a folder of CSV files; see `LoadFolder.load`. With `keep_empty` an empty cell keeps what is stored."""
        loader = loading.LoadFolder(self._runtime, self.policy.currency, PriceHolder(self.policy.prices_include_tax))
        return loader.load(
            folder,
            time_zone=time_zone,
            progress=progress,
            user=user,
            whole=whole,
            empty_cells=loading.EmptyCells.KEEP if keep_empty else loading.EmptyCells.CLEAR,
            outcomes=outcomes,
        )

    def load_statuses(
        self,
        file: str | Path,
        *,
        scope: Scope,
        progress: Callable[[int], None] | None = None,
        results: "Callable[[loading.RowResult], None] | None" = None,
    ) -> "loading.StatusReport":
        """Let what a file reports of orders happen, row by row; see `LoadStatuses.load`."""
        loader = loading.LoadStatuses(self._runtime, self.orders)
        return loader.load(file, scope=scope, progress=progress, results=results)

    def update_by_hand(self, fields: Mapping[str, str], *, scope: Scope) -> "loading.RowResult":
        """Let one row of such a file happen that somebody fills in: its fields by name, as texts."""
        return loading.LoadStatuses(self._runtime, self.orders).update_by_hand(fields, scope=scope)

    def simulate(self, cart: Cart, *, scope: Scope) -> Simulation:
        """Say what the cart would cost now, and every issue that stands in the way of placing it. Changes nothing.

        Raises:
            NotFound: The caller is neither the operator nor the cart's buyer, or is a user and the cart names another.
            ExtraRefused: The cart holds host data that the caller is not shown.
            BuyerMayNotDecide: A buyer gives itself reductions, charges or groups.
        """
        return self._simulating.simulate(cart, scope=scope)

    def place(self, cart: Cart, *, key: str, scope: Scope) -> Order:
        """Place the cart; the same key again returns the same order. See `PlaceOrder.place`."""
        return self._placing.place(cart, key=key, scope=scope)

    def fire(
        self,
        merchant_order: str,
        action: Action | str,
        *,
        key: str,
        scope: Scope,
        lines: Mapping[str, int] | None = None,
        reason: str = "",
    ) -> MerchantOrder:
        """Let something happen to quantities of a merchant order's lines, and return it as it then stands.

        The marketplace order follows, and so does stock; the same key again moves nothing. See `FireAction.fire`.

        Args:
            merchant_order: Its id.
            action: What happens, with its facts: `Ship(tracking="JD01")`; or the name of an event of its process:
                `"ship"`, `"deliver"`.
            key: The caller's idempotency key.
            scope: Who asks: the operator, or the merchant.
            lines: Pieces by line key; None for everything that the event reaches.
            reason: Why, for the history.

        Raises:
            ActivityRefused: The merchant may not fulfil orders in the present state of its life.
            PermissionDenied: The caller's user may not fire events.
        """
        request = FireRequest(merchant_order, action, lines=lines, reason=reason)
        return self.orders.firing.fire(request, key=key, scope=scope)

    def verify(self, *, progress: Callable[[int], None] | None = None) -> tuple[Notice, ...]:
        """Recompute the invariants over the live store, and return a finding for each that does not hold.

        Every order with its money and commission (I1, I2, I4, I8, I10, I15, I16), the ledger (I3 to I5), and where the
        store can be inspected, as those that ship can, every record, stock item, reservation, counter, time-out,
        idempotency record and event (I10, I13 to I18). It does not raise for what it finds.

        Args:
            progress: Called with the number of orders looked at so far.

        Raises:
            NotJoinable: The marketplace is inside of a host's transaction.
        """
        check_outside(self.store, "verify")
        return self._verifying.verify(progress=progress)
