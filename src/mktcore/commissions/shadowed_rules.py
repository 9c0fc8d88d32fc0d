"""Rules that stand behind another one which takes everything of theirs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, product

from mktcore.commissions.commission_rule import CommissionRule
from mktcore.commissions.fee_terms import Fixed, Tiers
from mktcore.commissions.rule_index import list_names, rank_rules
from mktcore.commissions.sale_filter import AmountBand, SaleFilter
from mktcore.money import Currency
from mktcore.notice import Notice, Severity
from mktcore.periods import Period

__all__ = ["CoverIndex", "covers", "find_shadowed"]

_LOOKED_AT = 500
"""Rules before one that are compared with it: so many that differ only in what no place tells are a mistake already."""


class CoverIndex:
    """Rules, asked for one that takes everything of another; by what they name, so that few are compared."""

    def __init__(self) -> None:
        """Begin without any."""
        self._places: dict[tuple[object, ...], list[CommissionRule]] = {}

    def note(self, rule: CommissionRule) -> None:
        """Add a rule."""
        for place in product(*_list_places(rule)):
            self._places.setdefault((rule.on, rule.group, *place), []).append(rule)

    def find(self, rule: CommissionRule) -> CommissionRule | None:
        """Return a rule of the same group that is for every sale of another one, the first that was added; or None."""
        # Whatever takes all of a rule's sales takes the first of each of its names, or any.
        firsts = product(*({found[0], ""} for found in _list_places(rule)))
        before = (one for place in firsts for one in self._places.get((rule.on, rule.group, *place), ()))
        return next((one for one in islice(before, _LOOKED_AT) if covers(one, rule)), None)


def _list_places(rule: CommissionRule) -> list[tuple[str, ...]]:
    return [tuple(dict.fromkeys(found)) or ("",) for found in list_names(rule)]


def find_shadowed(rules: Iterable[CommissionRule]) -> Iterator[Notice]:
    """Yield a notice for every rule that never applies, because one before it in its group takes all of its sales."""
    index = CoverIndex()
    for rule in rank_rules(rules):
        wider = index.find(rule)
        if wider is not None:
            yield _tell(rule, wider)
        index.note(rule)


def _tell(rule: CommissionRule, wider: CommissionRule) -> Notice:
    message = f"it can never match: {wider.id} stands before it in group {rule.group!r} and takes all of its sales"
    remedy = f"give it a priority above {wider.priority}, or another group"
    operands = {"rule": rule.id, "before": wider.id}
    where = f"commission rule {rule.id}"
    return Notice("commissions.shadowed", where, message, remedy, operands=operands, severity=Severity.WARNING)


def covers(wide: CommissionRule, narrow: CommissionRule) -> bool:
    """Tell whether a rule is surely for every sale that another one is for; categories by name, without the tree."""
    return (
        _holds_names(wide.where.merchants if wide.merchant is None else (wide.merchant,), _list_merchants(narrow))
        and _holds_names(wide.where.categories if wide.category is None else (wide.category,), _list_categories(narrow))
        and _holds_period(wide.valid, narrow.valid)
        and _covers_filter(wide.where, narrow.where)
        and _knows_as_much(wide, narrow)
    )


def _list_merchants(rule: CommissionRule) -> Sequence[str]:
    return rule.where.merchants if rule.merchant is None else (rule.merchant,)


def _list_categories(rule: CommissionRule) -> Sequence[str]:
    return rule.where.categories if rule.category is None else (rule.category,)


def _covers_filter(wide: SaleFilter, narrow: SaleFilter) -> bool:
    return (
        all(
            _holds_names(outer, inner)
            for outer, inner in (
                (wide.skus, narrow.skus),
                (wide.brands, narrow.brands),
                (wide.channels, narrow.channels),
                (wide.groups, narrow.groups),
            )
        )
        and _holds_choices(wide.attributes, narrow.attributes)
        and _holds_choices(wide.merchant_attributes, narrow.merchant_attributes)
        and _holds_band(wide.price, narrow.price)
        and _holds_band(wide.order, narrow.order)
        and set(wide.excluding) <= set(narrow.excluding)
    )


def _holds_names(wide: Sequence[str], narrow: Sequence[str]) -> bool:
    return not wide or (bool(narrow) and set(narrow) <= set(wide))


def _holds_choices(wide: Mapping[str, Sequence[str]], narrow: Mapping[str, Sequence[str]]) -> bool:
    return all(name in narrow and set(narrow[name]) <= set(values) for name, values in wide.items())


def _holds_period(wide: Period, narrow: Period) -> bool:
    starts = wide.start is None or (narrow.start is not None and wide.start <= narrow.start)
    return starts and (wide.end is None or (narrow.end is not None and narrow.end <= wide.end))


def _holds_band(wide: AmountBand | None, narrow: AmountBand | None) -> bool:
    if wide is None:
        return True
    if narrow is None or narrow.start.currency != wide.start.currency or narrow.start < wide.start:
        return False
    return wide.end is None or (narrow.end is not None and narrow.end <= wide.end)


def _knows_as_much(wide: CommissionRule, narrow: CommissionRule) -> bool:
    """Tell whether a rule is matched in every currency that another one is matched in."""
    spoken = _list_currencies(wide)
    if spoken is None:
        return True
    others = _list_currencies(narrow)
    return others is not None and others <= spoken


def _list_currencies(rule: CommissionRule) -> set[Currency] | None:
    """Return the currencies that a rule is matched in, or None for every one."""
    named = [bound.currency for bound in (rule.floor, rule.cap) if bound is not None]
    if isinstance(rule.terms, Tiers):
        named.append(rule.terms.currency)
    if isinstance(rule.terms, Fixed):
        named += [amount.currency for amount in (rule.terms.amount, *rule.terms.others)]
    return {currency for currency in named if rule.knows(currency)} if named else None
