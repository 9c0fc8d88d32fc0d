"""How a marketplace takes commission, whatever its rules say: how much at most, and with which tax."""

import attrs

from mktcore.commissions.fee_tax import FeeTaxPolicy

__all__ = ["CommissionPolicy"]


@attrs.frozen(kw_only=True)
class CommissionPolicy:
    """What holds for all commission of a marketplace.

    Attributes:
        is_within_proceeds: Whether all groups together take no more of a line or charge than it brings its merchant,
            tax excluded, after the reductions the merchant bears; and what is taken once of an order no more than the
            rest of it. Otherwise a merchant may owe more than it sold for.
        fee_tax: The tax on the fees; None where the marketplace states none.
    """

    is_within_proceeds: bool = True
    fee_tax: FeeTaxPolicy | None = None
