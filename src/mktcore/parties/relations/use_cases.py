"""Which buyers can order from which merchants, as the operator says and the parties read."""

import attrs

from mktcore.access import Permission, check_permission
from mktcore.parties.organisations.merchant import MERCHANTS, Merchant
from mktcore.parties.relations.events import RelationChanged
from mktcore.parties.relations.lists import RelationList
from mktcore.parties.relations.relation import RELATIONS, Relation, to_relation_id
from mktcore.parties.relations.sellers import stream_sellers
from mktcore.persistence import NotFound, Scope, WritingUnit
from mktcore.runtime import Runtime
from mktcore.telemetry import watched

__all__ = ["Relations"]


# Without slots, because `Parties` is made of several classes like this one, each with the same field.
@watched
@attrs.frozen(slots=False)
class Relations:
    """The relations between buyers and merchants."""

    runtime: Runtime[WritingUnit]

    @property
    def relations(self) -> RelationList:
        """Which buyers can order from which merchants, as a list."""
        return RelationList(self.runtime)

    def relate(self, buyer: str, merchant: str, *, scope: Scope) -> Relation:
        """Let a buyer order from a merchant; relating twice is harmless.

        Raises:
            PermissionDenied: The caller is not the operator, or its user may not write relations.
            NotFound: There is no such merchant.
        """
        check_permission(scope, Permission.RELATIONS)

        def write(unit: WritingUnit) -> Relation:
            # A merchant has a record; a buyer needs none to buy.
            unit.repository(MERCHANTS).get(merchant)
            found = unit.repository(RELATIONS).find(to_relation_id(buyer, merchant))
            if found is not None:
                return found
            stored = unit.repository(RELATIONS).add(Relation.of(buyer, merchant))
            unit.publish([RelationChanged.of(stored, self.runtime.now(), is_related=True)])
            return stored

        return self.runtime.run(scope.to_operator(), write, contested=[RELATIONS])

    def unrelate(self, buyer: str, merchant: str, *, scope: Scope) -> None:
        """End a relation; carts simulated and placed from now on are refused. Ending one that is not there is harmless.

        Raises:
            PermissionDenied: The caller is not the operator, or its user may not write relations.
        """
        check_permission(scope, Permission.RELATIONS)

        def write(unit: WritingUnit) -> None:
            found = unit.repository(RELATIONS).find(to_relation_id(buyer, merchant))
            if found is not None:
                unit.repository(RELATIONS).remove(found)
                unit.publish([RelationChanged.of(found, self.runtime.now(), is_related=False)])

        self.runtime.run(scope.to_operator(), write, contested=[RELATIONS])

    def find_sellers(self, buyer: str, *, scope: Scope) -> tuple[Merchant, ...]:
        """Return the merchants that a buyer can order from now, in the order of their ids.

        One that sells nothing in the present state of its life is left out; `relate` keeps for when it sells again.

        Raises:
            NotFound: The caller is neither the operator nor this buyer.
        """
        if not scope.covers(buyer=buyer):
            raise NotFound("buyer", buyer)
        # The operator's authority: a buyer reads neither memberships nor other merchants by itself.
        now = self.runtime.now()
        return self.runtime.read(
            scope.to_operator(), lambda unit: tuple(one.view_for(scope) for one in stream_sellers(unit, buyer, now=now))
        )
