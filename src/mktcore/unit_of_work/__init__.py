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

from mktcore.unit_of_work.errors import (
    AlreadyStored,
    ColumnFixed,
    CommitUnknown,
    IdempotencyConflict,
    InProgress,
    InvalidColumn,
    NotClaimed,
    NotFound,
    Retryable,
    StaleVersion,
    StoreError,
    UniqueViolation,
    UnitClosed,
    UnknownKind,
)
from mktcore.unit_of_work.idempotency import IdempotencyRecord, IdempotencyRecords, check_same_request
from mktcore.unit_of_work.kinds import Aggregate, Column, Condition, Kind, column
from mktcore.unit_of_work.outbox import Delivery, EventLog, EventQueue, Inbox, Outbox, Publisher
from mktcore.unit_of_work.repositories import Page, Repositories, Repository, put
from mktcore.unit_of_work.scope import EVERY_MERCHANT, Party, Scope
from mktcore.unit_of_work.units import Committing, Counters, Counting, Pause, Store, check_amount, retry_unit, run_unit

__all__ = [
    "EVERY_MERCHANT",
    "Aggregate",
    "AlreadyStored",
    "Column",
    "ColumnFixed",
    "CommitUnknown",
    "Committing",
    "Condition",
    "Counters",
    "Counting",
    "Delivery",
    "EventLog",
    "EventQueue",
    "IdempotencyConflict",
    "IdempotencyRecord",
    "IdempotencyRecords",
    "InProgress",
    "Inbox",
    "InvalidColumn",
    "Kind",
    "NotClaimed",
    "NotFound",
    "Outbox",
    "Page",
    "Party",
    "Pause",
    "Publisher",
    "Repositories",
    "Repository",
    "Retryable",
    "Scope",
    "StaleVersion",
    "Store",
    "StoreError",
    "UniqueViolation",
    "UnitClosed",
    "UnknownKind",
    "check_amount",
    "check_same_request",
    "column",
    "put",
    "retry_unit",
    "run_unit",
]
