"""Which commission is due on a sale, and why: all rules of a marketplace, ready to be asked."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import attrs

from mktcore.commissions.commission import Clamp, Commission
from mktcore.commissions.commission_policy import CommissionPolicy
from mktcore.commissions.commission_rule import CommissionOn, CommissionRule
from mktcore.commissions.commissionable_line import CommissionLine, LineNature
from mktcore.commissions.compute_fee import Draft, bound_fees, clamp_fees
from mktcore.commissions.fee_terms import CommissionBase, FeeTerms, Fixed, Per, Tiers
from mktcore.commissions.rule_index import RuleIndex, matches
from mktcore.money import Currency, Money

__all__ = ["CommissionBook", "calculate_commissions"]

_DEFAULT_POLICY = CommissionPolicy()


def _to_rules(rules: Iterable[CommissionRule]) -> tuple[CommissionRule, ...]:
    return tuple(rules)


def _index_rules(rules: Iterable[CommissionRule]) -> Mapping[CommissionOn, RuleIndex]:
    grouped: dict[CommissionOn, list[CommissionRule]] = {on: [] for on in CommissionOn}
    for rule in rules:
        grouped[rule.on].append(rule)
    return {on: RuleIndex.of(found) for on, found in grouped.items()}


@attrs.frozen(eq=False)
class CommissionBook:
    """The rules of a marketplace, indexed once, to be asked many times.

    >>> from datetime import UTC
    >>> from decimal import Decimal
    >>> from mktcore.commissions.fee_terms import Percentage
    >>> line = CommissionLine(
    ...     "1", "acme", "cameras", quantity=1, net=Money.of("87.12", "EUR"), gross=Money.of("103.67", "EUR")
    ... )
    >>> book = CommissionBook([CommissionRule("cameras", Percentage(Decimal("0.16")), category="cameras")])
    >>> [commission] = book.calculate([line], now=datetime(2026, 1, 1, tzinfo=UTC))
    >>> print(commission.explain().to_text())
    commission of line 1: 13.94 EUR - rule cameras: 16 % of 87.12 EUR net

    Attributes:
        rules: The rules.
        policy: What holds for all of them.
    """

    rules: tuple[CommissionRule, ...] = attrs.field(converter=_to_rules)
    policy: CommissionPolicy = _DEFAULT_POLICY
    _indexes: Mapping[CommissionOn, RuleIndex] = attrs.field(
        init=False, default=attrs.Factory(lambda book: _index_rules(book.rules), takes_self=True), repr=False
    )

    def calculate(self, lines: Iterable[CommissionLine], *, now: datetime) -> tuple[Commission, ...]:
        """Return what is due: an entry for every line, charge or order and every group of rules that has one for it.

        A rule that takes nothing still appears, with a zero amount, so that it can be seen why nothing is due. Bounds
        are applied in this order: the rounding, the rule's floor, its cap, the proceeds of the sale.

        Args:
            lines: Goods and charges, of any merchants; what a merchant sells together is one sale.
            now: The instant that rules must be valid at, UTC.

        Returns:
            Entries in the order of lines, then of groups; after them what is taken once of a merchant's order.
        """
        given = tuple(lines)
        drafts = [draft for sale in _group_sales(given) for draft in self._draft_sale(sale, now)]
        places = {id(line): place for place, line in enumerate(given)}
        drafts.sort(key=lambda draft: (draft.is_whole, places[id(draft.lines[0])], draft.rule.on, draft.rule.group))
        return tuple([_freeze(draft, now) for draft in drafts])

    def _draft_sale(self, sale: Sequence[CommissionLine], now: datetime) -> list[Draft]:
        """Return what is due of all that one merchant sells in an order."""
        goods = [line for line in sale if line.nature is LineNature.GOODS]
        freight = [line for line in sale if line.nature is LineNature.FREIGHT]
        drafts = [*self._draft_items(goods, now), *self._draft_freight(freight, goods, now=now)]
        drafts += self._draft_whole(goods, now)
        _compute_all(drafts)
        if self.policy.is_within_proceeds:
            _clamp_sale(drafts, sale)
        return drafts

    def _draft_items(self, goods: Sequence[CommissionLine], now: datetime) -> Iterator[Draft]:
        index = self._indexes[CommissionOn.ITEM]
        once: dict[int, list[CommissionLine]] = {}
        for line in goods:
            for rank in index.find_ranks(line, now).values():
                rule = index.ranked[rank]
                if _is_once(rule):
                    once.setdefault(rank, []).append(line)
                else:
                    yield Draft.of(rule, (line,))
        for rank, lines in once.items():
            yield Draft.of(index.ranked[rank], lines, is_whole=True)

    def _draft_freight(
        self, freight: Sequence[CommissionLine], goods: Sequence[CommissionLine], *, now: datetime
    ) -> Iterator[Draft]:
        # Freight is of no category and no brand: it is meant where some of the goods that it carries are.
        for rule in self._indexes[CommissionOn.FREIGHT].find_first(goods or freight, now) if freight else ():
            if _is_once(rule):
                yield Draft.of(rule, freight, is_whole=True)
            else:
                yield from (Draft.of(rule, (line,)) for line in freight)

    def _draft_whole(self, goods: Sequence[CommissionLine], now: datetime) -> Iterator[Draft]:
        for rule in self._indexes[CommissionOn.ORDER].find_first(goods, now):
            yield Draft.of(rule, [line for line in goods if matches(rule, line, now)], is_whole=True)


def _is_once(rule: CommissionRule) -> bool:
    return isinstance(rule.terms, Fixed) and rule.terms.per is Per.ORDER


def calculate_commissions(
    lines: Iterable[CommissionLine], rules: Iterable[CommissionRule], *, now: datetime
) -> tuple[Commission, ...]:
    """Return what is due by rules that are asked once; see `CommissionBook.calculate`."""
    return CommissionBook(rules).calculate(lines, now=now)


def _group_sales(lines: Iterable[CommissionLine]) -> Iterable[Sequence[CommissionLine]]:
    sales: dict[str, list[CommissionLine]] = {}
    for line in lines:
        sales.setdefault(line.merchant, []).append(line)
    return sales.values()


def _compute_all(drafts: Iterable[Draft]) -> None:
    """Compute what each rule takes, in the order of lines, and hold it to the rule's own bounds."""
    sold: Counter[str] = Counter()
    by_rule: dict[int, list[Draft]] = {}
    for draft in drafts:
        rule = draft.rule
        before = draft.sale.volume.get(rule.id, 0) + sold[rule.id] if rule.counts_volume() else 0
        draft.compute(before)
        sold[rule.id] += draft.base
        by_rule.setdefault(id(rule), []).append(draft)
    for own in by_rule.values():
        bound_fees(own[0].rule, own)


def _clamp_sale(drafts: Sequence[Draft], sale: Iterable[CommissionLine]) -> None:
    """Hold the groups' sum to the proceeds, line by line; what is taken once, to what the whole sale has left."""
    by_line: dict[int, list[Draft]] = {}
    for draft in drafts:
        if not draft.is_whole:
            by_line.setdefault(id(draft.lines[0]), []).append(draft)
    for own in by_line.values():
        clamp_fees(own, own[0].lines[0].find_base(CommissionBase.NET).minor)
    # An amount of the order is no matter of one line: it is held to what all of them leave.
    whole = [draft for draft in drafts if draft.is_whole]
    if whole:
        brought = sum([max(line.find_base(CommissionBase.NET).minor, 0) for line in sale])
        clamp_fees(whole, brought - sum([draft.amount for draft in drafts if not draft.is_whole]))


def _freeze(draft: Draft, now: datetime) -> Commission:
    rule, currency, sale = draft.rule, draft.currency, draft.sale
    key = "" if draft.is_whole else draft.lines[0].key
    whose = () if rule.on is CommissionOn.FREIGHT else (key,) if key else tuple([line.key for line in draft.lines])
    base, amount = Money.from_minor(draft.base, currency), Money.from_minor(draft.amount, currency)
    return Commission(
        key,
        rule.id,
        group=rule.group,
        base=base,
        amount=amount,
        reason=_tell(draft, base),
        on=rule.on,
        lines=whose,
        merchant_order=sale.merchant_order,
        rule_version=rule.version,
        agreement=rule.agreement,
        quantity=draft.pieces,
        terms=_trim(draft),
        sold_before=Money.from_minor(draft.before, currency) if rule.counts_volume() else None,
        clamps=tuple([_freeze_clamp(clamp, currency) for clamp in draft.clamps]) if draft.clamps else (),
        tax=sale.fee_tax.compute(amount, rule.rounding),
        tax_rate=sale.fee_tax.rate,
        tax_reason=sale.fee_tax.reason,
        reversal=rule.reversal,
        rounding=rule.rounding,
        at=now,
        id=f"{rule.on}:{key}:{rule.group}:{rule.id}",
    )


def _trim(draft: Draft) -> FeeTerms:
    terms = draft.rule.terms
    return terms.trim(draft.before + draft.base) if isinstance(terms, Tiers) else terms


def _freeze_clamp(clamp: tuple[str, int, int], currency: Currency) -> Clamp:
    bound, before, after = clamp
    return Clamp(bound, Money.from_minor(before, currency), Money.from_minor(after, currency))


def _tell(draft: Draft, base: Money) -> str:
    terms = draft.rule.terms
    if not isinstance(terms, Fixed):
        return f"{terms} of {base} {draft.rule.base}"
    counted = {Per.PIECE: f" for {draft.pieces}", Per.LINE: f" for {len(draft.lines)}", Per.ORDER: ""}
    return f"{terms.show(base.currency)}{counted[terms.per]}"
