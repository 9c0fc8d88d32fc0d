"""Whether answers that are kept as versions of orders are versions that these orders had (invariant I13). Pure."""

from collections.abc import Iterator

from mktcore.audit.answered_history import AnsweredHistory
from mktcore.audit.told_words import Words, check_words
from mktcore.notice import Notice
from mktcore.orders import MarketplaceOrder, MerchantOrder, OrderProcesses
from mktcore.orders.answered_order import (
    AnsweredMerchantOrder,
    AnsweredOrder,
    AnsweredWhole,
    note_merchant_order,
    note_whole,
)

__all__ = ["AnsweredVersion", "check_answered_version", "list_versions"]

AnsweredVersion = AnsweredWhole | AnsweredMerchantOrder


def list_versions(answer: object) -> tuple[AnsweredVersion, ...]:
    """Return the versions of orders that an answer tells of: what it is about first, then its parts."""
    if isinstance(answer, AnsweredOrder):
        return (answer.whole, *answer.parts)
    return (answer,) if isinstance(answer, AnsweredMerchantOrder) else ()


def check_answered_version(
    where: str,
    told: AnsweredVersion,
    stored: MarketplaceOrder | MerchantOrder,
    *,
    history: AnsweredHistory | None,
    processes: OrderProcesses | None,
) -> Iterator[Notice]:
    """Yield a finding where an order never was as an answer tells it.

    Args:
        where: The key.
        told: What is kept of the answer.
        stored: The order as it is.
        history: What it went through.
        processes: The processes that orders are on; None where nobody knows them.
    """
    if told.version > stored.version:
        yield Notice("I13", where, f"its answer is version {told.version} of {told.id}, it is at {stored.version}")
        return
    if not stored.told_by_steps:
        yield Notice("I13", where, f"its answer rests on the history of {told.id}, which does not tell all of it")
    note = note_merchant_order(stored) if isinstance(stored, MerchantOrder) else note_whole(stored)
    if told.version == stored.version and told != note:
        yield Notice("I13", where, f"its answer is the present {told.id}, and tells it otherwise")
        return
    if history is not None and not history.is_migrated() and _get_process(told) != _get_process(note):
        yield Notice("I13", where, f"its answer has {told.id} on a process that it never was on")
    if isinstance(told, AnsweredMerchantOrder) and isinstance(stored, MerchantOrder):
        yield from _check_begun(where, told, stored)
    states = None if history is None else history.find_states(told.version)
    if states is not None and processes is not None:
        words = Words(told.process, told.process_version, stage=told.stage, progress=told.progress)
        yield from check_words(f"{where} of {told.id}", words, states, processes=processes)


def _get_process(told: AnsweredVersion) -> tuple[str, int]:
    return told.process, told.process_version


def _check_begun(where: str, told: AnsweredMerchantOrder, stored: MerchantOrder) -> Iterator[Notice]:
    """Look at what only grows: an answer tells how much of it was there at its time."""
    # The id of a shipment ends with the version that its order got by it.
    left = sum([int(one[-8:]) <= told.version for one in stored.shipments])
    if told.shipments != left:
        yield Notice("I13", where, f"its answer tells {told.shipments} shipments of {told.id}, and {left} had left")
    if told.order != stored.order:
        yield Notice("I13", where, f"its answer has {told.id} in order {told.order}")
    if not 0 <= told.reversals <= len(stored.list_reversals()):
        yield Notice("I13", where, f"its answer tells more of {told.id} given back of commission than there is")
    if not told.extras.keys() <= {line.key for line in stored.lines}:
        yield Notice("I13", where, f"its answer tells host data of lines that {told.id} has not")
