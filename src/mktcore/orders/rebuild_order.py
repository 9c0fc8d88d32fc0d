"""An order as it was in an earlier version, rebuilt from what never changes of it and from its history. Pure."""

from collections.abc import Iterable, Mapping

import attrs

from mktcore.extra import NO_EXTRA
from mktcore.orders.answered_order import AnsweredMerchantOrder, AnsweredOrder, AnsweredWhole
from mktcore.orders.history import OrderStep
from mktcore.orders.merchant_order import MerchantOrder
from mktcore.orders.order import MarketplaceOrder, Order
from mktcore.orders.order_figures import state_undone
from mktcore.orders.portions_at import list_portions
from mktcore.orders.stated_figures import find_undone
from mktcore.processes import Subject
from mktcore.totals.undone import Undone

__all__ = ["rebuild_merchant_order", "rebuild_order"]


def rebuild_order(present: Order, steps: Iterable[OrderStep], answered: AnsweredOrder) -> Order:
    """Return a whole order as it was when it was answered.

    Args:
        present: As it is now; what was bought, of whom, at which figures, has not changed since it was placed.
        steps: The steps of the marketplace order and of all its merchant orders.
        answered: What was kept of it.
    """
    told = tuple(steps)
    whole, parts = answered.whole, {part.id: part for part in answered.parts}
    before = Order(
        _rebuild_whole(present.marketplace_order, told, whole),
        tuple(_rebuild_part(part, told, parts[part.id]) for part in present.merchant_orders),
    )
    return state_undone(before, _find_undone(told, {whole.id: whole.version, **_list_versions(answered.parts)}))


def rebuild_merchant_order(
    present: Order, steps: Iterable[OrderStep], answered: AnsweredMerchantOrder
) -> MerchantOrder:
    """Return a merchant order as it was when it was answered; all else is as in `rebuild_order`."""
    told = tuple(steps)
    part = _rebuild_part(present.get_part(answered.id), told, answered)
    undone = _find_undone(told, _list_versions([answered]))
    return state_undone(Order(present.marketplace_order, (part,)), undone).merchant_orders[0]


def _list_versions(parts: Iterable[AnsweredMerchantOrder]) -> dict[str, int]:
    return {part.id: part.version for part in parts}


def _find_undone(steps: Iterable[OrderStep], versions: Mapping[str, int]) -> dict[str, Undone]:
    return find_undone((one for step in steps for one in step.figures), versions)


def _rebuild_whole(present: MarketplaceOrder, steps: Iterable[OrderStep], told: AnsweredWhole) -> MarketplaceOrder:
    later = [revision for revision in present.revisions if revision.number > told.version]
    return attrs.evolve(
        present,
        revisions=tuple(revision for revision in present.revisions if revision.number <= told.version),
        promotion_uses=later[0].former_uses if later else present.promotion_uses,
        fulfilment=_rebuild_subject(steps, told),
        version=told.version,
        stage=told.stage,
        progress=told.progress,
        reviews=told.reviews,
        user=told.user,
        groups=told.groups,
        channel=told.channel,
        extra=told.extra,
        told_by_steps=True,
    )


def _rebuild_part(present: MerchantOrder, steps: Iterable[OrderStep], told: AnsweredMerchantOrder) -> MerchantOrder:
    lines = tuple(
        line if line.extra == extra else attrs.evolve(line, extra=extra)
        for line, extra in ((line, told.extras.get(line.key, NO_EXTRA)) for line in present.lines)
    )
    return attrs.evolve(
        present,
        lines=lines,
        fulfilment=_rebuild_subject(steps, told),
        version=told.version,
        stage=told.stage,
        progress=told.progress,
        is_held=told.is_held,
        commission_reversals=present.list_reversals()[: told.reversals],
        shipments=present.shipments[: told.shipments],
        extra=told.extra,
        told_by_steps=True,
    )


def _rebuild_subject(steps: Iterable[OrderStep], told: AnsweredWhole | AnsweredMerchantOrder) -> Subject:
    own = [step for step in steps if step.subject == told.id and step.number <= told.version]
    portions = list_portions(sorted(own, key=lambda step: step.number))
    return Subject(told.id, told.process, version=told.process_version, portions=portions)
