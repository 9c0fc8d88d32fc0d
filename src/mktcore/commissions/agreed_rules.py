"""What was signed with a merchant becomes rules, so that it is charged as signed."""

from collections.abc import Iterator, Mapping
from hashlib import sha256

from mktcore.commissions.commission_rule import CommissionRule
from mktcore.commissions.fee_terms import Fixed, Percentage
from mktcore.ids import MAX_ID_LENGTH, InvalidId, check_id
from mktcore.parties import Agreement

__all__ = ["AGREED_FIXED", "compile_agreement"]

AGREED_FIXED = "sale-fixed"
"""The group of signed amounts per piece: they stand beside the rate, not in its place."""
_NO_TREE: Mapping[str, tuple[str, ...]] = {}


def compile_agreement(
    agreement: Agreement, ancestors: Mapping[str, tuple[str, ...]] = _NO_TREE
) -> tuple[CommissionRule, ...]:
    """Return the rules that an agreement's commission terms make; none where nothing is agreed on commission.

    Rates are in the group `sale`, where a signed rule is asked before every rule of the marketplace.

    >>> from decimal import Decimal
    >>> from mktcore.parties.agreements.agreement import CommissionTerms
    >>> signed = Agreement("a1", "acme", commission=CommissionTerms(Decimal("0.12"), {"books": Decimal("0.15")}))
    >>> [(rule.category, str(rule.terms)) for rule in compile_agreement(signed)]
    [('books', '15 %'), (None, '12 %')]

    Args:
        agreement: What was signed.
        ancestors: The categories that a category lies in: of two rates, that of the nearer category holds.
    """
    return tuple(_list_rules(agreement, ancestors))


def _list_rules(agreement: Agreement, ancestors: Mapping[str, tuple[str, ...]]) -> Iterator[CommissionRule]:
    terms = agreement.commission
    for category, rate in sorted(terms.by_category.items()):
        depth = len(ancestors.get(category, ())) + category.count("/") + 1
        yield _make(agreement, category, Percentage(rate), category=category, priority=depth)
    if terms.rate is not None:
        yield _make(agreement, "", Percentage(terms.rate))
    if terms.fixed is not None:
        yield _make(agreement, "+", Fixed(terms.fixed), group=AGREED_FIXED)


def _make(
    agreement: Agreement,
    part: str,
    terms: Percentage | Fixed,
    *,
    category: str | None = None,
    group: str = "sale",
    priority: int = 0,
) -> CommissionRule:
    return CommissionRule(
        _name_rule(agreement.id, part),
        terms,
        group=group,
        priority=priority,
        merchant=agreement.merchant,
        category=category,
        valid=agreement.valid,
        version=agreement.version,
        agreement=agreement.id,
    )


def _name_rule(agreement: str, part: str) -> str:
    name = f"{agreement}:{part}" if part else agreement
    try:
        return check_id("commission rule", name)
    except InvalidId:  # too long, or of a category that no id can hold
        return f"{agreement[: MAX_ID_LENGTH // 2]}:@{sha256(name.encode()).hexdigest()[:32]}"
