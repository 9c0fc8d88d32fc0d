"""What must hold of an order's commission: its inputs and its rule make it, what is signed is charged (I8). Pure."""

from collections.abc import Iterable, Iterator, Mapping

from mktcore.commissions import Commission, CommissionRule, Fixed, Tiers
from mktcore.commissions.agreed_rules import compile_agreement
from mktcore.commissions.fee_terms import CommissionBase
from mktcore.commissions.verify_commission import find_commission_contradictions
from mktcore.notice import Notice
from mktcore.orders import MerchantOrder, Order
from mktcore.orders.order_line import OrderLine
from mktcore.parties import Agreement
from mktcore.parties.agreements.agreement import find_agreement

__all__ = ["audit_commissions"]


def audit_commissions(
    order: Order, agreements: Mapping[str, Iterable[Agreement]], rules: Mapping[str, CommissionRule]
) -> Iterator[Notice]:
    """Yield a finding for every commission that its own inputs do not make, or that is promised and not there.

    Args:
        order: The whole order, as the operator sees it.
        agreements: Those of its merchants, of any time, by merchant.
        rules: Those of the marketplace, by id, as they are now.
    """
    if not order.marketplace_order.in_ledger:
        return  # it was placed when no agreement was a rule yet
    for part in order.merchant_orders:
        quantities = {line.key: line.quantity for line in part.lines}
        for entry in part.commissions or ():
            for found in find_commission_contradictions(entry):
                yield Notice("I8", f"{part.id}.commissions.{entry.id}", found.message)
            if entry.terms is not None:  # none was kept before 0.2
                yield from _check_entry(part, entry, rules.get(entry.rule), quantities=quantities)
        agreement = find_agreement(agreements.get(part.merchant, ()), part.placed_at)
        if agreement is not None:
            yield from _find_broken_promises(part, agreement)


def _check_entry(
    part: MerchantOrder, entry: Commission, rule: CommissionRule | None, *, quantities: Mapping[str, int]
) -> Iterator[Notice]:
    """An entry says of its order what that says, says its base in words too, and is of the version of a rule."""
    where = f"{part.id}.commissions.{entry.id}"
    name = f"{entry.on}:{entry.line}:{entry.group}:{entry.rule}"
    if (entry.id, entry.merchant_order, entry.at) != (name, part.id, part.placed_at):
        yield Notice("I8", where, f"it is of {entry.merchant_order} at {entry.at}, and its id should be {name}")
    if any(line not in quantities for line in entry.lines):
        yield Notice("I8", where, "it was taken of lines that are not there")
    elif entry.lines and sum(quantities[line] for line in entry.lines) != entry.quantity:
        yield Notice("I8", where, f"it was taken of {entry.quantity} pieces, and its lines have others")
    if not any(entry.reason == reason for reason in _list_reasons(entry)):
        yield Notice("I8", where, f"it was taken of {entry.base}, and its reason tells {entry.reason}")
    if rule is not None and rule.version <= entry.rule_version and not _is_of(entry, rule):
        yield Notice("I8", where, f"version {rule.version} of rule {rule.id} says otherwise")


def _list_reasons(entry: Commission) -> list[str]:
    """Return what its reason may be: of which amount of the sale a percentage is, nothing else in it tells."""
    if isinstance(entry.terms, Fixed):
        said = entry.terms.show(entry.base.currency)
        return [said, f"{said} for {entry.quantity}", f"{said} for {max(len(entry.lines), 1)}"]
    # Of tiers only those that were reached are kept, the reason tells them all.
    rate = entry.reason.partition(" of ")[0] if isinstance(entry.terms, Tiers) else str(entry.terms)
    said = f"{rate} of {entry.base} "
    return [f"{said}{base}" for base in CommissionBase]


def _is_of(entry: Commission, rule: CommissionRule) -> bool:
    before = 0 if entry.sold_before is None else entry.sold_before.minor
    terms = rule.terms.trim(before + entry.base.minor) if isinstance(rule.terms, Tiers) else rule.terms
    told = (entry.rule_version, entry.terms, entry.group, entry.on, entry.rounding, entry.reversal)
    return told == (rule.version, terms, rule.group, rule.on, rule.rounding, rule.reversal)


def _find_broken_promises(part: MerchantOrder, agreement: Agreement) -> Iterator[Notice]:
    """What is signed is charged: each line bears the rule that the agreement in force compiles into."""
    rules = compile_agreement(agreement)
    entries: dict[str, list[Commission]] = {}
    for entry in part.commissions or ():
        for key in entry.lines:
            entries.setdefault(key, []).append(entry)
    for line in part.lines:
        own = entries.get(line.key, ())
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
