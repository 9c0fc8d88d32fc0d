"""What must hold of the commission of an order: its inputs make it, and what is signed is charged (I8). Pure."""

from collections.abc import Iterable, Iterator, Mapping

from mktcore.commissions import Commission, CommissionRule, Fixed
from mktcore.commissions.agreed_rules import compile_agreement
from mktcore.commissions.contradictions import find_contradictions
from mktcore.errors import Notice
from mktcore.orders import MerchantOrder, Order
from mktcore.orders.order import OrderLine
from mktcore.parties import Agreement
from mktcore.parties.agreements.agreement import find_agreement

__all__ = ["audit_commissions"]


def audit_commissions(order: Order, agreements: Mapping[str, Iterable[Agreement]]) -> Iterator[Notice]:
    """Yield a finding for every commission that its own inputs do not make, or that is promised and not there.

    Args:
        order: The whole order, as the operator sees it.
        agreements: Those of its merchants, of any time, by merchant.
    """
    if not order.marketplace_order.in_ledger:
        return  # it was placed when no agreement was a rule yet
    for part in order.merchant_orders:
        for entry in part.commissions or ():
            for found in find_contradictions(entry):
                yield Notice("I8", f"{part.id}.commissions.{entry.id}", found.message)
        agreement = find_agreement(agreements.get(part.merchant, ()), part.placed_at)
        if agreement is not None:
            yield from _find_broken_promises(part, agreement)


def _find_broken_promises(part: MerchantOrder, agreement: Agreement) -> Iterator[Notice]:
    """What is signed is charged: each line bears the rule that the agreement in force compiles into."""
    rules = compile_agreement(agreement)
    for line in part.lines:
        own = [entry for entry in part.commissions or () if line.key in entry.lines]
        for group in dict.fromkeys(rule.group for rule in rules):
            promised = [rule for rule in rules if rule.group == group and _is_promised(rule, line)]
            if promised and not any(_keeps(entry, promised) for entry in own):
                message = f"agreement {agreement.id} promises {promised[0].terms}, and no commission of it is charged"
                yield Notice("I8", f"{part.id}.lines.{line.key}", message)


def _is_promised(rule: CommissionRule, line: OrderLine) -> bool:
    if isinstance(rule.terms, Fixed) and rule.terms.find(line.unit_price.currency) is None:
        return False  # in a currency that was not agreed on
    return rule.category in {None, line.category}


def _keeps(entry: Commission, promised: Iterable[CommissionRule]) -> bool:
    """Tell whether an entry is of the agreement; a category of the goods above the line's own may have another rate."""
    [first, *_] = promised
    return entry.agreement == first.agreement and entry.group == first.group
