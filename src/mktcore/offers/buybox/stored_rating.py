"""The ratings that a buy box may go by: the operator stores them when it has rated its merchants."""

from decimal import Decimal

import attrs

from mktcore.errors import InvalidValue
from mktcore.ids import check_id
from mktcore.persistence import Kind
from mktcore.persistence.kinds import EVERY_USER

__all__ = ["MERCHANT_RATINGS", "MerchantRating"]

MAX_SCORE = 100


@attrs.frozen
class MerchantRating:
    """A merchant's rating as of its last evaluation; `mktcore.parties.rate_merchant` computes one.

    Attributes:
        id: The merchant's id.
        score: 0 to 100.
        version: How often it was stored.
    """

    id: str
    score: Decimal
    version: int = 0

    def __attrs_post_init__(self) -> None:
        check_id("merchant", self.id)
        if not isinstance(self.score, Decimal) or not self.score.is_finite() or not 0 <= self.score <= MAX_SCORE:
            raise InvalidValue("MerchantRating", "score", self.score, f"a Decimal from 0 to {MAX_SCORE}")


MERCHANT_RATINGS = Kind("merchant_rating", MerchantRating, public=True, reads=EVERY_USER)
