"""Whose offers an order may take: routing, relations, membership, the right to sell. Pure, after one batch of reads."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import attrs

from mktcore.notice import Notice
from mktcore.parties.onboarding.allowed_activities import Activity, may_do
from mktcore.parties.onboarding.membership import MEMBERSHIPS, Membership
from mktcore.parties.relations.relation import RELATIONS, can_order, to_relation_id
from mktcore.parties.selling_rights.rights import (
    SELLING_RIGHTS,
    GatedGoods,
    GoodsGroup,
    SellingRights,
    find_rule,
    weigh_rules,
)
from mktcore.persistence import Repositories

__all__ = ["Eligibility", "gather_eligibility", "list_gates"]


@attrs.frozen
class Eligibility:
    """What decides whose offers an order may take, loaded in one batch. What is absent restricts nobody.

    Attributes:
        buyer: Who buys.
        sold_by: The merchant that the order goes to; None for the operator, whose orders take any merchant's offers.
        memberships: Of the merchants asked, by merchant.
        relations: Ids of the buyer's relations to them.
        rights: Of the products asked, by product, and of the brands and categories that they are of, by id.
        gates: The ids of what may gate a product, by product: its brand and categories.
    """

    buyer: str = ""
    sold_by: str | None = None
    memberships: Mapping[str, Membership] = attrs.field(factory=dict)
    relations: frozenset[str] = attrs.field(default=frozenset(), kw_only=True)
    rights: Mapping[str, SellingRights] = attrs.field(factory=dict, kw_only=True)
    gates: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict, kw_only=True)

    def find_refusal(self, merchant: str, product: str, now: datetime) -> Notice | None:
        """Return why this merchant's offer of the product cannot be in the order, and what would mend it.

        >>> from datetime import UTC, datetime
        >>> rights = {"lamp": SellingRights("lamp", owner="acme")}
        >>> refusal = Eligibility("buyer-1", rights=rights).find_refusal(
        ...     "bolt", "lamp", datetime(2026, 1, 1, tzinfo=UTC)
        ... )
        >>> refusal.code, refusal.operands["owner"]
        ('no-right-to-sell', 'it belongs to acme; let bolt sell a product of its own')
        """
        if self.sold_by is not None and merchant != self.sold_by:
            message = f"the order is sold by {self.sold_by}, the offer is {merchant}'s"
            remedy = f"choose an offer of {self.sold_by}, or place another order for {merchant}"
            return Notice(
                "sold-by-another", "", message, remedy=remedy, operands={"sold_by": self.sold_by, "merchant": merchant}
            )
        # The merchant before the product: whoever cannot order from it at all need not hear of rights.
        return self.find_seller_refusal(merchant, now) or self.find_goods_refusal(merchant, product, now)

    def find_goods_refusal(self, merchant: str, product: str, now: datetime) -> Notice | None:
        """Return why this merchant sells no such product, whoever buys: it is recalled, another's, or gated."""
        return (
            self.find_recall(product, now)
            or self._find_rights_refusal(merchant, product)
            or self._find_gate_refusal(merchant, product)
        )

    def find_seller_refusal(self, merchant: str, now: datetime) -> Notice | None:
        """Return why this buyer cannot order anything from the merchant now."""
        membership = self.memberships.get(merchant)
        if not can_order(self.buyer, merchant, membership, relations=self.relations):
            message = f"buyer {self.buyer} cannot order from {merchant}"
            remedy = "ask the operator for a relation to this merchant, or order from another"
            return Notice(
                "no-relation", "", message, remedy=remedy, operands={"buyer": self.buyer, "merchant": merchant}
            )
        if not may_do(membership, Activity.SELL, now):
            message, remedy = f"{merchant} sells nothing at present", "choose another merchant's offer"
            return Notice("merchant-not-selling", "", message, remedy=remedy, operands={"merchant": merchant})
        return None

    def find_recall(self, product: str, now: datetime) -> Notice | None:
        """Return why nobody sells a product now."""
        rights = self.rights.get(product)
        recall = None if rights is None else rights.recall
        if recall is None or now < recall.since:
            return None
        message = f"nobody sells {product} any more: {recall.reason}"
        operands = {"product": product, "since": recall.since.isoformat(), "reason": recall.reason}
        return Notice("recalled", "", message, remedy="choose another product", operands=operands)

    def _find_gate_refusal(self, merchant: str, product: str) -> Notice | None:
        """Return why a merchant sells nothing of a brand or category that the product is of."""
        for id_ in self.gates.get(product, ()):
            rights = self.rights.get(id_)
            if rights is not None and rights.gated is not None and find_rule(rights, merchant) is None:
                goods = rights.gated
                message = f"{merchant} may sell nothing of {goods.group} {goods.name}, as {product} is"
                operands = {"merchant": merchant, "product": product, "group": goods.group.value, "name": goods.name}
                remedy = f"let the operator admit {merchant}, or choose another merchant's offer"
                return Notice("not-admitted", "", message, remedy=remedy, operands=operands)
        return None

    def _find_rights_refusal(self, merchant: str, product: str) -> Notice | None:
        rights = self.rights.get(product)
        if rights is None or find_rule(rights, merchant) is not None:
            return None
        outcomes = {outcome.rule: f"{outcome.why}; {outcome.remedy}" for outcome in weigh_rules(rights, merchant)}
        message = f"{merchant} has no right to sell {product}: none of the rules {', '.join(outcomes)} holds"
        operands = {"merchant": merchant, "product": product, **outcomes}
        return Notice(
            "no-right-to-sell",
            "",
            message,
            remedy=f"one of: {'; '.join(_list_remedies(rights, merchant))}",
            operands=operands,
        )


def _list_remedies(rights: SellingRights, merchant: str) -> list[str]:
    remedies = [outcome.remedy for outcome in weigh_rules(rights, merchant)]
    # What nobody can do is told among the outcomes, and is no advice.
    return [remedy for remedy in remedies if not remedy.startswith("impossible")]


def list_gates(brand: str, categories: Iterable[str]) -> tuple[str, ...]:
    """Return the ids of what may gate goods of a brand that lie in these categories."""
    goods = [GatedGoods(GoodsGroup.CATEGORY, category) for category in categories if category]
    goods += [GatedGoods(GoodsGroup.BRAND, brand)] if brand else []
    return tuple([one.to_id() for one in goods])


def gather_eligibility(
    unit: Repositories,
    buyer: str,
    sold_by: str | None,
    *,
    merchants: Iterable[str],
    products: Mapping[str, tuple[str, ...]],
) -> Eligibility:
    """Load what decides whose offers an order may take, in three round trips.

    Args:
        unit: Under the operator's authority.
        buyer: Who buys.
        sold_by: The merchant that the order goes to, if any.
        merchants: Who sells.
        products: What is sold, with the ids of what may gate it; see `list_gates`.
    """
    asked = {*merchants, *(() if sold_by is None else (sold_by,))}
    memberships = unit.repository(MEMBERSHIPS).find_many(asked)
    relations = unit.repository(RELATIONS).find_many({to_relation_id(buyer, merchant) for merchant in asked})
    rights = unit.repository(SELLING_RIGHTS).find_many({*products, *(id_ for ids in products.values() for id_ in ids)})
    # Of what nothing gates, nothing is kept: most marketplaces gate nothing.
    gates = {product: found for product, ids in products.items() if (found := tuple(i for i in ids if i in rights))}
    return Eligibility(buyer, sold_by, memberships, relations=frozenset(relations), rights=rights, gates=gates)
