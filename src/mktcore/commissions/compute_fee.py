"""From a rule and what it is taken of to whole minor units, and the bounds that it is held to. Pure, on ints."""

from collections.abc import Sequence
from functools import lru_cache

import attrs

from mktcore.commissions.commission_rule import CommissionRule
from mktcore.commissions.commissionable_line import CommissionLine, SaleFacts
from mktcore.commissions.fee_terms import FeeTerms, Fixed, Per, Percentage
from mktcore.money import Currency, CurrencyMismatch, Money, Rounding, allocate, round_ratio
from mktcore.money.rounding import to_ratio

__all__ = ["Draft", "TakenOf", "bound_fees", "clamp_fees", "compute_fee"]


@attrs.frozen(eq=False)
class TakenOf:
    """What a fee is taken of.

    Attributes:
        base: Zero or more.
        pieces: Of all lines together.
        lines: How many lines, or charges.
        before: Where the volume decides, what was sold in the period before, in minor units.
    """

    base: Money
    pieces: int = 1
    lines: int = 1
    before: int = attrs.field(default=0, kw_only=True)


@attrs.define(eq=False)
class Draft:
    """A commission on its way: the amount changes as the bounds are applied, one after the other.

    Attributes:
        rule: The rule.
        lines: What it is taken of.
        base: Minor units.
        pieces: Of all lines together.
        amount: Minor units, as far as it is known.
        before: Where the volume decides, what the merchant sold in the period before, in minor units.
        clamps: The bounds that changed it: which, before, after.
        is_whole: Whether it is taken once of the order, and not of each line.
    """

    rule: CommissionRule
    lines: Sequence[CommissionLine]
    base: int
    pieces: int
    amount: int = 0
    before: int = 0
    clamps: list[tuple[str, int, int]] = attrs.field(factory=list)
    is_whole: bool = False

    @classmethod
    def of(cls, rule: CommissionRule, lines: Sequence[CommissionLine], *, is_whole: bool = False) -> "Draft":
        """Return what a rule takes of lines together, before any bound but those of its own entry."""
        # Of less than nothing, nothing is taken: a commission is never a payment to the merchant.
        base = sum([max(line.find_base(rule.base).minor, 0) for line in lines])
        pieces = sum([line.quantity for line in lines])
        return cls(rule, lines, base=base, pieces=pieces, is_whole=is_whole)

    def compute(self, before: int) -> None:
        """Compute what the rule takes, before its bounds; `before` is what the merchant sold in the period so far."""
        self.before = before
        base = Money.from_minor(self.base, self.currency)
        of = TakenOf(base, self.pieces, len(self.lines), before=before)
        self.amount = compute_fee(self.rule.terms, of, self.rule.rounding)

    @property
    def sale(self) -> SaleFacts:
        """What is true of the whole sale."""
        return self.lines[0].sale

    @property
    def currency(self) -> Currency:
        """Of its amounts."""
        return self.lines[0].net.currency

    def change(self, bound: str, amount: int) -> None:
        """Hold the amount to a bound, and note it where that changes it."""
        if amount != self.amount:
            self.clamps.append((bound, self.amount, amount))
            self.amount = amount


def compute_fee(terms: FeeTerms, of: TakenOf, mode: Rounding) -> int:
    """Return what terms take of a sale, in minor units, rounded; no rule's bounds are in it."""
    if isinstance(terms, Fixed):
        amount = terms.find(of.base.currency)
        if amount is None:  # a rule without the order's currency is not matched
            raise CurrencyMismatch(of.base.currency.code, terms.amount.currency.code)
        return amount.minor * {Per.PIECE: of.pieces, Per.LINE: of.lines, Per.ORDER: 1}[terms.per]
    base = of.base.minor
    if isinstance(terms, Percentage):
        numerator, denominator = _to_known_ratio(terms.rate)
        return round_ratio(base * numerator, denominator, mode)
    taken, scale = terms.take(base, pieces=of.pieces, before=of.before)
    return round_ratio(taken, scale, mode)


_to_known_ratio = lru_cache(maxsize=1024)(to_ratio)
"""A marketplace has few rates, and asks for them on every line."""


def bound_fees(rule: CommissionRule, drafts: Sequence[Draft]) -> None:
    """Hold what a rule took of a merchant's order to its floor and its cap: each entry, or all of them together."""
    if rule.floor is None and rule.cap is None:
        return
    if rule.bounds_per is not Per.ORDER:
        for draft in drafts:
            _bound_one(rule, draft)
        return
    _bound_all(rule, drafts)


def _bound_one(rule: CommissionRule, draft: Draft) -> None:
    times = draft.pieces if rule.bounds_per is Per.PIECE else 1
    if rule.floor is not None:
        draft.change("floor", max(draft.amount, rule.floor.minor * times))
    if rule.cap is not None:
        draft.change("cap", min(draft.amount, rule.cap.minor * times))


def _bound_all(rule: CommissionRule, drafts: Sequence[Draft]) -> None:
    total = sum([draft.amount for draft in drafts])
    if rule.floor is not None and total < rule.floor.minor:
        _share(rule.floor.minor, drafts, bound="floor")
    if rule.cap is not None and total > rule.cap.minor:
        _share(rule.cap.minor, drafts, bound="cap")


def _share(total: int, drafts: Sequence[Draft], *, bound: str) -> None:
    """Spread an amount by what each took; where nothing was taken, by the bases; of nothing, evenly."""
    weights = next(
        found
        for found in ([one.amount for one in drafts], [one.base for one in drafts], [1] * len(drafts))
        if any(found)
    )
    for draft, amount in zip(drafts, allocate(total, weights), strict=True):
        draft.change(bound, amount)


def clamp_fees(drafts: Sequence[Draft], proceeds: int) -> None:
    """Hold what several groups take together to what the sale brings its merchant; each gives way by its share."""
    limit = max(proceeds, 0)
    if sum([draft.amount for draft in drafts]) > limit:
        _share(limit, drafts, bound="proceeds")
