"""How large and how heavy goods are as they are packed."""

import attrs

from mktcore.errors import InvalidValue
from mktcore.goods.measure import Measure
from mktcore.goods.units import Dimension

__all__ = ["Dimensions", "check_weight"]


@attrs.frozen
class Dimensions:
    """The outside of a thing as it is packed.

    Attributes:
        length: The longest side.
        width: The other side of what it stands on.
        height: From there up.
    """

    length: Measure
    width: Measure
    height: Measure

    def __attrs_post_init__(self) -> None:
        for name in ("length", "width", "height"):
            measure: Measure = getattr(self, name)
            if measure.dimension is not Dimension.LENGTH:
                raise InvalidValue("Dimensions", name, measure, "a length")


def check_weight(type: str, weight: Measure | None) -> None:  # noqa: A002 - as in InvalidValue
    """Refuse a weight in litres.

    Raises:
        InvalidValue: It is no mass.
    """
    if weight is not None and weight.dimension is not Dimension.MASS:
        raise InvalidValue(type, "weight", weight, "a mass")
