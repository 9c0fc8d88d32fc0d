"""Keeping answers that are orders: a reference to a version of the order, of which its history tells the rest."""

from typing import Protocol

import attrs

from mktcore.orders.answered_order import (
    AnsweredMerchantOrder,
    AnsweredOrder,
    answer_merchant_order,
    answer_order,
)
from mktcore.orders.history import ORDER_STEPS, OrderStep
from mktcore.orders.merchant_order import MerchantOrder
from mktcore.orders.order import Order
from mktcore.orders.queries import load_order
from mktcore.orders.rebuild_order import rebuild_merchant_order, rebuild_order
from mktcore.persistence import Repositories, Scope

__all__ = ["KeptOrders"]


class _Refusal(Protocol):
    """Why something was refused: it is kept as it is."""

    @property
    def problems(self) -> object:
        """What stood in the way."""
        ...


@attrs.frozen
class KeptOrders:
    """Keeps of an order that is answered what its history does not tell, and rebuilds it when it is asked for again.

    So an order whose lines are shipped one by one keeps as much for every key, and not each time all of its lines.
    Where the history does not tell it, the answer is kept whole, as the asking party may see it.

    Attributes:
        unit: The open unit, under the operator's authority.
        scope: Who asks.
    """

    unit: Repositories
    scope: Scope

    def keep(self, answer: Order | MerchantOrder | _Refusal) -> object:
        """Return what is kept of an answer; a refusal is kept as it is."""
        if isinstance(answer, Order):
            return answer_order(answer) or answer.view_for(self.scope.to_party())
        if isinstance(answer, MerchantOrder):
            return answer_merchant_order(answer) or answer.view_for(self.scope.to_party())
        return answer

    def restore(self, kept: object) -> object:
        """Return the answer as it was; who asks is shown its own view of it, as of any other."""
        if isinstance(kept, AnsweredOrder):
            return rebuild_order(load_order(self.unit, kept.whole.id), self._load_steps(kept.whole.id), kept)
        if isinstance(kept, AnsweredMerchantOrder):
            return rebuild_merchant_order(load_order(self.unit, kept.order), self._load_steps(kept.order), kept)
        return kept

    def _load_steps(self, order: str) -> tuple[OrderStep, ...]:
        return tuple(self.unit.repository(ORDER_STEPS).find_where("order_id", [order]))
