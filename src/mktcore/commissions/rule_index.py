"""Which rules a sale takes, one of each group: found by what they name, without asking every rule."""

import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import product
from math import prod

import attrs

from mktcore.commissions.commission_rule import CommissionRule
from mktcore.commissions.commissionable_line import CommissionLine
from mktcore.commissions.fee_terms import Percentage
from mktcore.commissions.sale_filter import ANY_SALE, SaleFilter

__all__ = ["RuleIndex", "list_names", "matches", "rank_rules"]

_MAX_KEYS = 256
"""Places that one rule is noted at; one that names more in all is looked for by its longest list of names."""


def rank_rules(rules: Iterable[CommissionRule]) -> list[CommissionRule]:
    """Return rules by group, in it in the order in which they are asked: signed ones, then by priority, then by id."""
    return sorted(rules, key=lambda rule: (rule.group, not rule.agreement, -rule.priority, rule.id))


def matches(rule: CommissionRule, line: CommissionLine, now: datetime) -> bool:
    """Tell whether a rule is for a sale at an instant."""
    return (
        rule.merchant in {None, line.merchant}
        and (rule.category is None or line.lies_in(rule.category))
        and (rule.where is ANY_SALE or rule.where.holds(line))
        and rule.is_active
        and rule.valid.contains(now)
        and rule.knows(line.net.currency)
    )


Names = tuple[Sequence[str], Sequence[str], Sequence[str], Sequence[str]]
"""The merchants, SKUs, brands and categories that a rule names; nothing where it names none."""


def list_names(rule: CommissionRule) -> Names:
    """Return the merchants, SKUs, brands and categories that a rule is looked for by."""
    where = rule.where
    merchants = where.merchants if rule.merchant is None else (rule.merchant,)
    categories = where.categories if rule.category is None else (rule.category,)
    names = [merchants, where.skus, where.brands, categories]
    while prod([len(found) or 1 for found in names]) > _MAX_KEYS:
        several = [place for place, found in enumerate(names) if len(found) > 1]
        if len(several) == 1:
            break  # one list of names alone takes no more places than somebody wrote
        names[min(several, key=lambda place: len(names[place]))] = ()
    return (names[0], names[1], names[2], names[3])


def _is_told_by(names: Names, rule: CommissionRule) -> bool:
    """Tell whether the place that a rule is found at says all that it asks, so that nothing is left to look at."""
    merchants, skus, brands, categories = names
    # What names a merchant or a category itself is noted there, and must ask no more of it in its filter.
    asked = SaleFilter(
        merchants=() if rule.merchant is not None else merchants,
        skus=skus,
        brands=brands,
        categories=() if rule.category is not None else categories,
    )
    # A merchant or category that was left out of the place, because the rule names too many, is still to be asked.
    is_noted = bool(merchants) or rule.merchant is None, bool(categories) or rule.category is None
    is_bare = isinstance(rule.terms, Percentage) and rule.floor is None and rule.cap is None
    return all(is_noted) and is_bare and rule.where == asked and rule.valid.is_always()


Place = tuple[str, str, str, str]
"""A merchant, an SKU, a brand and a category; empty where rules of this kind name none."""


@attrs.define(eq=False)
class RuleIndex:
    """The rules on items, on freight or on orders, by what they name.

    A rule that names a merchant and two categories stands at two places, found by merchant and category together; a
    sale looks at as many places as there are kinds of conditions, times the categories that its goods lie in, whatever
    the number of rules and groups.

    Attributes:
        ranked: The rules, by group and in it in the order in which they are asked.
    """

    ranked: Sequence[CommissionRule]
    _places: dict[tuple[bool, bool, bool, bool], dict[Place, dict[str, list[int]]]] = attrs.field(factory=dict)
    _told: list[bool] = attrs.field(factory=list)

    @classmethod
    def of(cls, rules: Iterable[CommissionRule]) -> "RuleIndex":
        """Return the index of rules on one thing."""
        index = cls(rank_rules(rule for rule in rules if rule.is_active))
        for rank, rule in enumerate(index.ranked):
            names = list_names(rule)
            index._note(rank, names)
            index._told.append(_is_told_by(names, rule))
        return index

    def _note(self, rank: int, names: Names) -> None:
        merchants, skus, brands, categories = names
        places = self._places.setdefault((bool(merchants), bool(skus), bool(brands), bool(categories)), {})
        for merchant, sku, brand, category in product(*(found or _NO_NAME for found in names)):
            ranks = places.setdefault((merchant, sku, brand, category), {}).setdefault(self.ranked[rank].group, [])
            if not ranks or ranks[-1] != rank:  # a rule may name one thing twice
                ranks.append(rank)

    def find_ranks(self, line: CommissionLine, now: datetime) -> dict[str, int]:
        """Return the place in `ranked` of the first rule that is for a sale, for each group that has one."""
        best: dict[str, int] = {}
        if not self.ranked:
            return best
        merchant, sku, brand, told = line.merchant, line.sku, line.brand, self._told
        categories = line.list_categories()
        for (by_merchant, by_sku, by_brand, by_category), places in self._places.items():
            head = (merchant if by_merchant else "", sku if by_sku else "", brand if by_brand else "")
            for category in categories if by_category else _NO_NAME:
                found = places.get((*head, category))
                for group, ranks in found.items() if found else ():
                    limit = best.get(group, _LAST)
                    for rank in ranks:
                        if rank >= limit:
                            break
                        if told[rank] or matches(self.ranked[rank], line, now):
                            best[group] = rank
                            break
        return best

    def find_first(self, lines: Iterable[CommissionLine], now: datetime) -> list[CommissionRule]:
        """Return, for each group that has one, the first rule that is for some of the sales, by group."""
        best: dict[str, int] = {}
        for line in lines:
            for group, rank in self.find_ranks(line, now).items():
                best[group] = min(rank, best.get(group, _LAST))
        return [self.ranked[rank] for rank in sorted(best.values())]


_NO_NAME = ("",)
_LAST = sys.maxsize
