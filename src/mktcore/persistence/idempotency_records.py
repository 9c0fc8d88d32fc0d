"""The port of idempotency records: what a key was used for, and what came of it (invariant I13)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import attrs

from mktcore.persistence.errors import IdempotencyConflict, InProgress

__all__ = ["IdempotencyRecord", "IdempotencyRecords", "check_same_request"]


@attrs.frozen
class IdempotencyRecord:
    """What a key was first used for, and what came of it.

    Attributes:
        owner: Who used the key: `str(scope.caller)`. The same key of another party is another key.
        key: The caller's key.
        operation: The use case: `"place"`.
        request: The canonical request, plain JSON values; compared field by field with a repeated one.
        result: The frozen answer: a type that `mktcore.wire` knows, or None while in progress.
        at: When it was recorded, UTC.
    """

    owner: str
    key: str
    operation: str
    request: Mapping[str, object]
    result: object
    at: datetime


class IdempotencyRecords(Protocol):
    """Remembers what came of a key (invariant I13).

    Only the operator's authority (`scope.to_operator()`) finds and writes records: they hold whole answers, of which a
    party is shown its parts, and whoever wrote one could say what a use case answers.
    """

    def find_record(self, owner: str, key: str) -> IdempotencyRecord | None:
        """Return what this owner's key was used for, or None."""
        ...

    def record(self, record: IdempotencyRecord) -> None:
        """Remember it in this transaction; a result of None marks a request that goes on in later transactions.

        Raises:
            NotFound: The scope has no authority.
            Retryable: Another transaction used the key in the meantime: run the unit again and find its record.
        """
        ...

    def find_records(self, owner: str, keys: Iterable[str]) -> dict[str, IdempotencyRecord]:
        """Return what this owner's keys were used for, by key, in one round trip where the store can."""
        # Right for any store that finds one; those that can look for several at once override it.
        found = {key: self.find_record(owner, key) for key in keys}
        return {key: record for key, record in found.items() if record is not None}

    def record_many(self, records: Sequence[IdempotencyRecord]) -> None:
        """Remember several in this transaction, in one round trip where the store can.

        Raises:
            NotFound, Retryable: As `record` does.
        """
        for record in records:
            self.record(record)

    def finish_record(self, record: IdempotencyRecord) -> None:
        """Freeze the result of a key that was recorded as in progress.

        Raises:
            Retryable: There is no such key in progress (any more): run the unit again and find its record.
        """
        ...


def check_same_request(record: IdempotencyRecord, operation: str, request: Mapping[str, object]) -> None:
    """Refuse a key that was used for something else (invariant I13).

    >>> from datetime import UTC, datetime
    >>> at = datetime(2026, 1, 1, tzinfo=UTC)
    >>> first = IdempotencyRecord("buyer:b1", "k1", "place", {"cart": "c1"}, "order-1", at)
    >>> check_same_request(first, "place", {"cart": "c1"})
    >>> try:
    ...     check_same_request(first, "place", {"cart": "c2"})
    ... except IdempotencyConflict as conflict:
    ...     print(conflict.fields)
    ('cart',)

    Raises:
        IdempotencyConflict: It names every field that differs.
        InProgress: The first request has not ended yet.
    """
    fields = [] if record.operation == operation else ["operation"]
    names = sorted(record.request.keys() | request.keys())
    fields += [name for name in names if _to_text(record.request, name) != _to_text(request, name)]
    if fields:
        raise IdempotencyConflict(record.key, tuple(fields))
    # After the comparison: another request under the key is a conflict, ended or not.
    if record.result is None:
        raise InProgress(record.key)


def _to_text(request: Mapping[str, object], name: str) -> str:
    # Compared as JSON text: there 1 and true differ, a list and a tuple do not, and an absent field is not null.
    return json.dumps(request[name], sort_keys=True) if name in request else ""
