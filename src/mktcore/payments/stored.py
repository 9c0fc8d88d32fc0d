"""What payments store."""

from mktcore.payments.payment_method import PAYMENT_METHODS, PaymentMethod
from mktcore.persistence.stored import Stored

__all__ = ["STORED"]

STORED = (Stored("payments.payment-method", 1, PaymentMethod, kind=PAYMENT_METHODS),)
"""Payment methods as the operator writes them."""
