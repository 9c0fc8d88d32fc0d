"""How orders are paid."""

from mktcore.payments.means_of_payment import Payment

__all__ = ["Payment"]
