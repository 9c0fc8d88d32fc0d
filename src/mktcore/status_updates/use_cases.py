"""Updating the status of many orders by one command: a row is decided as `fire` would, and stops no other."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice

import attrs

from mktcore.access.permissions import Permission, PermissionDenied
from mktcore.errors import InvalidValue, MktcoreError
from mktcore.notice import Notice
from mktcore.orders.effects.apply_together import apply_together
from mktcore.orders.firing_rights import find_barrier
from mktcore.orders.use_cases.fire_action import FireAction
from mktcore.parties import Activity
from mktcore.parties.onboarding.check_merchant_activity import check_caller
from mktcore.persistence import Retryable, Scope
from mktcore.persistence.answer_once import to_canonical
from mktcore.persistence.errors import CommitUnknown, TransactionLost
from mktcore.persistence.idempotency_records import IdempotencyRecord, check_same_request
from mktcore.processes.allowed_events import list_refusals
from mktcore.runtime import Runtime
from mktcore.status_updates.decide_update import DecidedUpdate, decide_update
from mktcore.status_updates.order_batch import OrderBatch, load_batch
from mktcore.status_updates.status_update import StatusAnswer, StatusResult, StatusUpdate
from mktcore.stock import MarketUnit
from mktcore.telemetry import watched

__all__ = ["MOST_UPDATES", "UpdateStatuses"]

MOST_UPDATES = 1_000
"""Updates in one call; a file of any length is read in chunks."""
_TOGETHER = 100
"""Orders in one transaction: more gain nothing, and others wait for as long as it lasts."""
_OPERATION = "update-status"
_LOGGER = logging.getLogger("mktcore.orders")


# Without slots, for the same reason as `ReadOrders`.
@watched
@attrs.frozen(slots=False)
class UpdateStatuses:
    """What others report of orders: by call, by file, by hand.

    Attributes:
        runtime: Where orders are kept, and what time it is.
        firing: What each update is decided as.
    """

    runtime: Runtime[MarketUnit]
    firing: FireAction

    def update_statuses(self, updates: Iterable[StatusUpdate], *, scope: Scope) -> tuple[StatusResult, ...]:
        """Let what is reported happen to orders, and return what came of each update, in their order.

        Each is decided as `fire` decides it, under the key that it bears, and one that is refused or fails stops no
        other. Updates of different orders are stored together, in transactions of a hundred; those of one order happen
        in the order given. What is sent again under the same key happens once.

        Args:
            updates: 1,000 at most.
            scope: Who reports: the operator, a merchant of its merchant orders, a buyer of its own orders.

        Raises:
            PermissionDenied: The caller's user may change no orders at all.
            ActivityRefused: The merchant may not fulfil orders in the present state of its life.
            InvalidValue: There are more than 1,000.
            Busy: Others hold the store; what was done by then is kept, and answered again under its keys.
        """
        _check_reporter(scope)
        now = self.runtime.now()
        self.runtime.read(scope.to_operator(), lambda unit: check_caller(unit, scope, Activity.FULFIL, now=now))
        given = tuple(islice(updates, MOST_UPDATES + 1))  # of what never ends, no more is read
        if len(given) > MOST_UPDATES:
            raise InvalidValue("update_statuses", "updates", f"more than {MOST_UPDATES:,}", "fewer in one call")
        results: dict[int, StatusResult] = {}
        for wave in _split_waves(given):
            results.update(zip(wave, self._update_wave([given[place] for place in wave], scope), strict=True))
        return tuple(results[place] for place in range(len(given)))

    def _update_wave(self, updates: Sequence[StatusUpdate], scope: Scope) -> list[StatusResult]:
        found: list[StatusResult | None] = [None] * len(updates)
        if len(updates) > 1:
            try:
                found = self._answer_updates(updates, scope)
            except TransactionLost:  # the host's, in which nothing more can be done
                raise
            except Exception as error:  # noqa: BLE001 - an effect of the host's may raise anything
                # One of them, or somebody else: alone, each shows what it raises, and the others go through.
                _LOGGER.info("%d status updates go one by one: %s", len(updates), type(error).__name__)
        return [
            self._update_alone(update, scope) if one is None else one
            for update, one in zip(updates, found, strict=True)
        ]

    def _update_alone(self, update: StatusUpdate, scope: Scope) -> StatusResult:
        try:
            (result,) = self.runtime.retry(lambda: self._answer_updates([update], scope))
        except (Retryable, CommitUnknown):  # nobody's mistake: under its key it is answered later
            raise
        except MktcoreError as error:
            return StatusResult.of_failed(update, list_refusals(error))
        except Exception as error:
            # What a host's own code says may name what is not for whoever reported: the log has it.
            _LOGGER.exception("a status update failed")
            return StatusResult.of_failed(update, (_tell_fault(error),))
        if result is None:  # alone, there is none before it that writes the same
            raise AssertionError(update)
        return result

    def _answer_updates(self, updates: Sequence[StatusUpdate], scope: Scope) -> list[StatusResult | None]:
        """Decide updates in one unit, and commit; None for one that needs a unit of its own."""
        now = self.runtime.now()
        with self.runtime.store.begin(scope.to_operator()) as unit:
            known = unit.find_records(str(scope.caller), [update.key for update in updates])
            batch = load_batch(unit, [update.order for update in updates if update.key not in known])
            barriers = {is_whole: find_barrier(unit, scope, is_whole=is_whole, now=now) for is_whole in (True, False)}
            first = _find_first(updates, batch, known)
            decided = [
                _repeat(update, known[update.key])
                if update.key in known
                else decide_update(update, batch, self.firing, barriers=barriers, scope=scope, now=now)
                if place in first
                else DecidedUpdate(update)  # after what is reported before it of the same order is stored
                for place, update in enumerate(updates)
            ]
            results = self._store_moves(unit, decided, batch)
            fresh = [
                _to_record(update, result, scope=scope, at=now)
                for update, result in zip(updates, results, strict=True)
                if result is not None and result.is_fresh
            ]
            if fresh:
                unit.record_many(fresh)
                unit.commit()
        return results

    def _store_moves(
        self, unit: MarketUnit, decided: Sequence[DecidedUpdate], batch: OrderBatch
    ) -> list[StatusResult | None]:
        """Store what moves, and return the results; None for an order of which one before is stored."""
        results = [one.result for one in decided]
        moving: dict[str, int] = {}
        for place, one in enumerate(decided):
            if one.transition is not None:
                moving.setdefault(batch.name_whole(one.update.order), place)
        places = list(moving.values())
        transitions = [one.transition for place in places if (one := decided[place]).transition is not None]
        together = apply_together(unit, transitions, self.firing.effects)
        for number, place in enumerate(places):
            update, error = decided[place].update, together.failed.get(number)
            if error is not None:
                results[place] = StatusResult.of_failed(update, list_refusals(error))
            elif number not in together.left:
                results[place] = StatusResult.of(update, StatusAnswer())
        return results


def _check_reporter(scope: Scope) -> None:
    needed = (Permission.FULFIL_ORDERS, Permission.CHANGE_ORDERS)
    if not any(scope.allows(one) for one in needed):
        raise PermissionDenied(str(scope.caller), scope.caller.user, " or ".join(needed))


def _split_waves(updates: Sequence[StatusUpdate]) -> Iterator[list[int]]:
    """Yield the places of updates that go together: no order and no key twice, and each order's own in their order."""
    rest = list(range(len(updates)))
    while rest:
        wave: list[int] = []
        later: list[int] = []
        taken: set[str] = set()
        for place in rest:
            # Parts of one order bear its id; where a host's ids mislead this, the later of the two goes alone.
            names = {f"key {updates[place].key}", updates[place].order.partition("--")[0]}
            is_free = len(wave) < _TOGETHER and names.isdisjoint(taken)
            (wave if is_free else later).append(place)
            taken |= names
        yield wave
        rest = later


def _find_first(
    updates: Sequence[StatusUpdate], batch: OrderBatch, known: Mapping[str, IdempotencyRecord]
) -> frozenset[int]:
    """Return the places of the first update of each order: one may be named by its id here and by its number there."""
    first: dict[str, int] = {}
    for place, update in enumerate(updates):
        if update.key not in known:
            first.setdefault(batch.name_whole(update.order), place)
    return frozenset(first.values())


def _repeat(update: StatusUpdate, record: IdempotencyRecord) -> DecidedUpdate:
    try:
        check_same_request(record, _OPERATION, _to_canonical(update))
    except MktcoreError as conflict:
        return DecidedUpdate(update, result=StatusResult.of_failed(update, (conflict.to_notice(),)))
    # This operation is answered by nothing else.
    answer = record.result if isinstance(record.result, StatusAnswer) else StatusAnswer()
    return DecidedUpdate(update, result=StatusResult.of(update, answer, is_repeated=True))


def _to_record(update: StatusUpdate, result: StatusResult, *, scope: Scope, at: datetime) -> IdempotencyRecord:
    return IdempotencyRecord(
        str(scope.caller),
        key=update.key,
        operation=_OPERATION,
        request=_to_canonical(update),
        result=StatusAnswer(result.problems),
        at=at,
    )


def _to_canonical(update: StatusUpdate) -> dict[str, object]:
    return {name: to_canonical(value) for name, value in update.to_request().items()}


def _tell_fault(error: Exception) -> Notice:
    return Notice(
        "orders.status-failed",
        "",
        f"the marketplace's own code failed: {type(error).__name__}",
        remedy="ask the operator, whose log tells more",
    )
