"""Which words an order may have been called by, with its pieces in some states: its stage, and its progress. Pure."""

from collections import Counter
from collections.abc import Iterator

import attrs

from mktcore.money import Money
from mktcore.notice import Notice
from mktcore.orders import MarketplaceOrder, MerchantOrder, OrderProcesses
from mktcore.orders.order_progress import check_progress, count_meanings
from mktcore.orders.order_stage import OrderStage, find_stage_in
from mktcore.processes import PortionsMachine

__all__ = ["Words", "check_words"]

_PAYABLE = (Money.of("0", "EUR"), Money.of("1", "EUR"))
"""Whether its payments cover an order, its pieces do not tell: either may have been. Of which currency is no matter."""


@attrs.frozen
class Words:
    """What an order, or an answer that tells of it, says of how far it is.

    Attributes:
        process: Name of its process.
        version: Version of its process.
        stage: How far it is.
        progress: How far it is, for people; empty where nobody said.
    """

    process: str
    version: int
    stage: OrderStage
    progress: str

    @classmethod
    def of(cls, order: MarketplaceOrder | MerchantOrder) -> "Words":
        """Return what an order says."""
        process, version = order.fulfilment.process, order.fulfilment.version
        return cls(process, version, stage=order.stage, progress=order.progress)


def check_words(where: str, told: Words, states: Counter[str], *, processes: OrderProcesses) -> Iterator[Notice]:
    """Yield a finding where an order is called what it cannot have been, with its pieces in these states.

    Args:
        where: What tells it.
        told: What is told.
        states: Pieces by the name of the state that they are in.
        processes: The processes that orders are on; on any other nobody knows what its states mean.
    """
    found = _find_machine(told, processes)
    if found is None or not states.keys() <= {state.name for state in found[1].process.states}:
        return
    pair, machine = found
    stage = find_stage_in(machine, states.keys())
    if told.stage is not stage:
        yield Notice("I15", f"{where}.stage", f"it says {told.stage}, and its pieces say {stage}")
    words = {check_progress(pair.progress(count_meanings(machine, states, payable))) for payable in _PAYABLE}
    if told.progress and told.progress not in words:
        yield Notice("I15", f"{where}.progress", f"it says {told.progress}, and its pieces say {' or '.join(words)}")


def _find_machine(told: Words, processes: OrderProcesses) -> tuple[OrderProcesses, PortionsMachine] | None:
    machines = [(pair, machine) for pair in processes.list_held() for machine in (pair.whole, pair.part)]
    named = (told.process, told.version)
    return next((one for one in machines if (one[1].process.name, one[1].process.version) == named), None)
