"""Tax rules as the operator writes them, and as a lint judges them."""

from collections.abc import Iterator

import attrs

from mktcore.access import Permission, check_operator
from mktcore.access.record_list import RecordList
from mktcore.catalog import PRODUCTS, SKUS
from mktcore.delivery import SHIPPING_FEES
from mktcore.errors import InvalidValue
from mktcore.notice import Notice
from mktcore.persistence import Repositories, Scope, WritingUnit, put
from mktcore.taxes.buyer_tax import BUYER_TAXES, BuyerTax
from mktcore.taxes.tax_lint import lint_taxes
from mktcore.taxes.tax_rule import TAX_RULES, TaxRule
from mktcore.telemetry import watched
from mktcore.totals.check_inputs import MAX_TAXES

__all__ = ["Taxes"]

MAX_RULES = 1_000
"""Rules of one category: each cart with such goods reads all of them. Who needs more asks a tax service."""


class BuyerTaxList(RecordList[BuyerTax]):
    """What buyers are to the tax authority: those of whom it is known that they are no mere consumers."""

    kind, filters = BUYER_TAXES, ("buyer",)


@watched
@attrs.frozen(slots=False)
class Taxes(RecordList[TaxRule]):
    """The tax rules of the marketplace; the operator's.

    Attributes:
        runtime: Where they are kept.
    """

    kind, filters = TAX_RULES, ("category", "owner")

    def save(self, rule: TaxRule, *, scope: Scope) -> TaxRule:
        """Store a rule, new (version 0) or changed, and return it as stored.

        Raises:
            PermissionDenied: The caller is not the operator's, or may not change the market.
            StaleVersion: Somebody changed it meanwhile.
            InvalidValue: Its category has as many taxes as totals take, or 1,000 rules.
        """
        check_operator(scope, Permission.MARKET)

        def write(unit: WritingUnit) -> TaxRule:
            others = [
                one for one in unit.repository(TAX_RULES).find_where("category", [rule.category]) if one.id != rule.id
            ]
            # Of each name one applies: more names than totals take would fail every cart with such goods.
            if len({rule.name, *(one.name for one in others)}) > MAX_TAXES:
                raise InvalidValue("TaxRule", "category", rule.category, f"one of {MAX_TAXES - 1} other taxes at most")
            if len(others) >= MAX_RULES:
                raise InvalidValue("TaxRule", "category", rule.category, f"one of {MAX_RULES - 1} other rules at most")
            return put(unit, TAX_RULES, rule)

        return self.runtime.run(scope.to_operator(), write)

    def remove(self, rule: TaxRule, *, scope: Scope) -> None:
        """Remove a rule; orders keep the rates they were placed with.

        Raises:
            PermissionDenied: The caller is not the operator's, or may not change the market.
            NotFound: It was removed.
            StaleVersion: Somebody changed it meanwhile.
        """
        check_operator(scope, Permission.MARKET)
        self.runtime.run(scope.to_operator(), lambda unit: unit.repository(TAX_RULES).remove(rule))

    def save_buyer(self, record: BuyerTax, *, scope: Scope) -> BuyerTax:
        """Store what a buyer is to the tax authority, and return it as stored.

        Raises:
            PermissionDenied: The caller is not the operator's, or may not change the market.
            StaleVersion: Somebody changed it meanwhile.
        """
        check_operator(scope, Permission.MARKET)
        return self.runtime.run(scope.to_operator(), lambda unit: put(unit, BUYER_TAXES, record))

    def remove_buyer(self, record: BuyerTax, *, scope: Scope) -> None:
        """Make a buyer a consumer again; orders keep the rates they were placed with.

        Raises:
            PermissionDenied: The caller is not the operator's, or may not change the market.
            NotFound: It was removed.
            StaleVersion: Somebody changed it meanwhile.
        """
        check_operator(scope, Permission.MARKET)
        self.runtime.run(scope.to_operator(), lambda unit: unit.repository(BUYER_TAXES).remove(record))

    @property
    def buyers(self) -> "BuyerTaxList":
        """What buyers are to the tax authority, as a list: the operator's of all, a buyer's of itself."""
        return BuyerTaxList(self.runtime)

    def lint(self, *, scope: Scope) -> tuple[Notice, ...]:
        """Return rules that tax nothing, and tax categories that no rule taxes; see `lint_taxes`.

        It reads every SKU and product once.

        Raises:
            PermissionDenied: The caller is not the operator's, or may not change the market.
        """
        check_operator(scope, Permission.MARKET)

        def judge(unit: Repositories) -> tuple[Notice, ...]:
            named: dict[str, str] = {}
            for category, who in _list_named(unit):
                named.setdefault(category, who)
            return lint_taxes(unit.repository(TAX_RULES).stream(), named)

        return self.runtime.read(scope.to_operator(), judge)


def _list_named(unit: Repositories) -> Iterator[tuple[str, str]]:
    """Yield every tax category that is named, with who names it."""
    for product in unit.repository(PRODUCTS).stream():
        if product.tax_category:
            yield product.tax_category, f"product {product.id}"
    for sku in unit.repository(SKUS).stream():
        if sku.tax_category:
            yield sku.tax_category, f"SKU {sku.id}"
    for fee in unit.repository(SHIPPING_FEES).stream():
        if fee.tax_category:
            yield fee.tax_category, f"shipping fee {fee.id}"
