"""What a caller may do with a merchant item now: send it again, remove it, decide on it."""

from collections.abc import Callable
from functools import partial

import attrs

from mktcore.access import Permission, check_operator, check_permission
from mktcore.merchant_items.decide_item import check_takes, receive_item, remove_item
from mktcore.merchant_items.item_decision import Verdict
from mktcore.merchant_items.life import ITEM_LIFE, get_verdicts
from mktcore.merchant_items.merchant_item import MERCHANT_ITEMS, ReceivedItem
from mktcore.parties import Activity
from mktcore.parties.onboarding.check_merchant_activity import check_caller
from mktcore.persistence import Scope, WritingUnit
from mktcore.processes.allowed_events import AllowedEvents, try_event
from mktcore.runtime import Runtime
from mktcore.telemetry import watched

__all__ = ["AllowedItemEvents"]


# Without slots, because `MerchantItems` is made of several classes like this one, each with the same fields.
@watched
@attrs.frozen(slots=False)
class AllowedItemEvents:
    """What may be done with items now."""

    runtime: Runtime[WritingUnit]

    def allowed(self, item: str, *, scope: Scope) -> AllowedEvents:
        """Return which events of `ITEM_LIFE` the caller can bring about now, and why not the others.

        What a verdict says besides is not asked: whether the SKU that it names is there, `decide` tells.

        Raises:
            NotFound: There is none for this caller.
            PermissionDenied: The caller's user may not read items.
        """
        known = self.runtime.read(scope, lambda unit: unit.repository(MERCHANT_ITEMS).get(item))
        return self.runtime.read(scope.to_operator(), lambda unit: self._find_item_events(unit, known, scope))

    def _find_item_events(self, unit: WritingUnit, known: ReceivedItem, scope: Scope) -> AllowedEvents:
        now = self.runtime.now()

        def send(change: Callable[[], object]) -> None:
            check_permission(scope, Permission.CATALOG)
            check_caller(unit, scope, Activity.EDIT, now=now)
            change()

        def decide(verdict: type[Verdict]) -> None:
            check_operator(scope, Permission.CATALOG)
            check_takes(known, verdict)

        # Sent unchanged, even a denied item is let pass: asked about is one that differs.
        other = attrs.evolve(known.item, name=f"{known.item.name} (changed)")
        attempts: dict[str, Callable[[], None]] = {
            **{event: partial(decide, verdict) for event, verdict in get_verdicts().items()},
            "send again": lambda: send(lambda: receive_item(known, other, now=now)),
            "remove": lambda: send(lambda: remove_item(known, now=now)),
        }
        events = tuple(try_event(event, attempts[event.name]) for event in ITEM_LIFE.events)
        return AllowedEvents(MERCHANT_ITEMS.name, known.id, asker=scope.to_party(), events=events)
