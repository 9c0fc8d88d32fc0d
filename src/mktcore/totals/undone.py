"""What of a level's figures was canceled, refunded, and came on top since it was placed."""

import attrs

__all__ = ["NOTHING_UNDONE", "Undone"]


@attrs.frozen
class Undone:
    """What was canceled, what was given back and what came on top of the rest, at one level; stated as its prices are.

    Attributes:
        canceled_minor: What was canceled before it was earned, in minor units.
        canceled_tax_minor: The tax of that.
        refund_minor: What was given back after it had been earned.
        refund_tax_minor: The tax of that.
        tax_on_top: The tax comes on top of the amounts; otherwise it is contained in them.
        raised_minor: What discounts no longer take off, as they are no longer earned.
        raised_tax_minor: The tax of that.
    """

    canceled_minor: int = 0
    canceled_tax_minor: int = 0
    refund_minor: int = 0
    refund_tax_minor: int = 0
    tax_on_top: bool = False
    # Left out of documents where nothing rose: of nearly all that were canceled.
    raised_minor: int = attrs.field(default=0, kw_only=True, metadata={"omitted": True})
    raised_tax_minor: int = attrs.field(default=0, kw_only=True, metadata={"omitted": True})

    @classmethod
    def of(
        cls,
        canceled: tuple[int, int],
        refunded: tuple[int, int],
        raised: tuple[int, int] = (0, 0),
        *,
        tax_on_top: bool,
    ) -> "Undone":
        """Return what was undone of amounts that contain their tax.

        >>> Undone.of((3570, 570), (0, 0), tax_on_top=True).canceled_minor
        3000

        Args:
            canceled: What the buyer no longer pays, tax contained, and the tax in it; both in minor units.
            refunded: The same of what was given back.
            raised: The same of what came on top.
            tax_on_top: Prices are stated without their tax.
        """
        if not any((*canceled, *refunded, *raised)):
            return NOTHING_UNDONE  # one value for nothing, however prices are stated
        (canceled_paid, canceled_tax), (refunded_paid, refunded_tax) = canceled, refunded
        return cls(
            canceled_paid - (canceled_tax if tax_on_top else 0),
            canceled_tax,
            refund_minor=refunded_paid - (refunded_tax if tax_on_top else 0),
            refund_tax_minor=refunded_tax,
            tax_on_top=tax_on_top,
            raised_minor=raised[0] - (raised[1] if tax_on_top else 0),
            raised_tax_minor=raised[1],
        )

    @property
    def lowered_minor(self) -> int:
        """What the buyer has to pay less on balance, tax contained, in minor units."""
        raised = self.raised_minor + (self.raised_tax_minor if self.tax_on_top else 0)
        return self.canceled_gross_minor - raised

    @property
    def canceled_gross_minor(self) -> int:
        """What the buyer no longer has to pay, tax contained, in minor units."""
        return self.canceled_minor + (self.canceled_tax_minor if self.tax_on_top else 0)

    def __add__(self, other: "Undone") -> "Undone":
        """Return both together."""
        return Undone(
            self.canceled_minor + other.canceled_minor,
            self.canceled_tax_minor + other.canceled_tax_minor,
            refund_minor=self.refund_minor + other.refund_minor,
            refund_tax_minor=self.refund_tax_minor + other.refund_tax_minor,
            tax_on_top=self.tax_on_top or other.tax_on_top,
            raised_minor=self.raised_minor + other.raised_minor,
            raised_tax_minor=self.raised_tax_minor + other.raised_tax_minor,
        )


NOTHING_UNDONE = Undone()
