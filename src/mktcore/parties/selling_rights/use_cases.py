"""Who may sell which product: said by the operator, and by merchants that opt in and out."""

from collections.abc import Callable
from datetime import datetime

import attrs

from mktcore.access import Permission, check_permission
from mktcore.parties.onboarding.allowed_activities import Activity
from mktcore.parties.onboarding.check_merchant_activity import check_caller
from mktcore.parties.selling_rights.events import SellingRightsChanged
from mktcore.parties.selling_rights.lists import SellingRightsList
from mktcore.parties.selling_rights.rights import SELLING_RIGHTS, Recall, SellingRights, opt_in, opt_out
from mktcore.persistence import NotFound, Party, Scope, WritingUnit, put
from mktcore.runtime import Runtime
from mktcore.telemetry import watched

__all__ = ["RightsToSell"]


# Without slots, because `Parties` is made of several classes like this one, each with the same field.
@watched
@attrs.frozen(slots=False)
class RightsToSell:
    """The rights to sell products.

    Attributes:
        runtime: Where they are kept.
        knows_sku: Tells whether there is such a SKU, whoever owns it: the catalogue stands above this room.
    """

    runtime: Runtime[WritingUnit]
    knows_sku: Callable[[WritingUnit, str], bool] = attrs.field(default=lambda _unit, _sku: True, kw_only=True)

    @property
    def selling_rights(self) -> SellingRightsList:
        """Who may sell what, as a list."""
        return SellingRightsList(self.runtime)

    def save_selling_rights(self, rights: SellingRights, *, scope: Scope) -> SellingRights:
        """Say who may sell a product; the operator's to write.

        Raises:
            PermissionDenied: The caller is not the operator, or its user may not.
            ColumnFixed: The owner is not the one that was stored.
            StaleVersion: Somebody else changed it.
        """
        check_permission(scope, Permission.MERCHANTS)
        return self.runtime.run(scope.to_operator(), lambda unit: self._put(unit, rights))

    def recall(self, product: str, *, reason: str, scope: Scope) -> SellingRights:
        """Let nobody sell a SKU from now on, whoever has an offer of it, or a kit that holds it; the operator's.

        Orders that were placed go on. A second recall keeps the instant of the first. Of a product that has several
        SKUs each is recalled.

        Raises:
            PermissionDenied: The caller is not the operator, or its user may not.
            NotFound: There is no such SKU: a recall of anything else would stop nobody.
        """
        return self._change_recall(product, scope, lambda before: Recall(before or self.runtime.now(), reason))

    def lift_recall(self, product: str, *, scope: Scope) -> SellingRights:
        """Let a SKU be sold again by whoever may.

        Raises:
            PermissionDenied: The caller is not the operator, or its user may not.
        """
        return self._change_recall(product, scope, lambda _: None)

    def _change_recall(
        self, product: str, scope: Scope, decide: Callable[[datetime | None], Recall | None]
    ) -> SellingRights:
        check_permission(scope, Permission.MERCHANTS)

        def write(unit: WritingUnit) -> SellingRights:
            rights = unit.repository(SELLING_RIGHTS).find(product)
            if rights is None and not self.knows_sku(unit, product):
                raise NotFound("sku", product)
            # Of a product that anybody sells there is no record: what is made here restricts nobody later.
            rights = SellingRights(product, unrestricted=True) if rights is None else rights
            recall = decide(None if rights.recall is None else rights.recall.since)
            return self._put_changed(unit, rights, attrs.evolve(rights, recall=recall))

        return self.runtime.run(scope.to_operator(), write, contested=[SELLING_RIGHTS])

    def opt_in(self, product: str, *, scope: Scope, merchant: str | None = None) -> SellingRights:
        """Let a merchant sell a product: it opts in itself, or the operator names it and opts it in.

        Raises:
            NotOpenToMerchants: The product is a merchant's own, or the merchant opts in and it is not open to all.
            NotFound: The product has no selling rights, or the caller is a buyer.
            PermissionDenied, ActivityRefused: The caller may not.
        """
        who, by_operator = _find_merchant(product, scope, merchant), scope.party is Party.OPERATOR

        def write(unit: WritingUnit) -> SellingRights:
            rights = _get_rights(unit, product, who, scope=scope)
            check_caller(unit, scope, Activity.EDIT, now=self.runtime.now())
            return self._put_changed(unit, rights, opt_in(rights, who, by_operator=by_operator))

        return _view_rights(self.runtime.run(scope.to_operator(), write), scope)

    def opt_out(self, product: str, *, scope: Scope, merchant: str | None = None) -> SellingRights:
        """Let a merchant sell a product no more; its offers stay, and are refused in new orders.

        Raises:
            NotFound: The product has no selling rights, or the caller is a buyer.
            PermissionDenied, ActivityRefused: The caller may not.
        """
        who = _find_merchant(product, scope, merchant)

        def write(unit: WritingUnit) -> SellingRights:
            rights = _get_rights(unit, product, who, scope=scope)
            check_caller(unit, scope, Activity.EDIT, now=self.runtime.now())
            return self._put_changed(unit, rights, opt_out(rights, who))

        return _view_rights(self.runtime.run(scope.to_operator(), write), scope)

    def _put_changed(self, unit: WritingUnit, before: SellingRights, after: SellingRights) -> SellingRights:
        # Opting in twice changes nothing, and is told to nobody.
        return before if after == before else self._put(unit, after)

    def _put(self, unit: WritingUnit, rights: SellingRights) -> SellingRights:
        unit.publish([SellingRightsChanged.of(rights, self.runtime.now())])
        return put(unit, SELLING_RIGHTS, rights)


def _find_merchant(product: str, scope: Scope, merchant: str | None) -> str:
    """Return the merchant that opts in or out: the caller, or the one that the operator names."""
    is_operator = scope.party is Party.OPERATOR
    # Before the permission: to a buyer, or about another merchant, the product does not exist at all.
    if scope.party is Party.BUYER or (not is_operator and merchant not in {None, scope.id}):
        raise NotFound("product", product)
    check_permission(scope, Permission.SELLING)
    if is_operator and merchant is None:
        raise NotFound("merchant", "")
    return scope.id if merchant is None else merchant


def _get_rights(unit: WritingUnit, product: str, merchant: str, *, scope: Scope) -> SellingRights:
    rights = unit.repository(SELLING_RIGHTS).find(product)
    is_hidden = rights is not None and rights.owner not in {None, merchant} and scope.party is not Party.OPERATOR
    if rights is None or is_hidden:
        raise NotFound("product", product)
    return rights


def _view_rights(rights: SellingRights, scope: Scope) -> SellingRights:
    """Return what the caller may see: a merchant learns of no other merchant that was let in."""
    if scope.party is Party.OPERATOR or rights.owner == scope.id:
        return rights
    own = frozenset({scope.id})
    default = rights.default_merchant if rights.default_merchant == scope.id else None
    return attrs.evolve(
        rights, default_merchant=default, admitted=rights.admitted & own, opted_in=rights.opted_in & own
    )
