"""A parcel: what a carrier is handed, with what is in it where its sender says so."""

from collections.abc import Mapping

import attrs

from mktcore.errors import InvalidValue
from mktcore.goods import Measure
from mktcore.goods.dimensions import check_weight

__all__ = ["Parcel", "check_fact", "check_mass", "list_parcel_problems"]

MAX_FACT, MAX_PARCELS = 200, 1_000


def check_fact(kind: str, field: str, fact: str | None) -> None:
    """Refuse a fact that is no printable text of 1 to 200 characters.

    Raises:
        InvalidValue: It is none.
    """
    if fact is not None and not (isinstance(fact, str) and 0 < len(fact) <= MAX_FACT and fact.isprintable()):
        raise InvalidValue(kind, field, fact, f"printable text of 1 to {MAX_FACT} characters")


def check_mass(kind: str, weight: object) -> None:
    """Refuse a weight that is none.

    Raises:
        InvalidValue: It is no measure, or no mass.
    """
    if weight is not None and not isinstance(weight, Measure):
        raise InvalidValue(kind, "weight", weight, "a Measure")
    check_weight(kind, weight)


def _to_holds(holds: Mapping[str, int] | None) -> dict[str, int] | None:
    if holds is not None and not isinstance(holds, Mapping):
        raise InvalidValue("Parcel", "holds", holds, "pieces by line key")
    return None if holds is None else dict(holds)


@attrs.frozen
class Parcel:
    """A parcel of a shipment.

    >>> Parcel("1", tracking="00340434161094042557", weight=Measure.parse("1.2 kg"), holds={"l1": 2}).holds
    {'l1': 2}

    Attributes:
        key: What it is called within its shipment: `"1"`.
        carrier: Who carries it.
        tracking: Where the carrier finds it.
        weight: How much it weighs.
        holds: Pieces by line key; None where nobody says what is in which parcel.

    Raises:
        InvalidValue: A text is empty, too long or not printable, the weight is no mass, or it holds no whole pieces.
    """

    key: str
    carrier: str | None = attrs.field(default=None, kw_only=True)
    tracking: str | None = attrs.field(default=None, kw_only=True)
    weight: Measure | None = attrs.field(default=None, kw_only=True)
    holds: Mapping[str, int] | None = attrs.field(default=None, kw_only=True, converter=_to_holds)

    def __attrs_post_init__(self) -> None:
        if self.key is None:
            raise InvalidValue("Parcel", "key", self.key, "what it is called within its shipment")
        for name in ("key", "carrier", "tracking"):
            check_fact("Parcel", name, getattr(self, name))
        check_mass("Parcel", self.weight)
        for line, pieces in (self.holds or {}).items():
            if not isinstance(line, str) or type(pieces) is not int or pieces < 1:
                raise InvalidValue("Parcel", f"holds.{line}", pieces, "a whole number of pieces from 1 up")


def list_parcel_problems(parcels: tuple[Parcel, ...]) -> tuple[str, ...]:
    """Return what keeps parcels from being those of one shipment."""
    if len(parcels) > MAX_PARCELS:
        return (f"at most {MAX_PARCELS} parcels",)
    problems = []
    if len({parcel.key for parcel in parcels}) < len(parcels):
        problems.append("two parcels have one key")
    if len({parcel.holds is None for parcel in parcels}) > 1:
        problems.append("some parcels say what they hold, and others do not")
    return tuple(problems)
