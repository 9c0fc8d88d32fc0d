"""Goods on their way: when they leave and arrive, wait for stock, never left, are lost, or refused at the door."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import ClassVar

import attrs

from mktcore.clock import to_utc
from mktcore.errors import InvalidValue
from mktcore.goods import Measure
from mktcore.orders.actions.action import EVERY_PARTY, Action
from mktcore.orders.actions.goods_back import BringsBack
from mktcore.orders.actions.reason_codes import ReasonedAction
from mktcore.orders.parcel import Parcel, check_mass, list_parcel_problems
from mktcore.persistence import Party

__all__ = ["BackOrder", "Deliver", "Issue", "Lose", "RefuseAtDoor", "Ship", "UndoShipment"]

MAX_CODE = 200


def _to_parcels(parcels: Iterable[Parcel]) -> tuple[Parcel, ...]:
    found = tuple(parcels)
    if not all(isinstance(parcel, Parcel) for parcel in found):
        raise InvalidValue("Ship", "parcels", [type(parcel).__name__ for parcel in found], "Parcels")
    return found


@attrs.frozen
class Ship(Action):
    """Pieces left the merchant.

    >>> Ship(carrier="DHL", tracking="00340434161094042557").event
    'ship'

    Attributes:
        carrier: Who carries them.
        tracking: Where the carrier finds them.
        parcels: The parcels they are in; one, where none are told. Either each says what it holds, or none does.
        weight: How much all of it weighs.
        invoice: The number of the merchant's invoice for them.

    Raises:
        InvalidValue: A text is empty, too long or not printable, the weight is no mass, or the parcels do not go
            together.
    """

    event: ClassVar[str] = "ship"
    shown_to: ClassVar[frozenset[Party]] = EVERY_PARTY
    carrier: str | None = None
    tracking: str | None = None
    parcels: tuple[Parcel, ...] = attrs.field(default=(), kw_only=True, converter=_to_parcels)
    weight: Measure | None = attrs.field(default=None, kw_only=True)
    invoice: str | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        check_mass("Ship", self.weight)
        for problem in list_parcel_problems(self.parcels):
            raise InvalidValue("Ship", "parcels", [parcel.key for parcel in self.parcels], problem)


def _to_codes(codes: Iterable[str]) -> tuple[str, ...]:
    if isinstance(codes, str):  # it would be taken letter by letter
        raise InvalidValue("Issue", "codes", "***", "a sequence: one text for each piece")
    return tuple(codes)


@attrs.frozen
class Issue(Action):
    """Pieces were made for the buyer: gift cards, licence keys. They leave by it, so that none is issued twice.

    >>> Issue(["GIFT-7K2M"]).event
    'ship'

    Attributes:
        codes: What the buyer gets, one text for each piece; the buyer and the operator see them, the merchant does not.

    Raises:
        InvalidValue: A code is empty, too long, or there twice; the message names none.
    """

    event: ClassVar[str] = "ship"
    shown_to: ClassVar[frozenset[Party]] = frozenset({Party.OPERATOR, Party.BUYER})
    codes: tuple[str, ...] = attrs.field(converter=_to_codes, repr=False)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        # A code is as good as money: no message, log or traceback is to hold one.
        if not all(isinstance(code, str) and 0 < len(code) <= MAX_CODE and code.isprintable() for code in self.codes):
            raise InvalidValue("Issue", "codes", "***", f"printable texts of 1 to {MAX_CODE} characters")
        if not self.codes or len(set(self.codes)) < len(self.codes):
            raise InvalidValue("Issue", "codes", "***", "one for each piece, each once")


@attrs.frozen
class Deliver(Action):
    """Pieces reached the buyer.

    Attributes:
        received_by: Who took them.
        delivered_at: When, UTC; it may be told later than it happened.
        shipment: Id of the shipment that they are in; None for any, those first that left first.
        parcel: The parcel of it.
    """

    event: ClassVar[str] = "deliver"
    shown_to: ClassVar[frozenset[Party]] = EVERY_PARTY
    received_by: str | None = None
    delivered_at: datetime | None = attrs.field(default=None, converter=attrs.converters.optional(to_utc))
    shipment: str | None = attrs.field(default=None, kw_only=True)
    parcel: str | None = attrs.field(default=None, kw_only=True)


def _check_date(action: object, field: "attrs.Attribute[date | None]", expected: date | None) -> None:
    # An instant is a date to Python, and would say more than anybody knows.
    if expected is not None and type(expected) is not date:
        raise InvalidValue(type(action).__name__, field.name, expected, "a date, or None where nobody knows")


@attrs.frozen
class BackOrder(ReasonedAction):
    """Pieces are not there yet; they ship when they come, and the buyer need not wait for them.

    >>> BackOrder(expected=date(2026, 8, 1)).event
    'back-order'

    Attributes:
        code: Why, in a word: `"sold-out"`.
        expected: When they are expected, at the merchant's place; None where nobody knows.
    """

    event: ClassVar[str] = "back-order"
    expected: date | None = attrs.field(default=None, validator=_check_date)


@attrs.frozen
class UndoShipment(ReasonedAction):
    """Pieces never left, although the merchant said so by mistake.

    Attributes:
        code: Why, in a word: `"wrong-order"`.
        shipment: Id of the shipment that they are in; None for any, those first that left first.
        parcel: The parcel of it.
    """

    event: ClassVar[str] = "undo shipment"
    shipment: str | None = attrs.field(default=None, kw_only=True)
    parcel: str | None = attrs.field(default=None, kw_only=True)


@attrs.frozen
class Lose(ReasonedAction):
    """Pieces were lost on their way.

    Attributes:
        code: Why, in a word: `"carrier-lost"`.
        shipment: Id of the shipment that they are in; None for any, those first that left first.
        parcel: The parcel of it.
    """

    event: ClassVar[str] = "lose"
    shipment: str | None = attrs.field(default=None, kw_only=True)
    parcel: str | None = attrs.field(default=None, kw_only=True)


@attrs.frozen
class RefuseAtDoor(BringsBack):
    """The buyer did not take pieces, or was not found; they are back at the merchant's.

    Attributes:
        code: Why, in a word: `"nobody-there"`.
        condition: In which condition they came back; sellable where it is not told.
        shipment: Id of the shipment that they are in; None for any, those first that left first.
        parcel: The parcel of it.
    """

    event: ClassVar[str] = "refuse at door"
    shipment: str | None = attrs.field(default=None, kw_only=True)
    parcel: str | None = attrs.field(default=None, kw_only=True)
