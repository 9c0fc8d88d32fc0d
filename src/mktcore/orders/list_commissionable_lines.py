"""What commission is calculated of: lines and freight of a simulation, with what is known of goods and sellers."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import lru_cache

from mktcore.carts import PricedLine, Simulation
from mktcore.commissions import CommissionBase, CommissionLine
from mktcore.commissions.commissionable_line import LineNature, SaleFacts
from mktcore.commissions.derived_bases import DerivedBases
from mktcore.commissions.load_facts import CommissionFacts
from mktcore.market_policy import MarketPolicy
from mktcore.money import Money
from mktcore.totals import Expense, TaxRate, TaxTreatment
from mktcore.totals.compute_taxes import find_shares
from mktcore.totals.figures import ExpenseTotals, Figures

__all__ = ["build_freight_line", "find_bases", "list_commission_lines"]


def list_commission_lines(
    simulation: Simulation, facts: CommissionFacts, order_id: str = ""
) -> tuple[CommissionLine, ...]:
    """Return what commission is calculated of, in the order of lines, then of charges for freight.

    Args:
        simulation: Its totals tell every amount.
        facts: What its sellers are, and what their fees bear.
        order_id: The marketplace order that it becomes; empty where it is only calculated.
    """
    sales = {
        merchant: _to_sale(simulation, facts, merchant, order_id=order_id) for merchant in simulation.totals.merchants
    }
    goods = (_to_line(simulation, line, sales[line.offer.merchant]) for line in simulation.lines)
    return (*goods, *_list_freight(simulation, sales))


def _to_sale(simulation: Simulation, facts: CommissionFacts, merchant: str, *, order_id: str) -> SaleFacts:
    context = simulation.cart.context
    return SaleFacts(
        channel=context.channel,
        groups=context.groups,
        merchant_attributes=facts.attributes.get(merchant, {}),
        stated=simulation.totals.merchants[merchant].subtotal,
        merchant_order=f"{order_id}--{merchant}" if order_id else "",
        fee_tax=facts.find_fee_tax(merchant),
        volume=facts.volumes.get(merchant, {}),
    )


def _to_line(simulation: Simulation, line: PricedLine, sale: SaleFacts) -> CommissionLine:
    totals, nature = simulation.totals.lines[line.line.key], line.nature
    return CommissionLine(
        line.line.key,
        line.offer.merchant,
        nature.category,
        quantity=line.line.quantity,
        net=totals.merchant_net,
        gross=totals.gross,
        stated=totals.subtotal,
        figures=find_bases(simulation.policy, totals, totals.subtotal, rates=line.tax_rates),
        sku=line.sku.id,
        ancestors=nature.ancestors,
        brand=nature.brand,
        attributes=nature.attributes,
        sale=sale,
    )


def _list_freight(simulation: Simulation, sales: dict[str, SaleFacts]) -> Iterator[CommissionLine]:
    for expense in simulation.expenses:
        # The cart's other expenses are services of the merchant or of the host, and no freight.
        if expense.merchant is None or expense in simulation.cart.expenses:
            continue
        yield _to_freight(simulation, expense, expense.merchant, sale=sales[expense.merchant])


def _to_freight(simulation: Simulation, expense: Expense, merchant: str, *, sale: SaleFacts) -> CommissionLine:
    totals = simulation.totals.expenses[expense.key]
    return build_freight_line(simulation.policy, totals, merchant, rates=expense.tax_rates, sale=sale)


def build_freight_line(
    policy: MarketPolicy, totals: ExpenseTotals, merchant: str, *, rates: tuple[TaxRate, ...], sale: SaleFacts
) -> CommissionLine:
    """Return freight as commission sees it, of a cart or of an order that was placed."""
    return CommissionLine(
        totals.key,
        merchant,
        quantity=1,
        net=totals.merchant_net,
        gross=totals.gross,
        nature=LineNature.FREIGHT,
        stated=totals.expense_total,
        figures=find_bases(policy, totals, totals.expense_total, rates=rates),
        sale=sale,
    )


def find_bases(
    policy: MarketPolicy, totals: Figures, stated: Money, *, rates: tuple[TaxRate, ...]
) -> Mapping[CommissionBase, Money]:
    """Return the bases that totals do not state themselves, their tax computed as that of the line is."""
    to_net, to_gross = _find_ratios(rates, policy.prices_include_tax)
    return DerivedBases(totals, stated, to_net=to_net, to_gross=to_gross, mode=policy.profile.mode)


@lru_cache(maxsize=1024)
def _find_ratios(rates: tuple[TaxRate, ...], included: bool) -> tuple[Fraction, Fraction]:
    """Return what a stated amount is times, net and gross; what the buyer owes by reverse charge is in neither."""
    shares = find_shares(rates, included)
    charged, owed = (
        sum([Fraction(one.numerator, one.denominator) for one in shares if one.tax_rate.treatment is treatment])
        for treatment in (TaxTreatment.STANDARD, TaxTreatment.REVERSE_CHARGE)
    )
    whole = Fraction(1)
    return (whole - charged - owed, whole - owed) if included else (whole, whole + charged)
