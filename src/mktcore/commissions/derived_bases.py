"""Amounts that a percentage may be taken of and that totals do not state themselves."""

from collections.abc import Iterator, Mapping
from fractions import Fraction

import attrs

from mktcore.commissions.fee_terms import CommissionBase
from mktcore.money import Money, Rounding
from mktcore.totals.figures import Figures

__all__ = ["DerivedBases"]

_BASES = (
    CommissionBase.NET_AFTER_ALL,
    CommissionBase.NET_BEFORE,
    CommissionBase.GROSS_BEFORE,
    CommissionBase.GROSS_AFTER_OWN,
)


@attrs.frozen(eq=False)
class DerivedBases(Mapping[CommissionBase, Money]):
    """Bases of one line, each worked out when a rule asks for it: of an order's lines few are ever asked for.

    Attributes:
        totals: The line's.
        stated: What it costs before reductions, as prices are stated.
        to_net: What a stated amount is times to be net.
        to_gross: What it is times to be gross.
        mode: How the line's tax was rounded, and so are these.
    """

    totals: Figures
    stated: Money
    to_net: Fraction = attrs.field(kw_only=True)
    to_gross: Fraction = attrs.field(kw_only=True)
    mode: Rounding = attrs.field(kw_only=True)

    def __getitem__(self, base: CommissionBase) -> Money:
        match base:
            case CommissionBase.NET_AFTER_ALL:
                return self.totals.net
            case CommissionBase.NET_BEFORE:
                return (self.stated * self.to_net).round(self.mode)
            case CommissionBase.GROSS_BEFORE:
                return (self.stated * self.to_gross).round(self.mode)
            case CommissionBase.GROSS_AFTER_OWN:
                own = self.totals.marketplace_borne
                return self.totals.gross + (own * self.to_gross).round(self.mode)
        raise KeyError(base)

    def __iter__(self) -> Iterator[CommissionBase]:
        return iter(_BASES)

    def __len__(self) -> int:
        return len(_BASES)
