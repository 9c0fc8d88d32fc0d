"""Reductions, one after the other: what each takes off every line and expense."""

from collections.abc import Sequence

import attrs

from mktcore.money import round_ratio
from mktcore.money.rounding import to_ratio
from mktcore.notice import Notice
from mktcore.totals.apportionment import Bounds, apportion, round_at_level, round_units
from mktcore.totals.inputs import Basis, Reduction
from mktcore.totals.line_positions import Layout, segment
from mktcore.totals.rounding_profile import RoundAt, RoundingProfile

__all__ = ["ReducedAmounts", "reduce_in_order"]


_UNIT = RoundAt.UNIT  # looking a member up on its class costs more than the arithmetic on a short line

ReducedAmounts = tuple[Sequence[int], tuple[int, ...], tuple[int, ...] | None]
"""What one reduction took off: positions, ascending; at each of them, the minor units taken off, and what of them the
merchant bears (the same tuple when that is all, None when it is nothing). A plain tuple, because orders can have more
reductions than lines."""


@attrs.frozen(eq=False)
class _Targets:
    """The positions a reduction looks at, and what stands there."""

    positions: Sequence[int]
    bounds: Bounds
    weights: Sequence[int]
    left: Sequence[int]
    quantities: Sequence[int]


def reduce_in_order(
    amounts: Sequence[int],
    quantities: Sequence[int],
    reductions: Sequence[Reduction],
    *,
    layout: Layout,
    profile: RoundingProfile,
    left: Sequence[int] | None = None,
) -> tuple[list[int], list[ReducedAmounts], list[Notice]]:
    """Take the reductions off the amounts, in order.

    Args:
        amounts: The original ones, in minor units, by position.
        quantities: By position, where units are rounded on their own; otherwise empty.
        reductions: In order.
        layout: Where lines and expenses stand.
        profile: How to round.
        left: What reductions before these left; None where these are the first.

    Returns:
        What is left at each position; what each reduction took off; a problem for each that is above its base.
    """
    left, profile = list(amounts if left is None else left), profile.for_reductions
    taken: list[ReducedAmounts] = []
    problems: list[Notice] = []
    places, mode, by_unit = layout.line_positions, profile.mode, profile.at is _UNIT
    for index, reduction in enumerate(reductions):
        single = reduction.single
        if single is not None:  # the same as below, ten times as fast
            position = places[single]
            rest, ratio = left[position], reduction.ratio
            if ratio is None:
                part = reduction.amount.minor  # type: ignore[union-attr]  # it has an amount where it has no ratio
            elif by_unit:
                part = round_units((rest,), (quantities[position],), ratio, mode=mode)[0]
            else:
                part = round_ratio(rest * ratio[0], ratio[1], mode)
            # What is more than there is goes the long way, where it is clamped or refused.
            if part <= rest:
                left[position] = rest - part
                taken.append(((position,), (part,), None))
                continue
        targets = _look_at(reduction, layout, amounts=amounts, left=left, quantities=quantities)
        parts = _take_off(targets, reduction, profile)
        if parts is None:
            problems.append(_above_base(reduction, f"reductions[{index}]", sum(targets.left)))
            continue
        if len(parts) == len(left):
            left = [amount - part for amount, part in zip(left, parts, strict=True)]
        else:
            for position, part in zip(targets.positions, parts, strict=True):
                left[position] -= part
        frozen = tuple(parts)
        taken.append((targets.positions, frozen, _bear(targets, reduction, frozen, layout=layout, profile=profile)))
    return left, taken, problems


def _look_at(
    reduction: Reduction, layout: Layout, *, amounts: Sequence[int], left: Sequence[int], quantities: Sequence[int]
) -> _Targets:
    positions = layout.find_targets(reduction)
    if len(positions) == len(left):
        weights = left if reduction.basis is Basis.REMAINING else amounts
        return _Targets(positions=positions, bounds=layout.bounds, weights=weights, left=left, quantities=quantities)
    remaining = [left[position] for position in positions]
    weights = remaining if reduction.basis is Basis.REMAINING else [amounts[position] for position in positions]
    units = [quantities[position] for position in positions] if quantities else quantities
    return _Targets(
        positions=positions,
        bounds=segment(positions, layout.bounds),
        weights=weights,
        left=remaining,
        quantities=units,
    )


def _take_off(targets: _Targets, reduction: Reduction, profile: RoundingProfile) -> list[int] | None:
    """Return what is taken off each target, or None when that is more than there is."""
    cap = None if reduction.cap is None else reduction.cap.minor
    if reduction.percent is not None:
        ratio = to_ratio(reduction.percent)
        parts = round_at_level(targets.weights, targets.quantities, ratio, bounds=targets.bounds, profile=profile)
        if reduction.basis is Basis.ORIGINAL and any(
            part > left for part, left in zip(parts, targets.left, strict=True)
        ):
            if not reduction.cap_at_base:
                return None
            parts = [min(part, left) for part, left in zip(parts, targets.left, strict=True)]
        if cap is None or sum(parts) <= cap:
            return parts
        total = cap
    else:
        total = 0 if reduction.amount is None else reduction.amount.minor
        total = total if cap is None else min(total, cap)
    available = sum(targets.left)
    if total > available:
        if not reduction.cap_at_base:
            return None
        total = available
    # The weights are what is left, so no part can pass it.
    if reduction.basis is Basis.REMAINING:
        return apportion(total, targets.weights, targets.bounds, by=profile.allocation)
    # By what stood there at first, an entry that earlier reductions emptied would be taken below nothing: hence room.
    return apportion(total, targets.weights, targets.bounds, by=profile.allocation, room=targets.left)


def _bear(
    targets: _Targets, reduction: Reduction, parts: tuple[int, ...], *, layout: Layout, profile: RoundingProfile
) -> tuple[int, ...] | None:
    """Return what the merchants bear: their share of their own sum, rounded once and spread over its parts."""
    share = reduction.merchant_share
    if not share:
        return None
    numerator, denominator = to_ratio(share)
    borne: list[int] = []
    for start, end in targets.bounds:
        group = parts[start:end]
        total = sum(group)
        if start == end or targets.positions[start] >= layout.own_start:
            total = 0  # the marketplace's own expenses have no merchant
        share_of_group = round_ratio(total * numerator, denominator, profile.mode)
        borne += apportion(share_of_group, group, [(0, end - start)], by=profile.allocation)
    return parts if tuple(borne) == parts else tuple(borne)


def _above_base(reduction: Reduction, where: str, available: int) -> Notice:
    return Notice(
        "totals.reduction-above-base",
        where,
        f"reduction {reduction.key!r} takes off more than the {available} minor units that are left of its targets",
        "lower it, widen its targets, or set cap_at_base=True to clamp it",
        operands={"reduction": reduction.key, "available_minor": available},
    )
