"""The money of one line or charge of an order: what of it is still open, earned, canceled and refunded. Pure."""

import attrs

from mktcore.errors import InvalidValue
from mktcore.money import Rounding, round_ratio
from mktcore.postings.charge_refund_rule import ChargeRule

__all__ = ["FundedPieces", "Pool", "to_charge_key"]


def to_charge_key(charge: str) -> str:
    """Return the key of a charge's pool: no line's key begins with a stroke, so a line of the same name is another."""
    return f"/{charge}"


@attrs.frozen
class FundedPieces:
    """Pieces of a line with their money.

    Attributes:
        pieces: How many.
        paid: What the buyer pays for them, tax contained, in minor units.
        tax: Of it, the tax that the marketplace owes to the authority, in minor units.
        merchant_tax: Of it, the tax that its merchant owes.
        raised: Of it, what came on top since it was placed: reductions that no longer hold, tax contained.
        relieved: What the marketplace bears less of its reductions by that.
    """

    pieces: int = 0
    paid: int = 0
    tax: int = 0
    merchant_tax: int = 0
    raised: int = attrs.field(default=0, metadata={"omitted": True})
    relieved: int = attrs.field(default=0, metadata={"omitted": True})

    def __add__(self, other: "FundedPieces") -> "FundedPieces":
        """Return both together."""
        return FundedPieces(
            self.pieces + other.pieces,
            self.paid + other.paid,
            tax=self.tax + other.tax,
            merchant_tax=self.merchant_tax + other.merchant_tax,
            raised=self.raised + other.raised,
            relieved=self.relieved + other.relieved,
        )

    def __sub__(self, other: "FundedPieces") -> "FundedPieces":
        """Return what is left without the other."""
        return FundedPieces(
            self.pieces - other.pieces,
            self.paid - other.paid,
            tax=self.tax - other.tax,
            merchant_tax=self.merchant_tax - other.merchant_tax,
            raised=self.raised - other.raised,
            relieved=self.relieved - other.relieved,
        )

    @property
    def charged_tax(self) -> int:
        """All tax in it, whoever owes it, in minor units."""
        return self.tax + self.merchant_tax

    @property
    def as_placed(self) -> int:
        """What the buyer would pay for it if nothing had come on top, in minor units."""
        return self.paid - self.raised

    def take_pieces(self, pieces: int, mode: Rounding = Rounding.HALF_UP) -> "FundedPieces":
        """Return so many pieces of it: of each amount the share by pieces of what is left, rounded.

        Taken piece by piece in whatever steps, the last piece takes all that is left, so it closes in every mode.

        >>> FundedPieces(5, 9308, 1486).take_pieces(3)
        FundedPieces(pieces=3, paid=5585, tax=892, merchant_tax=0, raised=0, relieved=0)
        """
        return FundedPieces(
            pieces,
            _share(self.paid, pieces, self.pieces, mode=mode),
            tax=_share(self.tax, pieces, self.pieces, mode=mode),
            merchant_tax=_share(self.merchant_tax, pieces, self.pieces, mode=mode),
            raised=_share(self.raised, pieces, self.pieces, mode=mode),
            relieved=_share(self.relieved, pieces, self.pieces, mode=mode),
        )

    def take_amount(self, paid: int, mode: Rounding = Rounding.HALF_UP) -> "FundedPieces":
        """Return so much money of it, and no pieces: of each tax the share by amount, rounded.

        >>> FundedPieces(1, 1862, 297).take_amount(931)
        FundedPieces(pieces=0, paid=931, tax=149, merchant_tax=0, raised=0, relieved=0)
        """
        return FundedPieces(
            0,
            paid,
            tax=_share(self.tax, paid, self.paid, mode=mode),
            merchant_tax=_share(self.merchant_tax, paid, self.paid, mode=mode),
            raised=_share(self.raised, paid, self.paid, mode=mode),
            relieved=_share(self.relieved, paid, self.paid, mode=mode),
        )


NO_PORTION = FundedPieces()


@attrs.frozen
class Pool:
    """What becomes of the money of one line or charge: open, then earned or canceled; what is earned may be refunded.

    One ladder for everything that is taken of the open pieces, whatever it is called: a ladder for each kind of taking
    does not close.

    >>> camera = Pool.of("l1", "acme", pieces=5, paid=9308, tax=0, borne=412).earn(3).cancel(1)
    >>> camera.earned.paid, camera.canceled.paid, camera.open.paid
    (5585, 1862, 1861)
    >>> camera.refund(931).kept.paid
    4654

    Attributes:
        key: Key of the line, or of the charge by `to_charge_key`.
        merchant: Whose it is; None for the marketplace's own charge.
        whole: All of it, as placed.
        borne: What the marketplace bears of the reductions on it, in minor units; the buyer did not pay it.
        open: What is neither earned nor canceled.
        canceled: What was canceled before it was earned.
        refunded: What was given back after it had been earned.
        rounding: How each share rounds: as the order does.
        rule: Of a charge: when it is given back; a line has none to follow.
        added: What came on top of it since it was placed.
    """

    key: str
    merchant: str | None
    whole: FundedPieces
    borne: int
    open: FundedPieces
    canceled: FundedPieces = NO_PORTION
    refunded: FundedPieces = NO_PORTION
    rounding: Rounding = Rounding.HALF_UP
    rule: ChargeRule = ChargeRule.WITH_LAST
    # Left out of documents where nothing came on top: of nearly all orders.
    added: FundedPieces = attrs.field(default=NO_PORTION, kw_only=True, metadata={"omitted": True})

    @classmethod
    def of(
        cls,
        key: str,
        merchant: str | None,
        *,
        pieces: int,
        paid: int,
        tax: int,
        borne: int,
        merchant_tax: int = 0,
        rounding: Rounding = Rounding.HALF_UP,
        rule: ChargeRule = ChargeRule.WITH_LAST,
    ) -> "Pool":
        """Return a line or charge as it is placed: all of it open.

        Args:
            key: Key of the line, or of the charge by `to_charge_key`.
            merchant: Whose it is; None for the marketplace's own charge.
            pieces: How many; 1 for a charge.
            paid: What the buyer pays, tax contained, in minor units.
            tax: Of it, the tax that the marketplace owes, in minor units.
            borne: What the marketplace bears of its reductions, in minor units.
            merchant_tax: Of what the buyer pays, the tax that the merchant owes, in minor units.
            rounding: How each share of it rounds.
            rule: When a charge is given back.
        """
        whole = FundedPieces(pieces, paid, tax, merchant_tax=merchant_tax)
        return cls(key, merchant, whole, borne=borne, open=whole, rounding=rounding, rule=rule)

    @property
    def earned(self) -> FundedPieces:
        """What was earned to date, whether it was refunded later or not."""
        return self.whole + self.added - self.open - self.canceled

    @property
    def earned_pieces(self) -> int:
        """How many pieces were earned to date: asked of every line of an order, where no amount is."""
        return self.whole.pieces - self.open.pieces - self.canceled.pieces

    @property
    def kept(self) -> FundedPieces:
        """What was earned and not refunded."""
        return self.earned - self.refunded

    @property
    def kept_pieces(self) -> int:
        """How many pieces were earned and not refunded."""
        return self.whole.pieces - self.open.pieces - self.canceled.pieces - self.refunded.pieces

    def list_back(self) -> tuple[FundedPieces, FundedPieces]:
        """Return what went back of it to date: canceled, and refunded."""
        return self.canceled, self.refunded

    def is_touched(self) -> bool:
        """Tell whether something went back of it to date."""
        canceled, refunded = self.canceled, self.refunded
        return bool(canceled.pieces or canceled.paid or refunded.pieces or refunded.paid)

    def is_charge(self) -> bool:
        """Tell whether it is a charge beside the lines."""
        return self.key.startswith("/")

    def earn(self, pieces: int) -> "Pool":
        """Return it with so many open pieces earned.

        Raises:
            InvalidValue: So many are not open.
        """
        if not pieces:
            return self
        return self._become(self.open - self._take_open("earned", pieces), self.canceled, self.refunded)

    def cancel(self, pieces: int) -> "Pool":
        """Return it with so many open pieces canceled.

        Raises:
            InvalidValue: So many are not open.
        """
        if not pieces:
            return self
        taken = self._take_open("canceled", pieces)
        return self._become(self.open - taken, self.canceled + taken, self.refunded)

    def raise_open(self, added: FundedPieces) -> "Pool":
        """Return it with more to be paid for its open pieces, such as a reduction that they no longer have.

        Raises:
            InvalidValue: It has no open piece, or less would be paid.
        """
        if not self.open.pieces or added.pieces or added.paid < 0:
            raise InvalidValue("Pool", "added", added.paid, f"money for open pieces of {self.key}, zero or more")
        raised = self._become(self.open + added, self.canceled, self.refunded)
        return attrs.evolve(raised, added=self.added + added)

    def cancel_amount(self, paid: int) -> "Pool":
        """Return it with so much of what is open canceled, and no piece.

        Args:
            paid: In minor units, tax contained.

        Raises:
            InvalidValue: So much is not open.
        """
        if not min(self.open.paid, 0) <= paid <= max(self.open.paid, 0):
            reason = f"between 0 and the {self.open.paid} minor units open of {self.key}"
            raise InvalidValue("Pool", "canceled", paid, reason)
        taken = self.open.take_amount(paid, self.rounding)
        return self._become(self.open - taken, self.canceled + taken, self.refunded)

    def refund(self, paid: int) -> "Pool":
        """Return it with so much of what is kept refunded.

        Args:
            paid: In minor units, tax contained.

        Raises:
            InvalidValue: So much is not kept.
        """
        kept = self.kept
        if not min(kept.paid, 0) <= paid <= max(kept.paid, 0):
            raise InvalidValue(
                "Pool", "refunded", paid, f"between 0 and the {kept.paid} minor units kept of {self.key}"
            )
        return self._become(self.open, self.canceled, self.refunded + kept.take_amount(paid, self.rounding))

    def refund_pieces(self, pieces: int) -> "Pool":
        """Return it with so many of the pieces that are kept refunded.

        Raises:
            InvalidValue: So many are not kept.
        """
        if not pieces:  # as above: most lines of an order stay as they are with most of its steps
            return self
        kept = self.kept
        if not 0 <= pieces <= kept.pieces:
            raise InvalidValue("Pool", "refunded", pieces, f"between 0 and the {kept.pieces} pieces kept of {self.key}")
        return self._become(self.open, self.canceled, self.refunded + kept.take_pieces(pieces, self.rounding))

    def _become(self, open_: FundedPieces, canceled: FundedPieces, refunded: FundedPieces) -> "Pool":
        # Built by name: an event of a large order makes hundreds, and evolving looks through the fields of each.
        return Pool(
            self.key,
            self.merchant,
            self.whole,
            borne=self.borne,
            open=open_,
            canceled=canceled,
            refunded=refunded,
            rounding=self.rounding,
            rule=self.rule,
            added=self.added,
        )

    def _take_open(self, what: str, pieces: int) -> FundedPieces:
        if not 0 <= pieces <= self.open.pieces:
            raise InvalidValue("Pool", what, pieces, f"between 0 and the {self.open.pieces} pieces open of {self.key}")
        return self.open.take_pieces(pieces, self.rounding)


def _share(amount: int, part: int, whole: int, *, mode: Rounding) -> int:
    """Return the share of an amount, rounded; of nothing there is none."""
    if not whole or not amount:
        return 0
    sign = 1 if whole > 0 else -1
    return round_ratio(amount * part * sign, whole * sign, mode)
