"""What a marketplace can be told."""

from collections.abc import Mapping
from concurrent.futures import Executor
from datetime import timedelta
from typing import TypedDict

from mktcore.carts.host_checks import CheckCart
from mktcore.clock import Clock
from mktcore.commissions.commission_policy import CommissionPolicy
from mktcore.delivery import ShippingGateway
from mktcore.delivery.parcel_item import SplitParcels
from mktcore.ids import IdFactory
from mktcore.offers import BuyBoxPolicy, MerchantGateway, RefreshPolicy
from mktcore.offers.refresh.ports import FindBindings
from mktcore.orders import OrderProcesses
from mktcore.orders.actions.action import Action
from mktcore.orders.customer_data_policy import CustomerData
from mktcore.orders.effects.effect import Effect
from mktcore.orders.ports import NumberSeries
from mktcore.parties.onboarding.requirements import Requirement
from mktcore.payments import MixedPayment
from mktcore.persistence.record_quotas import Quotas
from mktcore.persistence.retry_policy import RetryPolicy
from mktcore.pricing import OnDivergence, Precedence
from mktcore.promotions import PromotionPolicy
from mktcore.telemetry import Observer
from mktcore.totals import RoundingProfile

__all__ = ["Settings", "check_settings"]


class Settings(TypedDict, total=False):
    """What a marketplace can be told beside its store and currency.

    Attributes:
        prices_include_tax: Whether prices, fees and reductions contain their tax; they do unless told otherwise.
        profile: Where and how totals are rounded; each line half up unless told otherwise.
        promotions: How promotions are chosen where not all combine; by priority unless told otherwise.
        precedence: By which rules one of several prices applies; see `Precedence`.
        divergence: What a merchant without a rule does with an order whose price is not its current one; it authorises
            it unless told otherwise.
        commissions: The most that commission takes, and the tax on it; no more than a sale brings its merchant, and no
            tax, unless told otherwise.
        processes: What moves orders; `MARKETPLACE_PROCESS`, `MERCHANT_PROCESS` and their links unless told otherwise.
            It holds the pairs that earlier orders are still on, too. `bind_order_processes(CancellationPolicy(...))` of
            `mktcore.orders.bind_processes` makes those that ship with other windows, answers and reasons.
        actions: The classes of actions that `fire` and `orders.fire` take; `mktcore.orders.actions.ACTIONS` unless told
            otherwise. A host adds its own to them.
        effects: What follows, in order, from all that happens to an order; `mktcore.orders.effects.EFFECTS` unless told
            otherwise. A host adds its own to them.
        numbers: What gives orders the numbers that people read; `StoredNumbers()` unless told otherwise.
        customer_data: What merchants see of where orders go, all of it unless told otherwise; pinned on each order.
        clock: Tells the time; the machine's own unless told otherwise.
        ids: Makes ids; random and sorted by time unless told otherwise.
        requirements: What a merchant must bring before its life goes on; `DEFAULT_REQUIREMENTS` unless told otherwise.
        buy_box: Which of several offers of a SKU leads; the cheapest in the best condition unless told otherwise.
        cart_checks: What the host finds wrong with carts, beside the marketplace; each a `CheckCart`.
        merchant_gateway: How merchants are asked for price and stock; without one, `offers.refresh` has nobody to ask.
        refresh_policy: How long, how much and how often they are asked.
        bindings: Tells which SKU a merchant's item is bound to; `catalog.items.find_bindings` unless told otherwise.
        retry: How often, and for how long, a unit that lost against another transaction is run again before it is
            `Busy`: ten times and ten seconds unless told otherwise.
        shipping_gateway: Who is asked what parcels cost that no rate tells of; without one nobody is.
        quote_deadline: How long each merchant's parcels may be asked about; 2.5 seconds unless told otherwise.
        split_parcels: What travels together; by merchant, address, method, location and time unless told otherwise.
        mixed_payment: How orders of several merchants are paid: by what all accept, unless told to take payments for
            each merchant as well.
        executor: Runs calls of gateways for several merchants at once, in threads; one after the other without.
        quotas: How many prices, promotions, offers and closures one merchant may have; see `Quotas`.
        observer: Is told of every use case, with what it cost: `OpenTelemetryObserver`, or the host's own.
    """

    prices_include_tax: bool
    profile: RoundingProfile
    promotions: PromotionPolicy
    precedence: Precedence
    divergence: OnDivergence
    commissions: CommissionPolicy
    processes: OrderProcesses
    actions: tuple[type[Action], ...]
    effects: tuple[Effect, ...]
    numbers: NumberSeries
    customer_data: CustomerData
    clock: Clock
    ids: IdFactory
    requirements: tuple[Requirement, ...]
    buy_box: BuyBoxPolicy
    cart_checks: tuple[CheckCart, ...]
    merchant_gateway: MerchantGateway
    refresh_policy: RefreshPolicy
    bindings: FindBindings
    retry: RetryPolicy
    shipping_gateway: ShippingGateway
    quote_deadline: timedelta
    split_parcels: SplitParcels
    mixed_payment: MixedPayment
    executor: Executor
    quotas: Quotas
    observer: Observer


def check_settings(settings: Mapping[str, object]) -> None:
    """Refuse settings that are none: a keyword that is misspelt must not be lost.

    Raises:
        TypeError: It names them, and those there are.
    """
    # At run time a TypedDict takes any keyword.
    unknown = settings.keys() - Settings.__annotations__
    if unknown:
        raise TypeError(f"no such setting: {', '.join(sorted(unknown))}; known: {', '.join(Settings.__annotations__)}")
