"""Rating a merchant from its record, by a formula that the operator adjusts. Exact until the last step."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

import attrs

from mktcore.errors import InvalidValue
from mktcore.explain import Explanation
from mktcore.money import Rounding
from mktcore.money.rounding import round_ratio

__all__ = ["MerchantScore", "RatingFormula", "RatingMeasure", "TrackRecord", "rate_merchant"]

_SCALE = 10
"""Scores are kept in tenths of a point."""
_TICK = timedelta(microseconds=1)


class RatingMeasure(StrEnum):
    """What a merchant is rated by."""

    CANCELLATIONS = "cancellations"
    LATE_SHIPMENTS = "late shipments"
    RETURNS = "returns"
    ANSWER_TIME = "answer time"
    REVIEWS = "reviews"


@attrs.frozen
class TrackRecord:
    """What a merchant did in the time it is rated for; counts of things, not of pieces.

    Attributes:
        orders: Merchant orders placed; leave out those that their buyers had cancelled whole, which say nothing of it.
        canceled: Of these, canceled by the merchant.
        shipped: Shipments.
        late: Of these, handed over later than promised.
        delivered: Merchant orders delivered.
        returned: Of these, sent back.
        questions: Questions answered.
        answer_time: Time taken to answer all of them together.
        reviews: Reviews.
        stars: Their stars together, 1 to 5 each.
    """

    orders: int = 0
    canceled: int = 0
    shipped: int = 0
    late: int = attrs.field(default=0, kw_only=True)
    delivered: int = attrs.field(default=0, kw_only=True)
    returned: int = attrs.field(default=0, kw_only=True)
    questions: int = attrs.field(default=0, kw_only=True)
    answer_time: timedelta = attrs.field(default=timedelta(0), kw_only=True)
    reviews: int = attrs.field(default=0, kw_only=True)
    stars: int = attrs.field(default=0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        for part, whole in (("canceled", "orders"), ("late", "shipped"), ("returned", "delivered")):
            if not 0 <= getattr(self, part) <= getattr(self, whole):
                raise InvalidValue("TrackRecord", part, getattr(self, part), f"from 0 to the number of {whole}")
        if self.questions < 0 or self.answer_time < timedelta(0):
            raise InvalidValue("TrackRecord", "questions", self.questions, "0 or more, in no negative time")
        # This also bars negative numbers of reviews, for which the bounds change places.
        if not self.reviews <= self.stars <= 5 * self.reviews:
            raise InvalidValue("TrackRecord", "stars", self.stars, "1 to 5 for each review")


def _default_weights() -> dict[RatingMeasure, Decimal]:
    weights = ("3", "2", "2", "1", "2")
    return {measure: Decimal(weight) for measure, weight in zip(RatingMeasure, weights, strict=True)}


@attrs.frozen
class RatingFormula:
    """How measures become one figure.

    Each measure is scored from 0 to 100, and the rating is their weighted mean, over the measures there is a record of.

    Attributes:
        weights: How much each measure counts; 0, or leaving it out, ignores it.
        worst: For the three shares: the share at which the score is 0 (0.2: one in five).
        prompt: Answers within this time on average score 100.
        slow: Answers that take this long on average score 0.
        rounding: How the rating is rounded to a tenth.
    """

    weights: Mapping[RatingMeasure, Decimal] = attrs.field(factory=_default_weights, hash=False)
    worst: Decimal = Decimal("0.2")
    prompt: timedelta = timedelta(hours=2)
    slow: timedelta = attrs.field(default=timedelta(hours=48), kw_only=True)
    rounding: Rounding = attrs.field(default=Rounding.HALF_UP, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if any(not weight.is_finite() or weight < 0 for weight in self.weights.values()):
            raise InvalidValue("RatingFormula", "weights", dict(self.weights), "0 or more each")
        if not self.worst.is_finite() or not 0 < self.worst <= 1:
            raise InvalidValue("RatingFormula", "worst", self.worst, "a fraction above 0, up to 1")
        if not timedelta(0) <= self.prompt < self.slow:
            raise InvalidValue("RatingFormula", "slow", self.slow, "longer than prompt")


@attrs.frozen
class MerchantScore:
    """A merchant's rating, and why.

    Attributes:
        merchant: Whose.
        score: 0 to 100, in tenths; None when there is no record to rate.
        explanation: Every measure with its score and weight.
    """

    merchant: str
    score: Decimal | None
    explanation: Explanation

    def explain(self) -> Explanation:
        """Say why."""
        return self.explanation


@attrs.frozen
class _Scored:
    measure: RatingMeasure
    score: Fraction | None
    weight: Fraction
    reason: str = attrs.field(kw_only=True)


def rate_merchant(merchant: str, record: TrackRecord, formula: RatingFormula) -> MerchantScore:
    """Rate a merchant.

    >>> record = TrackRecord(orders=100, canceled=2, shipped=50, late=5)
    >>> print(rate_merchant("acme", record, RatingFormula()).explain().to_text())
    rating of acme: 74.0 - the weighted mean of 2 measures, weights 5 together
    ├─ cancellations: 90.0 - 2 of 100 orders canceled by the merchant; weight 3
    ├─ late shipments: 50.0 - 5 of 50 shipments late; weight 2
    ├─ returns: left out - no delivered orders yet
    ├─ answer time: left out - no questions yet
    └─ reviews: left out - no reviews yet

    Args:
        merchant: Its id.
        record: What it did.
        formula: How that is weighed.
    """
    measures = [_score(measure, record, formula) for measure in RatingMeasure]
    # A measure without a record is left out, and not zero: a new merchant did not fail at anything.
    counted = [one for one in measures if one.score is not None and one.weight]
    weight = sum((one.weight for one in counted), Fraction(0))
    parts = tuple(_explain(one, formula) for one in measures)
    if not counted:
        return MerchantScore(
            merchant, None, Explanation(f"rating of {merchant}", "none", "there is no record to rate", parts=parts)
        )
    total = sum((one.weight * one.score for one in counted if one.score is not None), Fraction(0))
    score = _to_tenths(total / weight, formula)
    reason = f"the weighted mean of {len(counted)} measures, weights {_show(weight)} together"
    return MerchantScore(merchant, score, Explanation(f"rating of {merchant}", str(score), reason, parts=parts))


def _score(measure: RatingMeasure, record: TrackRecord, formula: RatingFormula) -> _Scored:
    weight = Fraction(formula.weights.get(measure, Decimal(0)))
    if measure is RatingMeasure.ANSWER_TIME:
        if not record.questions:
            return _Scored(measure, None, weight, reason="no questions yet")
        mean = record.answer_time / record.questions
        # In whole microseconds: the quotient of two time spans would be a float.
        late = Fraction((mean - formula.prompt) // _TICK, (formula.slow - formula.prompt) // _TICK)
        return _Scored(measure, _clip(1 - late), weight, reason=f"answered in {mean} on average")
    if measure is RatingMeasure.REVIEWS:
        if not record.reviews:
            return _Scored(measure, None, weight, reason="no reviews yet")
        # One star is the least there is, and scores 0.
        score = _clip((Fraction(record.stars, record.reviews) - 1) / 4)
        return _Scored(measure, score, weight, reason=f"{record.stars} stars in {record.reviews} reviews")
    part, whole, things, what = {
        RatingMeasure.CANCELLATIONS: (record.canceled, record.orders, "orders", "canceled by the merchant"),
        RatingMeasure.LATE_SHIPMENTS: (record.late, record.shipped, "shipments", "late"),
        RatingMeasure.RETURNS: (record.returned, record.delivered, "delivered orders", "sent back"),
    }[measure]
    if not whole:
        return _Scored(measure, None, weight, reason=f"no {things} yet")
    score = _clip(1 - Fraction(part, whole) / Fraction(formula.worst))
    return _Scored(measure, score, weight, reason=f"{part} of {whole} {things} {what}")


def _clip(share: Fraction) -> Fraction:
    return 100 * min(Fraction(1), max(Fraction(0), share))


def _explain(scored: _Scored, formula: RatingFormula) -> Explanation:
    if scored.score is None:
        return Explanation(str(scored.measure), "left out", scored.reason)
    value = str(_to_tenths(scored.score, formula))
    return Explanation(str(scored.measure), value, f"{scored.reason}; weight {_show(scored.weight)}")


def _to_tenths(score: Fraction, formula: RatingFormula) -> Decimal:
    tenths = score * _SCALE
    return Decimal(round_ratio(tenths.numerator, tenths.denominator, formula.rounding)).scaleb(-1)


def _show(weight: Fraction) -> str:
    return f"{Decimal(weight.numerator) / Decimal(weight.denominator):f}"
