"""When a charge beside the lines is given back: with the last of its pieces, by value, or never."""

from enum import StrEnum

import attrs

__all__ = ["GIVEN_BACK_WITH_LAST", "ChargeRule", "ChargeRules"]


class ChargeRule(StrEnum):
    """What becomes of a charge when pieces that it is for are canceled, or come back and are refunded."""

    WITH_LAST = "with-last"
    """It is canceled when the last of its pieces is; once a piece has left, it stays earned."""
    BY_VALUE = "by-value"
    """Each piece takes its share by value, whether the charge is earned yet or not."""
    NEVER = "never"
    """It is kept, though everything be canceled."""


@attrs.frozen
class ChargeRules:
    """The rules of an order, pinned when it is placed.

    Attributes:
        freight: Of merchants' charges.
        fees: Of the marketplace's own.
    """

    freight: ChargeRule = ChargeRule.WITH_LAST
    fees: ChargeRule = ChargeRule.WITH_LAST

    def find_rule(self, merchant: str | None) -> ChargeRule:
        """Return the rule of a merchant's charge; of the marketplace's own for None."""
        return self.fees if merchant is None else self.freight


GIVEN_BACK_WITH_LAST = ChargeRules()
"""Each with the last of its pieces: where nobody says otherwise."""
