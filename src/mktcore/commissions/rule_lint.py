"""Linting commission rules: what can never match, what nobody could have meant, and where a cent costs much. Pure."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime

import attrs

from mktcore.commissions.band_lint import find_band_faults, find_cliffs
from mktcore.commissions.commission_rule import CommissionRule
from mktcore.commissions.sale_filter import AmountBand, SaleFilter
from mktcore.commissions.shadowed_rules import covers, find_shadowed
from mktcore.money import Currency
from mktcore.notice import Notice, Severity

__all__ = ["KnownNames", "lint_rules"]


@attrs.frozen(kw_only=True)
class KnownNames:
    """What there is, as far as somebody looked; None where nobody did.

    Attributes:
        merchants: Ids of merchants.
        categories: Of the category tree, and those that goods name.
        skus: Ids of SKUs.
        brands: Brands of goods.
        currency: The currency that the marketplace sells in.
    """

    merchants: Collection[str] | None = None
    categories: Collection[str] | None = None
    skus: Collection[str] | None = None
    brands: Collection[str] | None = None
    currency: Currency | None = None


NOTHING_KNOWN = KnownNames()


def lint_rules(
    rules: Iterable[CommissionRule], known: KnownNames = NOTHING_KNOWN, *, now: datetime | None = None
) -> tuple[Notice, ...]:
    """Return what is wrong with rules before a merchant meets it, in the order of rules' ids.

    Rules that can never match (they name what does not exist, contradict themselves, are over, take a currency that
    nobody pays in, or stand behind another one that takes everything of theirs); gaps and overlaps of bands; prices at
    which a cent more changes the fee by more than the cent.

    >>> from decimal import Decimal
    >>> from mktcore.commissions.fee_terms import Percentage
    >>> rules = [CommissionRule("books", Percentage(Decimal("0.15")), category="boks")]
    >>> print(*lint_rules(rules, KnownNames(categories=["books"])))
    commission rule books: it can never match: there is no category 'boks' (correct the name, or archive the rule)

    Args:
        rules: The rules; archived ones are left aside.
        known: What there is.
        now: The instant by which rules are over; None looks at all times.
    """
    active = [rule for rule in rules if rule.is_active]
    found = [notice for rule in active for notice in _judge_rule(rule, known, now)]
    live = [rule for rule in active if not _is_over(rule, now)]
    found += [*find_shadowed(live), *find_band_faults(live), *find_cliffs(live)]
    return tuple(sorted(found, key=lambda notice: (notice.where, notice.code, notice.message)))


def _judge_rule(rule: CommissionRule, known: KnownNames, now: datetime | None) -> Iterator[Notice]:
    for reason, remedy in _list_impossible(rule, known, now):
        message = f"it can never match: {reason}"
        operands = {"rule": rule.id, "reason": reason}
        yield Notice(
            "commissions.never-matches", _locate(rule), message, remedy, operands=operands, severity=Severity.WARNING
        )
    for kind, name in _list_unknown(rule, known):
        message, operands = f"there is no {kind} {name!r}", {"rule": rule.id, "kind": kind, "name": name}
        remedy = "correct the name, or remove it"
        yield Notice(
            "commissions.unknown-name", _locate(rule), message, remedy, operands=operands, severity=Severity.WARNING
        )


def _locate(rule: CommissionRule) -> str:
    return f"commission rule {rule.id}"


def _is_over(rule: CommissionRule, now: datetime | None) -> bool:
    return now is not None and rule.valid.end is not None and rule.valid.end <= now


def _list_names(rule: CommissionRule, known: KnownNames) -> Iterator[tuple[str, Sequence[str], list[str]]]:
    """Return, for each sort of thing that the rule names and somebody looked up: the names, and which do not exist."""
    where = rule.where
    named = (
        ("merchant", () if rule.merchant is None else (rule.merchant,), known.merchants),
        ("merchant", where.merchants, known.merchants),
        ("category", () if rule.category is None else (rule.category,), known.categories),
        ("category", where.categories, known.categories),
        ("SKU", where.skus, known.skus),
        ("brand", where.brands, known.brands),
    )
    for kind, names, there in named:
        if names and there is not None:
            yield kind, names, [name for name in names if name not in there]


def _list_unknown(rule: CommissionRule, known: KnownNames) -> Iterator[tuple[str, str]]:
    """Return the names that do not exist beside others that do, and those that nothing is excluded by."""
    for kind, names, missing in _list_names(rule, known):
        if len(missing) < len(names):
            yield from ((kind, name) for name in missing)
    for excluded in rule.where.excluding:
        for kind, _, missing in _list_names(_to_excluded(rule, excluded), known):
            yield from ((kind, name) for name in missing)


def _to_excluded(rule: CommissionRule, excluded: SaleFilter) -> CommissionRule:
    """Return a rule for what another one excludes, so that both are asked alike."""
    return attrs.evolve(rule, where=excluded, merchant=None, category=None)


def _list_impossible(rule: CommissionRule, known: KnownNames, now: datetime | None) -> Iterator[tuple[str, str]]:
    for kind, names, missing in _list_names(rule, known):
        if len(missing) == len(names):
            shown = ", ".join(map(repr, names[:5]))
            yield f"there is no {kind} {shown}", "correct the name, or archive the rule"
    where = rule.where
    if rule.merchant is not None and where.merchants and rule.merchant not in where.merchants:
        yield f"it is for {rule.merchant}, and for none but {', '.join(where.merchants[:5])}", "name the merchant once"
    if any(covers(_to_excluded(rule, excluded), rule) for excluded in where.excluding):
        yield "it excludes all that it is for", "exclude less, or archive the rule"
    if where.price is not None and where.order is not None and _lies_below(where.order, where.price):
        yield f"no order below {where.order.end} holds a piece from {where.price.start}", "widen one of the two bands"
    if _is_over(rule, now):
        yield f"it ended at {rule.valid.end:%Y-%m-%d %H:%M} UTC", "archive it, or let it go on"
    if known.currency is not None and not rule.knows(known.currency):
        yield f"it says nothing in {known.currency}, which orders are paid in", f"give its amounts in {known.currency}"


def _lies_below(order: AmountBand, price: AmountBand) -> bool:
    is_alike = order.start.currency == price.start.currency
    return is_alike and order.end is not None and order.end <= price.start
