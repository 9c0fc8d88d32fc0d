"""Commission rules as the operator writes and reads them, and what they would take."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from datetime import datetime

import attrs

from mktcore.access import Permission, check_granted, check_permission
from mktcore.catalog import CATEGORIES, PRODUCTS, SKUS
from mktcore.clock import to_utc
from mktcore.commissions.agreed_rules import compile_agreement
from mktcore.commissions.commission import Commission
from mktcore.commissions.commission_book import CommissionBook
from mktcore.commissions.commission_policy import CommissionPolicy
from mktcore.commissions.commission_rule import COMMISSION_RULES, CommissionRule
from mktcore.commissions.commissionable_line import CommissionLine
from mktcore.commissions.events import CommissionRuleChanged
from mktcore.commissions.fee_tax import NO_FEE_TAX
from mktcore.commissions.lists import CommissionRuleList
from mktcore.commissions.load_facts import CommissionFacts, gather_commission_facts
from mktcore.commissions.replay import PlacedSale, ReplayedMerchant, replay_sales
from mktcore.commissions.rule_lint import KnownNames, lint_rules
from mktcore.errors import InvalidValue
from mktcore.money import Currency
from mktcore.money.one_currency import check_currency
from mktcore.notice import Notice
from mktcore.parties import AGREEMENTS, MERCHANTS, Agreement
from mktcore.periods import Period
from mktcore.persistence import NotFound, Party, Repositories, Scope, WritingUnit, put
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit
from mktcore.telemetry import watched

__all__ = ["CommissionRules"]

FindSales = Callable[[Repositories, Period], Iterator[PlacedSale]]
"""Reads what was sold in a period, in the order of placement; who keeps the orders knows how."""


@watched
@attrs.frozen
class CommissionRules:
    """The rules by which a marketplace takes commission; the operator's.

    Attributes:
        runtime: Where they are kept, and what time it is.
        policy: What holds for all commission.
        currency: What orders are paid in.
        find_sales: Reads what was sold.
    """

    runtime: Runtime[MarketUnit]
    policy: CommissionPolicy
    currency: Currency
    find_sales: FindSales

    @property
    def rules(self) -> CommissionRuleList:
        """The rules, as a list; the operator's."""
        return CommissionRuleList(self.runtime)

    def save_rule(self, rule: CommissionRule, *, scope: Scope) -> CommissionRule:
        """Store a rule, new (version 0) or changed, and return it as stored; orders keep what was taken of them.

        Raises:
            PermissionDenied: The caller is not the operator, or its user may not.
            StaleVersion: Somebody changed it meanwhile.
            InvalidValue: It claims to be compiled from an agreement.
            CurrencyMismatch: An amount of it is in no currency of the marketplace's, so that it would never match.
        """
        check_permission(scope, Permission.COMMISSIONS)
        check_currency(self.currency, *rule.list_foreign(self.currency))
        if rule.agreement:
            raise InvalidValue("CommissionRule", "agreement", rule.agreement, "empty for a rule that is stored")
        return self.runtime.run(scope.to_operator(), lambda unit: self._put(unit, rule))

    def archive_rule(self, rule: str, *, scope: Scope) -> CommissionRule:
        """Let a rule apply no more, and return it; it stays readable, for orders name it. Once archived, nothing moves.

        Raises:
            PermissionDenied: The caller is not the operator, or its user may not.
            NotFound: There is no such rule.
        """
        check_permission(scope, Permission.COMMISSIONS)

        def write(unit: WritingUnit) -> CommissionRule:
            found = unit.repository(COMMISSION_RULES).get(rule)
            return self._put(unit, attrs.evolve(found, is_active=False)) if found.is_active else found

        return self.runtime.run(scope.to_operator(), write)

    def get_rule(self, rule: str, *, scope: Scope) -> CommissionRule:
        """Return a rule.

        Raises:
            NotFound: There is none that the caller may read.
            PermissionDenied: The caller's user may not read figures.
        """
        check_granted(scope, Permission.FINANCE)
        return self.runtime.read(scope, lambda unit: unit.repository(COMMISSION_RULES).get(rule))

    def calculate(
        self, lines: Iterable[CommissionLine], *, scope: Scope, at: datetime | None = None
    ) -> tuple[Commission, ...]:
        """Return what would be taken of lines now, or at an instant (aware), by rules and by what is signed.

        Raises:
            NotFound: The caller is neither the operator nor the merchant of all lines.
            PermissionDenied: The caller's user may not read figures.
        """
        given = tuple(lines)
        merchants = tuple(dict.fromkeys(line.merchant for line in given))
        for merchant in merchants:
            if scope.party is Party.BUYER or not scope.covers(merchant=merchant):
                raise NotFound("merchant", merchant)
        check_granted(scope, Permission.FINANCE)
        now = self.runtime.now() if at is None else to_utc(at)
        # Rules are the operator's own: a merchant learns what they take of it, and not what they say.
        facts = self.runtime.read(scope.to_operator(), lambda unit: self._gather(unit, given, now))
        return facts.to_book().calculate([_complete(line, facts) for line in given], now=now)

    def replay(
        self, period: Period, rules: Iterable[CommissionRule], *, scope: Scope, executor: Executor | None = None
    ) -> tuple[ReplayedMerchant, ...]:
        """Return what rules would have taken of the orders of a period, beside what was taken. It changes nothing.

        What was signed is asked before them, as it was; goods and merchants are as the catalogue and the operator have
        them now, and all charges of a merchant are its freight.

        Args:
            period: By the time of placement.
            rules: In place of the marketplace's own.
            scope: The operator.
            executor: Where it is calculated, such as a process pool; here and now where none is given.

        Raises:
            PermissionDenied: The caller is not the operator, or its user may not.
        """
        check_permission(scope, Permission.COMMISSIONS)
        given = tuple(rules)

        def work(unit: Repositories) -> tuple[ReplayedMerchant, ...]:
            signed = (rule for one in unit.repository(AGREEMENTS).stream() for rule in compile_agreement(one))
            book = CommissionBook([*signed, *given], self.policy)
            return replay_sales(self.find_sales(unit, period), book, executor=executor)

        return self.runtime.read(scope.to_operator(), work)

    def lint(self, *, scope: Scope) -> tuple[Notice, ...]:
        """Return what is wrong with the stored rules, such as what can never match; see `lint_rules`.

        Raises:
            PermissionDenied: The caller is not the operator, or its user may not.
        """
        check_permission(scope, Permission.COMMISSIONS)
        return self.runtime.read(scope.to_operator(), self._lint)

    def _gather(self, unit: MarketUnit, lines: Iterable[CommissionLine], now: datetime) -> CommissionFacts:
        given = tuple(lines)
        ancestors = {line.category: line.ancestors for line in given}
        agreements: dict[str, list[Agreement]] = {line.merchant: [] for line in given}
        for agreement in unit.repository(AGREEMENTS).find_where("merchant", list(agreements)):
            agreements[agreement.merchant].append(agreement)
        return gather_commission_facts(unit, agreements, policy=self.policy, ancestors=ancestors, now=now)

    def _lint(self, unit: Repositories) -> tuple[Notice, ...]:
        rules = tuple(unit.repository(COMMISSION_RULES).stream())
        return lint_rules(rules, _find_known(unit, rules, self.currency), now=self.runtime.now())

    def _put(self, unit: WritingUnit, rule: CommissionRule) -> CommissionRule:
        stored = put(unit, COMMISSION_RULES, rule)
        unit.publish([CommissionRuleChanged(subject=stored.id, at=self.runtime.now(), number=stored.version)])
        return stored


def _complete(line: CommissionLine, facts: CommissionFacts) -> CommissionLine:
    """Return a line with what the store tells of its merchant, where the caller did not say it."""
    told, merchant = line.sale, line.merchant
    sale = attrs.evolve(
        told,
        merchant_attributes=told.merchant_attributes or facts.attributes.get(merchant, {}),
        fee_tax=facts.find_fee_tax(merchant) if told.fee_tax == NO_FEE_TAX else told.fee_tax,
        volume=told.volume or facts.volumes.get(merchant, {}),
    )
    return attrs.evolve(line, sale=sale)


def _find_known(unit: Repositories, rules: Iterable[CommissionRule], currency: Currency) -> KnownNames:
    """Look up what rules name; all goods are read only where a rule names a brand."""
    filters = [part for rule in rules for part in (rule.where, *rule.where.excluding)]
    merchants = {name for one in filters for name in one.merchants} | {rule.merchant for rule in rules if rule.merchant}
    categories = {name for one in filters for name in one.categories}
    categories |= {rule.category for rule in rules if rule.category is not None}
    skus = {name for one in filters for name in one.skus}
    brands = {name for one in filters for name in one.brands}
    return KnownNames(
        merchants=set(unit.repository(MERCHANTS).find_many(merchants)),
        categories=_find_categories(unit, categories),
        skus=set(unit.repository(SKUS).find_many(skus)),
        brands=_find_brands(unit) if brands else None,
        currency=currency,
    )


def _find_categories(unit: Repositories, named: set[str]) -> set[str]:
    """Return which of some categories there are: in the tree, or named by goods, of which one of each tells enough."""
    found = set(unit.repository(CATEGORIES).find_many(named))
    skus, products = unit.repository(SKUS), unit.repository(PRODUCTS)
    for category in named - found:
        where = {"category": category}
        if skus.page(where, limit=1).items or products.page(where, limit=1).items:
            found.add(category)
    return found


def _find_brands(unit: Repositories) -> set[str]:
    return {sku.brand for sku in unit.repository(SKUS).stream()} | {
        product.brand for product in unit.repository(PRODUCTS).stream()
    }
