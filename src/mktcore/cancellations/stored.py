"""What is remembered of cancellations."""

from mktcore.cancellations.use_cases import CancelRefusal
from mktcore.persistence.stored import Stored

__all__ = ["STORED"]

STORED = (Stored("orders.cancel-refusal", 1, CancelRefusal),)
