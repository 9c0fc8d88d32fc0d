"""How orders are paid."""

from mktcore.payments.payment import Payment

__all__ = ["Payment"]
