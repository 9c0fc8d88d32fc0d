"""How orders are paid."""

from mktcore.payments.means_of_payment import Payment
from mktcore.payments.payment_method import PAYMENT_METHODS, PaymentMethod
from mktcore.payments.payment_options import MixedPayment, PaymentOptions
from mktcore.payments.use_cases import PaymentMethods

__all__ = ["PAYMENT_METHODS", "MixedPayment", "Payment", "PaymentMethod", "PaymentMethods", "PaymentOptions"]
