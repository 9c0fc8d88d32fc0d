"""What the checkout stores: the answer that is remembered for a key."""

from mktcore.checkout.errors import PlacementRefusal
from mktcore.persistence.stored import Stored

__all__ = ["STORED"]

STORED = (Stored("checkout.placement-refusal", 1, PlacementRefusal),)
