"""How goods are delivered: the host's carriers and policy in, what plans deliveries out."""

from mktcore.adapters.call_within_deadline import PatientCalls
from mktcore.carts.deliver_lines import DeliveryPolicy
from mktcore.delivery.ask_carriers import QUOTE_DEADLINE, AskCarriers
from mktcore.delivery.parcel_item import split_by_merchant
from mktcore.delivery.ports import AskQuotes, leave_unquoted
from mktcore.market_policy import MarketPolicy
from mktcore.marketplace.settings import Settings

__all__ = ["compose_delivery"]


def compose_delivery(store: object, policy: MarketPolicy, settings: Settings) -> DeliveryPolicy:
    """Return how goods are delivered; inside of a host's transaction nobody outside is asked."""
    gateway = settings.get("shipping_gateway")
    ask: AskQuotes = leave_unquoted
    if gateway is not None and not getattr(store, "is_joined", False):
        ask = AskCarriers(
            gateway,
            policy.currency,
            within=PatientCalls(),
            deadline=settings.get("quote_deadline", QUOTE_DEADLINE),
            executor=settings.get("executor"),
        )
    return DeliveryPolicy(split=settings.get("split_parcels", split_by_merchant), ask=ask)
