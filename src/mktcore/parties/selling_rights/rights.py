"""The right to sell: who may sell which product, by four rules of which one must hold."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import attrs

from mktcore.access import Permission
from mktcore.clock import to_utc
from mktcore.errors import ErrorCategory, InvalidValue, MktcoreError
from mktcore.ids import check_id
from mktcore.persistence import Kind
from mktcore.persistence.declared_columns import is_storable

__all__ = [
    "SELLING_RIGHTS",
    "GatedGoods",
    "GoodsGroup",
    "NotOpenToMerchants",
    "Recall",
    "RuleOutcome",
    "SellingRights",
    "SellingRule",
    "find_rule",
    "gate_goods",
    "opt_in",
    "opt_out",
    "weigh_rules",
]


MAX_REASON = 1_000


def _to_texts(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(texts)


@attrs.frozen
class Recall:
    """Nobody sells a product from now on: it is dangerous, forbidden, or wrongly listed.

    Attributes:
        since: Since when, UTC.
        reason: Why, in one clause; merchants and buyers are told.
    """

    since: datetime = attrs.field(converter=to_utc)
    reason: str

    def __attrs_post_init__(self) -> None:
        is_sound = isinstance(self.reason, str) and len(self.reason) <= MAX_REASON and is_storable(self.reason)
        if not is_sound:
            raise InvalidValue("Recall", "reason", self.reason, f"text of {MAX_REASON} characters at most")


class GoodsGroup(StrEnum):
    """What is gated together."""

    BRAND = "brand"
    """All goods of a brand, whatever its case."""
    CATEGORY = "category"
    """All goods of a category, and of those below it."""


@attrs.frozen
class GatedGoods:
    """Goods that only some merchants may sell.

    Attributes:
        group: What they have in common.
        name: The brand, or the id of the category.
    """

    group: GoodsGroup
    name: str

    def to_id(self) -> str:
        """Return the id of the record that says who may sell them; a brand's name need be no id."""
        name = self.name.strip().casefold() if self.group is GoodsGroup.BRAND else self.name
        digest = hashlib.sha256(f"{self.group}\0{name}".encode()).hexdigest()
        return f"gate+{digest[:40]}"


@attrs.frozen
class SellingRights:
    """Who may sell a product. A product without this record may be sold by whoever has an offer of it.

    Attributes:
        id: Id of the product (the SKU); of gated goods, what `gate_goods` makes of them.
        owner: The merchant that owns it; None when the operator does. Set at creation only.
        default_merchant: The merchant that sells it unless somebody says otherwise.
        all_merchants_can_sell: Any merchant may opt in; only on the operator's own products.
        admitted: Merchants that the operator opted in; only on its own products.
        opted_in: Merchants that opted in themselves.
        version: How often it was stored.
        recall: Why nobody sells it any more, whoever has a right to; None where it is not recalled.
        unrestricted: Whoever has an offer may sell it, as without this record.
        gated: The goods of a brand or category that it is about, instead of one product: of them only those that are
            admitted sell any, and only what else they may.

    Raises:
        InvalidValue: A merchant's product is opened to all, or to others.
    """

    id: str
    owner: str | None = None
    default_merchant: str | None = None
    all_merchants_can_sell: bool = attrs.field(default=False, kw_only=True)
    admitted: frozenset[str] = attrs.field(default=frozenset(), converter=_to_texts, kw_only=True)
    opted_in: frozenset[str] = attrs.field(default=frozenset(), converter=_to_texts, kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)
    recall: Recall | None = attrs.field(default=None, kw_only=True)
    unrestricted: bool = attrs.field(default=False, kw_only=True)
    gated: GatedGoods | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("product", self.id)
        if self.gated is not None and self.id != self.gated.to_id():
            raise InvalidValue("SellingRights", "id", self.id, "that of its goods: make it by gate_goods")
        if self.owner is not None and self.all_merchants_can_sell:
            raise InvalidValue(
                "SellingRights", "all_merchants_can_sell", self.owner, "only the operator's products are open to all"
            )
        if self.owner is not None and self.admitted:
            raise InvalidValue(
                "SellingRights", "admitted", self.owner, "the operator opts merchants in on its own products"
            )


SELLING_RIGHTS = Kind(
    "selling_rights",
    SellingRights,
    columns={"owner": lambda rights: rights.owner},
    merchant="owner",
    reads=Permission.SELLING,
    fixed=("owner",),
)


class SellingRule:
    """Names of the four rules."""

    DEFAULT = "default-merchant"
    OWNER = "owner"
    ADMITTED = "admitted-by-operator"
    OPTED_IN = "opted-in"


@attrs.frozen
class RuleOutcome:
    """What one of the four rules says of a merchant and a product.

    Attributes:
        rule: Its name, see `SellingRule`.
        holds: Whether it lets the merchant sell.
        why: What was found.
        remedy: What would make it hold; empty when it does.
    """

    rule: str
    holds: bool
    why: str
    remedy: str = attrs.field(kw_only=True)


@attrs.define(eq=False, slots=False)
class NotOpenToMerchants(MktcoreError):
    """A merchant that opts in to a product that is not open to all merchants."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.REFUSED
    code: ClassVar[str] = "parties.not-open-to-merchants"
    remedy: ClassVar[str] = "ask the operator to open the product to all merchants, or to opt this one in"
    product: str
    merchant: str

    def describe(self) -> str:
        """Name the product and the merchant."""
        return f"{self.merchant} cannot opt in to product {self.product}"


def weigh_rules(rights: SellingRights, merchant: str) -> tuple[RuleOutcome, ...]:
    """Return what each of the four rules says; the merchant may sell when one holds.

    >>> rights = SellingRights("lamp", default_merchant="acme", all_merchants_can_sell=True)
    >>> for outcome in weigh_rules(rights, "bolt"):
    ...     print(outcome.rule, outcome.holds, "-", outcome.remedy)
    default-merchant False - make bolt the product's default merchant
    owner False - let bolt sell a product of its own
    admitted-by-operator False - let the operator opt bolt in
    opted-in False - let bolt opt in
    """
    owner = "the operator" if rights.owner is None else rights.owner
    default = rights.default_merchant or "nobody"
    is_open = rights.owner is None and rights.all_merchants_can_sell
    is_admitted = rights.owner is None and merchant in rights.admitted
    found = (
        (SellingRule.DEFAULT, rights.default_merchant == merchant, f"its default merchant is {default}"),
        (SellingRule.OWNER, rights.owner == merchant, f"it belongs to {owner}"),
        (SellingRule.ADMITTED, is_admitted, f"the operator {'opted' if is_admitted else 'did not opt'} it in"),
        (SellingRule.OPTED_IN, is_open and merchant in rights.opted_in, _describe_opening(rights, merchant)),
    )
    return tuple(
        RuleOutcome(rule, holds, why, remedy="" if holds else _find_remedy(rule, rights, merchant))
        for rule, holds, why in found
    )


def _describe_opening(rights: SellingRights, merchant: str) -> str:
    if rights.owner is not None or not rights.all_merchants_can_sell:
        return "it is not open to all merchants"
    return f"it is open to all merchants, and {merchant} {'opted' if merchant in rights.opted_in else 'did not opt'} in"


def _find_remedy(rule: str, rights: SellingRights, merchant: str) -> str:
    if rule == SellingRule.DEFAULT:
        return f"make {merchant} the product's default merchant"
    if rule == SellingRule.OWNER:
        return f"let {merchant} sell a product of its own"
    if rights.owner is not None:
        return "impossible on a merchant's product"
    if rule == SellingRule.ADMITTED:
        return f"let the operator opt {merchant} in"
    return (
        f"let {merchant} opt in" if rights.all_merchants_can_sell else "open the product to all merchants, and opt in"
    )


def find_rule(rights: SellingRights | None, merchant: str) -> str | None:
    """Return the name of the first rule that lets the merchant sell the product; None when none does.

    >>> find_rule(SellingRights("lamp", owner="acme"), "acme"), find_rule(SellingRights("lamp", owner="acme"), "bolt")
    ('owner', None)

    Args:
        rights: The product's; a product without them may be sold by anybody.
        merchant: Who wants to sell.
    """
    if rights is None or rights.unrestricted:
        return "unrestricted"
    # In the order of the rules, so that an explanation names the same one every time.
    return next((outcome.rule for outcome in weigh_rules(rights, merchant) if outcome.holds), None)


def gate_goods(group: GoodsGroup, name: str, merchants: Iterable[str]) -> SellingRights:
    """Return the rights by which of a brand or category only some merchants sell anything.

    >>> gate = gate_goods(GoodsGroup.BRAND, "Orlik", ["acme"])
    >>> find_rule(gate, "acme"), find_rule(gate, "bolt")
    ('admitted-by-operator', None)

    Args:
        group: What is gated together.
        name: The brand, or the id of the category.
        merchants: Who may sell them.
    """
    goods = GatedGoods(group, name)
    return SellingRights(goods.to_id(), admitted=merchants, gated=goods)


def opt_in(rights: SellingRights, merchant: str, *, by_operator: bool = False) -> SellingRights:
    """Return the rights after a merchant opted in, or the operator opted it in.

    Raises:
        NotOpenToMerchants: The product is not open to all merchants, or is a merchant's own.
    """
    if rights.owner is not None or not (by_operator or rights.all_merchants_can_sell):
        raise NotOpenToMerchants(rights.id, merchant)
    field = "admitted" if by_operator else "opted_in"
    return attrs.evolve(rights, **{field: getattr(rights, field) | {merchant}})


def opt_out(rights: SellingRights, merchant: str) -> SellingRights:
    """Return the rights after a merchant opted out, however it came in; its offers stay, and sell no more."""
    gone = frozenset({merchant})
    # Out of both: who opts out does not stay in by the operator's word.
    return attrs.evolve(rights, admitted=rights.admitted - gone, opted_in=rights.opted_in - gone)
