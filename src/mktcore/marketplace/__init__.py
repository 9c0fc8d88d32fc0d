"""The composition: a store, a clock, ids and a policy in; use cases out."""

from mktcore.marketplace.market import Marketplace
from mktcore.marketplace.settings import Settings

__all__ = ["Marketplace", "Settings"]
