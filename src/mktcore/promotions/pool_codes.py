"""Pools of coupon codes as their owners fill and empty them."""

from collections.abc import Callable, Iterable

import attrs

from mktcore.access import Permission, check_permission
from mktcore.access.record_list import RecordList
from mktcore.parties import Activity
from mktcore.parties.onboarding.check_merchant_activity import check_caller
from mktcore.persistence import NotFound, Party, Scope, WritingUnit
from mktcore.persistence.record_quotas import QuotaReached, Quotas
from mktcore.promotions.pool_code import POOL_CODES, PoolCode
from mktcore.telemetry import watched

__all__ = ["PoolCodes"]

_AT_ONCE = 1000
"""Codes of one batch of reads and writes."""


@watched
@attrs.frozen(slots=False)
class PoolCodes(RecordList[PoolCode]):
    """The codes of the caller's pools; the operator fills any merchant's.

    Attributes:
        runtime: Where they are kept.
        quotas: How many a merchant may have.
    """

    kind, filters = POOL_CODES, ("owner", "pool", "code")
    quotas: Quotas = attrs.field(factory=Quotas, kw_only=True)

    def add(self, pool: str, codes: Iterable[str], *, scope: Scope, owner: str | None = None) -> int:
        """Add codes to a pool, and return how many are new; those that are in it already stay as they are.

        Args:
            pool: The pool; one is made by its first code.
            codes: The codes.
            scope: Who asks.
            owner: The merchant whose pool it is; a merchant's own where it asks itself.

        Raises:
            PermissionDenied, ActivityRefused: The caller may not write promotions.
            NotFound: It is another merchant's pool.
            InvalidValue: A code is no such text; none is added then.
            QuotaReached: The merchant would have more codes than it may; none is added then.
        """
        whose = _find_owner(scope, pool, owner)
        wanted: dict[str, PoolCode] = {}
        for code in codes:
            made = PoolCode(pool, code, whose)
            wanted.setdefault(made.id, made)

        def write(unit: WritingUnit) -> int:
            check_caller(unit, scope, Activity.EDIT, now=self.runtime.now())
            repository = unit.repository(POOL_CODES)
            known = {id for batch in _batch(wanted) for id in repository.find_many(batch)}  # noqa: A001 - the word of the field
            # By id, as they are taken out: two that write the same codes never wait for each other in a circle.
            new = [made for id, made in sorted(wanted.items()) if id not in known]  # noqa: A001
            if whose is not None and repository.count({"owner": whose}) + len(new) > self.quotas.pool_codes:
                raise QuotaReached(POOL_CODES.name, whose, self.quotas.pool_codes)
            for start in range(0, len(new), _AT_ONCE):
                repository.add_many(new[start : start + _AT_ONCE])
            return len(new)

        return self._write(scope, write)

    def remove(self, pool: str, codes: Iterable[str], *, scope: Scope, owner: str | None = None) -> int:
        """Take codes out of a pool, and return how many were in it; orders that used one keep what it took off.

        Raises:
            PermissionDenied, ActivityRefused: The caller may not write promotions.
            NotFound: It is another merchant's pool.
        """
        whose = _find_owner(scope, pool, owner)
        wanted = {PoolCode(pool, code, whose).id: code for code in codes}

        def write(unit: WritingUnit) -> int:
            check_caller(unit, scope, Activity.EDIT, now=self.runtime.now())
            repository = unit.repository(POOL_CODES)
            found = [one for batch in _batch(wanted) for one in repository.find_many(batch).values()]
            for one in sorted(found, key=lambda one: one.id):
                repository.remove(one)
            return len(found)

        return self._write(scope, write)

    def _write(self, scope: Scope, write: Callable[[WritingUnit], int]) -> int:
        check_permission(scope, Permission.PROMOTIONS)
        # As promotions are: a merchant under its own scope, the operator's user as the operator.
        own = scope if scope.party is Party.MERCHANT else scope.to_operator()
        return self.runtime.run(own, write, contested=[POOL_CODES])


def _find_owner(scope: Scope, pool: str, owner: str | None) -> str | None:
    """Return whose pool is meant: a merchant that names nobody means its own."""
    if scope.party is not Party.MERCHANT:
        return owner
    if owner not in {None, scope.id}:
        # As if there were none: whether another merchant has such a pool is not told.
        raise NotFound("pool", pool)
    return scope.id


def _batch(ids: Iterable[str]) -> Iterable[list[str]]:
    known = list(ids)
    return [known[start : start + _AT_ONCE] for start in range(0, len(known), _AT_ONCE)]
