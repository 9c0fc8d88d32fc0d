"""Shipments: sent, tracked, and told what became of them, each once under a key; read by whom they concern."""

from collections.abc import Callable, Iterable, Mapping

import attrs

from mktcore.access import Permission, check_granted, check_party
from mktcore.goods import Measure
from mktcore.notice import Notice
from mktcore.orders.actions.action import Action, list_fact_names, list_facts, to_event
from mktcore.orders.actions.shipments import Ship
from mktcore.orders.firing_rights import check_may_fulfil
from mktcore.orders.history import ORDER_STEPS
from mktcore.orders.lists import ShipmentList
from mktcore.orders.merchant_order import MERCHANT_ORDERS, MerchantOrder
from mktcore.orders.parcel import Parcel, check_fact, check_mass
from mktcore.orders.queries import load_order_of
from mktcore.orders.shipments.errors import ShipmentRefused
from mktcore.orders.shipments.events import ShipmentChanged
from mktcore.orders.shipments.named_shipment import name_shipment
from mktcore.orders.shipments.shipment import SHIPMENTS, Shipment
from mktcore.orders.shipments.shipment_to_come import ShipmentToCome, list_back_ordered, list_expected
from mktcore.orders.use_cases.fire_action import FireAction, FireRefusal, FireRequest
from mktcore.parties import Activity
from mktcore.parties.onboarding.check_merchant_activity import check_caller
from mktcore.persistence import Scope, answer_once
from mktcore.processes import EventRefused
from mktcore.stock import MarketUnit
from mktcore.telemetry import watched

__all__ = ["Shipments"]

Answer = Shipment | FireRefusal


@watched
@attrs.frozen(slots=False)
class Shipments(ShipmentList):
    """Shipments of merchant orders: a list of them, and what their senders do with them.

    Attributes:
        firing: The processes that orders are on, and what follows.
    """

    firing: FireAction = attrs.field(kw_only=True)

    def ship(
        self,
        merchant_order: str,
        lines: Mapping[str, int] | None = None,
        *,
        key: str,
        scope: Scope,
        parcels: Iterable[Parcel] = (),
        carrier: str | None = None,
        tracking: str | None = None,
        weight: Measure | None = None,
        invoice: str | None = None,
        reason: str = "",
    ) -> Shipment:
        """Send pieces of a merchant order together: the same as `market.fire(merchant_order, Ship(...))`.

        Args:
            merchant_order: Its id.
            lines: Pieces by line key; None for all that can be shipped.
            key: The caller's idempotency key.
            scope: Who asks: the operator, or the merchant.
            parcels: What the carrier is handed; one parcel, where nobody says. Either each says what it holds, or none.
            carrier: Who carries it.
            tracking: Where the carrier finds it.
            weight: How much all of it weighs.
            invoice: The number of the merchant's invoice for it.
            reason: Why, for the history.

        Raises:
            EventRefused: So many pieces cannot be shipped; nothing changed.
            ShipmentRefused: The parcels do not hold what is shipped.
            NotFound: There is no such merchant order for this caller.
            ActivityRefused: The merchant may not fulfil orders in the present state of its life.
        """
        action = Ship(carrier, tracking, parcels=tuple(parcels), weight=weight, invoice=invoice)
        request = FireRequest(merchant_order, action, lines=lines, reason=reason)
        return self._answer(
            lambda unit: self._fire(unit, request, None, scope=scope),
            key=key,
            scope=scope,
            operation="ship",
            request=_to_comparable(merchant_order, request),
        )

    def fire(
        self,
        shipment: str,
        action: Action,
        *,
        key: str,
        scope: Scope,
        lines: Mapping[str, int] | None = None,
        reason: str = "",
    ) -> Shipment:
        """Tell what became of pieces of a shipment: `Deliver()`, `Lose("carrier-lost")`, `RefuseAtDoor(parcel="2")`.

        Args:
            shipment: Its id.
            action: What happened; it has facts named `shipment` and `parcel`, and may name a parcel.
            key: The caller's idempotency key.
            scope: Who asks: the operator, or the merchant.
            lines: Pieces by line key; None for all of the shipment, or of the parcel, that the event reaches.
            reason: Why, for the history.

        Raises:
            EventRefused: The shipment does not hold so many pieces in a state that has the event; nothing changed.
            ShipmentRefused: The action cannot say of which shipment it speaks.
            NotFound: There is no such shipment for this caller.
            ActivityRefused: The merchant may not fulfil orders in the present state of its life.
        """
        named = _name(action, shipment)

        def work(unit: MarketUnit) -> Shipment:
            found = _load(unit, shipment, scope)
            request = FireRequest(found.merchant_order, named, lines=lines, reason=reason)
            return self._fire(unit, request, shipment, scope=scope)

        asked = FireRequest(shipment, named, lines=lines, reason=reason)
        return self._answer(
            work, key=key, scope=scope, operation="fire shipment", request=_to_comparable(shipment, asked)
        )

    def track(
        self,
        shipment: str,
        *,
        key: str,
        scope: Scope,
        parcel: str | None = None,
        carrier: str | None = None,
        tracking: str | None = None,
        weight: Measure | None = None,
        invoice: str | None = None,
    ) -> Shipment:
        """Tell more of a shipment, or of one parcel of it; what is not told stays as it is.

        Args:
            shipment: Its id.
            key: The caller's idempotency key.
            scope: Who asks: the operator, or the merchant.
            parcel: Key of the parcel that it is told of; None for the shipment.
            carrier: Who carries it.
            tracking: Where the carrier finds it.
            weight: How much it weighs.
            invoice: The number of the merchant's invoice for the shipment.

        Raises:
            NotFound: There is no such shipment for this caller.
            ShipmentRefused: It has no such parcel.
            InvalidValue: A text is empty, too long or not printable, or the weight is no mass.
        """
        told: dict[str, str | Measure | None] = {
            "carrier": carrier, "tracking": tracking, "weight": weight, "invoice": invoice,
        }  # fmt: skip
        for name in ("carrier", "tracking", "invoice"):
            check_fact("Shipment", name, told[name])  # type: ignore[arg-type]  # the texts among them
        check_mass("Shipment", weight)
        facts = {name: fact for name, fact in told.items() if fact is not None}

        def work(unit: MarketUnit) -> Shipment:
            return self._track(unit, _load(unit, shipment, scope), parcel, facts=facts)

        asked = {"shipment": shipment, "parcel": parcel, **facts}
        return self._answer(work, key=key, scope=scope, operation="track", request=asked)

    def expected(self, merchant_order: str, *, scope: Scope) -> tuple[ShipmentToCome, ...]:
        """Return the shipments that a merchant order will still make: where they lie, where they go, and when.

        Args:
            merchant_order: Its id.
            scope: Who asks: the operator, the merchant, or the buyer, who is not told where the merchant's goods lie.

        Raises:
            NotFound: There is no such merchant order for this caller.
            ProcessNotHeld: It is on a version of a process that the marketplace does not hold.
        """
        check_granted(scope, Permission.READ_ORDERS)
        return self.firing.runtime.read(scope.to_operator(), lambda unit: self._expect(unit, merchant_order, scope))

    def _expect(self, unit: MarketUnit, merchant_order: str, scope: Scope) -> tuple[ShipmentToCome, ...]:
        order = load_order_of(unit, merchant_order)
        stored = order.get_part(merchant_order)
        check_party(scope, MERCHANT_ORDERS.name, merchant_order, merchant=stored.merchant, buyer=stored.buyer)
        pair, part = self.firing.processes.get_pair(order), stored.view_for(scope)
        machine = pair.get_machine(part.fulfilment.process)
        if not part.fulfilment.portions:  # it waits with the marketplace
            part = attrs.evolve(part, fulfilment=order.marketplace_order.fulfilment, is_held=True)
            machine = pair.whole
        sources = [one.reservation for line in part.lines if line.sources is not None for one in line.list_sources()]
        reservations = unit.stock.find_reservations(sorted(sources)) if sources else {}
        # A history may be long, and tells more only where something went on back-order.
        waits = bool(list_back_ordered(part, machine))
        steps = unit.repository(ORDER_STEPS).stream({"subject": part.id}) if waits else ()
        shown = (step.view_for(scope) for step in steps)
        return list_expected(part, machine, reservations=reservations, steps=shown)

    def _track(
        self, unit: MarketUnit, shipment: Shipment, parcel: str | None, *, facts: Mapping[str, str | Measure]
    ) -> Shipment:
        own = {name: fact for name, fact in facts.items() if parcel is None or name == "invoice"}
        ofparcel = {name: fact for name, fact in facts.items() if name != "invoice"}
        changed = attrs.evolve(shipment, **own)  # type: ignore[arg-type]  # each by its own field
        if parcel is not None:
            if shipment.find_parcel(parcel) is None:
                known = ", ".join(one.key for one in shipment.parcels) or "none"
                message = f"{shipment.id} has no parcel {parcel!r}; there are {known}"
                raise ShipmentRefused((Notice("orders.unknown-parcel", "parcel", message),))
            parcels = tuple(
                attrs.evolve(one, **ofparcel) if one.key == parcel else one  # type: ignore[arg-type]  # as above
                for one in shipment.parcels
            )
            changed = attrs.evolve(changed, parcels=parcels)
        unit.publish((ShipmentChanged.of(changed, at=self.firing.runtime.now()),))
        return unit.repository(SHIPMENTS).save(changed)

    def _fire(self, unit: MarketUnit, request: FireRequest, shipment: str | None, *, scope: Scope) -> Shipment:
        part = self.firing.fire_inside(unit, request, scope=scope)
        return unit.repository(SHIPMENTS).get(shipment or _find_new(part))

    def _answer(
        self,
        work: Callable[[MarketUnit], Shipment],
        *,
        key: str,
        scope: Scope,
        operation: str,
        request: Mapping[str, object],
    ) -> Shipment:
        check_may_fulfil(scope)
        answer = self.firing.runtime.retry(
            lambda: self._once(work, key=key, scope=scope, operation=operation, request=request)
        )
        if isinstance(answer, FireRefusal):
            raise EventRefused(answer.problems)
        return answer

    def _once(
        self,
        work: Callable[[MarketUnit], Shipment],
        *,
        key: str,
        scope: Scope,
        operation: str,
        request: Mapping[str, object],
    ) -> Answer:
        with self.firing.runtime.store.begin(scope.to_operator()) as unit:
            check_caller(unit, scope, Activity.FULFIL, now=self.firing.runtime.now())

            def decide() -> Answer:
                try:
                    return work(unit)
                except EventRefused as refusal:
                    # Nothing was written yet: an event is decided on before anything of it is stored.
                    return FireRefusal(refusal.problems)

            return answer_once(
                unit,
                decide,
                answers=(Shipment, FireRefusal),
                scope=scope,
                key=key,
                operation=operation,
                request=request,
                at=self.firing.runtime.now(),
            )


def _to_comparable(subject: str, request: FireRequest) -> dict[str, object]:
    """Return a request by field, with a field for each fact: a repeated key with another fact names the fact."""
    facts = {f"action.{name}": fact for name, fact in list_facts(request.action).items()}
    event = to_event(request.action)
    return {"subject": subject, "event": event, "lines": request.lines, "reason": request.reason, **facts}


def _load(unit: MarketUnit, shipment: str, scope: Scope) -> Shipment:
    """Return a shipment that the caller sent, or the operator's.

    Raises:
        NotFound: There is none for this caller; a buyer sends nothing.
    """
    found = unit.repository(SHIPMENTS).get(shipment)
    check_party(scope, SHIPMENTS.name, shipment, merchant=found.merchant, buyer=None)
    return found


def _find_new(part: MerchantOrder) -> str:
    """Return the shipment that a merchant order has just made: that of its present version."""
    new = name_shipment(part, part.version)
    if new not in part.shipments:
        remedy = "add RECORD_SHIPMENTS to the effects, and lead the event to a state in which pieces are away"
        raise ShipmentRefused((Notice("orders.no-shipment", part.id, "nothing left it by that", remedy=remedy),))
    return new


def _name(action: Action, shipment: str) -> Action:
    """Return an action with the shipment that it speaks of."""
    # By its type first: the name of an event has no facts at all.
    if not isinstance(action, Action) or "shipment" not in list_fact_names(type(action)):
        message = f"{type(action).__name__} has no fact named 'shipment'"
        remedy = "fire it on the merchant order, or give the action that fact"
        raise ShipmentRefused((Notice("orders.no-shipment-named", "action", message, remedy=remedy),))
    return attrs.evolve(action, shipment=shipment)  # type: ignore[call-arg]  # asked above
