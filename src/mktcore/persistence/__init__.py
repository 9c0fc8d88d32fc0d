"""The generic ports of persistence: who asks, one transaction, repositories, outbox, idempotency.

A use case loads what it needs, decides in a pure function, saves, and commits. Everything in between belongs to one
unit of work: either all of it is stored, with its events, or nothing is.

    with store.begin(scope) as unit:
        order = unit.repository(MERCHANT_ORDERS).get(order_id)
        changed, events = ship(order, ...)                 # pure
        unit.repository(MERCHANT_ORDERS).save(changed)
        unit.publish(events)
        unit.commit()                                      # without it, leaving the block changes nothing
"""

from mktcore.caller_scope import EVERY_MERCHANT, Party, Scope
from mktcore.persistence.answer_once import answer_once
from mktcore.persistence.errors import NotFound, Retryable, StaleVersion, UniqueViolation
from mktcore.persistence.event_ports import Outbox
from mktcore.persistence.kinds import Kind, column
from mktcore.persistence.repositories import Page, Repositories, Repository, put
from mktcore.persistence.run_unit import retry_unit, run_unit
from mktcore.persistence.unit import Committing, Store, WritingUnit

__all__ = [
    "EVERY_MERCHANT",
    "Committing",
    "Kind",
    "NotFound",
    "Outbox",
    "Page",
    "Party",
    "Repositories",
    "Repository",
    "Retryable",
    "Scope",
    "StaleVersion",
    "Store",
    "UniqueViolation",
    "WritingUnit",
    "answer_once",
    "column",
    "put",
    "retry_unit",
    "run_unit",
]
