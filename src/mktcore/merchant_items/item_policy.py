"""Item policies: when the marketplace decides by itself, and what it asks of merchants."""

from collections.abc import Iterable, Sequence
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum

import attrs

from mktcore.errors import InvalidValue
from mktcore.ids import check_id
from mktcore.merchant_items.check_item import REQUIRABLE
from mktcore.merchant_items.item_decision import MAX_REASON, Bind, Deny, NewProduct, Pend, Verdict
from mktcore.merchant_items.ports import DoubtedCandidate, ItemCandidate
from mktcore.persistence import Kind, Repositories
from mktcore.persistence.kinds import EVERY_USER

__all__ = [
    "DEFAULT_POLICY",
    "ITEM_POLICIES",
    "DecisionFlow",
    "ItemJudgement",
    "ItemPolicy",
    "Unmatched",
    "find_policies",
    "judge_item",
]

MOST = 100
"""The greatest score."""


class DecisionFlow(StrEnum):
    """Who decides on what merchants send."""

    DEFAULT = "default"
    """The score: from `approve` on the item is bound, up to `reject` it is unmatched, in between a person decides."""
    MANUAL = "manual"
    """A person, always."""
    AUTO_APPROVE = "auto-approve"
    """What reaches `approve` is bound to the SKU, anything else becomes a new product; nobody waits, but in doubt."""


class Unmatched(StrEnum):
    """What becomes, by the default flow, of an item whose best score is at or below `reject`."""

    DENY = "deny"
    PEND = "pend"
    NEW_PRODUCT = "new product"


def _to_names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(names)


@attrs.frozen
class ItemPolicy:
    """How the marketplace, or one merchant's items, are decided on.

    Attributes:
        merchant: For whose items; None for those of every merchant without a policy of its own.
        flow: Who decides.
        approve: The least score, 0 to 100, at which an item is bound.
        reject: The greatest score at which an item is not the SKU; below `approve`.
        unmatched: What becomes of such an item. A marketplace that wants goods it does not have lets a person look, or
            makes new products.
        required: What an item must have beside its ids: `"name"`, `"brand"`, `"gtin or mpn"`.
        version: How often it was stored.
    """

    merchant: str | None = None
    flow: DecisionFlow = DecisionFlow.DEFAULT
    approve: int = 80
    reject: int = attrs.field(default=30, kw_only=True)
    unmatched: Unmatched = attrs.field(default=Unmatched.DENY, kw_only=True)
    required: tuple[str, ...] = attrs.field(default=("name",), converter=_to_names, kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.merchant is not None:
            check_id("merchant", self.merchant)
        for field in ("approve", "reject"):
            value = getattr(self, field)
            if type(value) is not int or not 0 <= value <= MOST:
                raise InvalidValue("ItemPolicy", field, value, f"a whole number from 0 to {MOST}")
        if self.reject >= self.approve:
            raise InvalidValue("ItemPolicy", "reject", self.reject, f"below approve, {self.approve}")
        for asked in self.required:
            if any(name.strip() not in REQUIRABLE for name in asked.split(" or ")):
                raise InvalidValue("ItemPolicy", "required", asked, f"some of {', '.join(REQUIRABLE)}")

    @property
    def id(self) -> str:
        """The id under which it is kept."""
        return to_policy_id(self.merchant)


def to_policy_id(merchant: str | None) -> str:
    """Return the id of a merchant's policy, or of the marketplace's."""
    # With a prefix: a merchant may be called marketplace.
    return "marketplace" if merchant is None else f"merchant:{merchant}"


DEFAULT_POLICY = ItemPolicy()
"""What holds where nobody stored another."""
ITEM_POLICIES = Kind(
    "item_policy",
    ItemPolicy,
    columns={"merchant": lambda policy: policy.merchant},
    merchant="merchant",
    # A merchant reads what holds for it; were it to write it, it would approve its own items.
    reads=EVERY_USER,
    fixed=("merchant",),
)


@attrs.frozen
class ItemJudgement:
    """What a policy makes of an item's candidates."""

    verdict: Verdict
    score: Decimal | None = None
    reasons: tuple[str, ...] = ()


def judge_item(policy: ItemPolicy, candidates: Sequence[ItemCandidate]) -> ItemJudgement:
    """Return what a policy decides: pure, and the same for the same candidates.

    Where nothing at all was found, no item is denied: the default flow lets a person look, or makes a new product. A
    person looks too, in every flow, where several SKUs fit equally well, and where the finder has doubts.
    """
    # Of equal scores the first id in order: the same candidates are told the same, however a matcher lists them.
    best = min(candidates, key=lambda found: (-found.score, found.sku), default=None)
    score = None if best is None else _to_exact(best.score)
    reasons = () if best is None else tuple(map(str, best.reasons))
    # With its score all the same, which the person who decides wants to see.
    if policy.flow is DecisionFlow.MANUAL:
        return ItemJudgement(Pend("every item is decided on by hand"), score, reasons)
    doubt = "" if best is None else _find_doubt(policy, best, candidates)
    if doubt:
        return ItemJudgement(Pend(doubt[:MAX_REASON]), score, reasons)
    if best is not None and score is not None and score >= policy.approve:
        return ItemJudgement(Bind(best.sku), score, reasons)
    if policy.flow is DecisionFlow.AUTO_APPROVE:
        return ItemJudgement(NewProduct(), score, reasons)
    if score is not None and score > policy.reject:
        between = f"the likeliest SKU has score {score}, above {policy.reject} and below {policy.approve}"
        return ItemJudgement(Pend(between), score, reasons)
    return ItemJudgement(_judge_unmatched(policy, score), score, reasons)


def _find_doubt(policy: ItemPolicy, best: ItemCandidate, candidates: Iterable[ItemCandidate]) -> str:
    """Return why the best candidate is not to be bound without a person all the same; empty without a doubt."""
    score = _to_exact(best.score)
    equal = sorted({found.sku for found in candidates if _to_exact(found.score) == score})
    # Below, nobody is bound in any case; above, the id that comes first is no reason to be chosen.
    if score >= policy.approve and len(equal) > 1:
        return f"{', '.join(equal)} fit equally well, with score {score}"
    return "; ".join(best.doubts) if isinstance(best, DoubtedCandidate) else ""


def _judge_unmatched(policy: ItemPolicy, score: Decimal | None) -> Verdict:
    if policy.unmatched is Unmatched.NEW_PRODUCT:
        return NewProduct()
    if score is None:
        return Pend("nothing in the catalogue is like it")
    low = f"the likeliest SKU has score {score}, {policy.reject} or less"
    return Deny(low) if policy.unmatched is Unmatched.DENY else Pend(low)


def _to_exact(score: float) -> Decimal:
    """Return a score with two digits, cut and not rounded: what shows as 80.00 reaches 80."""
    return Decimal(str(score)).quantize(Decimal("0.01"), ROUND_DOWN)


def find_policies(unit: Repositories, merchants: Iterable[str]) -> dict[str, ItemPolicy]:
    """Return the policy that holds for each merchant, in one round trip."""
    wanted = sorted(set(merchants))
    found = unit.repository(ITEM_POLICIES).find_many([to_policy_id(None), *map(to_policy_id, wanted)])
    shared = found.get(to_policy_id(None), DEFAULT_POLICY)
    return {merchant: found.get(to_policy_id(merchant), shared) for merchant in wanted}
