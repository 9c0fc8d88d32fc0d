"""A rating is the weighted mean of what there is a record of, exactly, and says why."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest

from mktcore.errors import InvalidValue
from mktcore.money import Rounding
from mktcore.parties import rate_merchant
from mktcore.parties.organisations.rating_formula import RatingFormula, RatingMeasure, TrackRecord

GOOD = TrackRecord(
    orders=200,
    canceled=4,
    shipped=190,
    late=19,
    delivered=180,
    returned=9,
    questions=10,
    answer_time=timedelta(hours=250),
    reviews=8,
    stars=36,
)


def test_each_measure_counts_by_its_weight() -> None:
    rating = rate_merchant("acme", GOOD, RatingFormula())
    # 90 x 3 + 50 x 2 + 75 x 2 + 50 x 1 + 87.5 x 2 = 745, over weights of 10
    assert rating.score == Decimal("74.5")
    assert rating.explain().to_text() == (
        "rating of acme: 74.5 - the weighted mean of 5 measures, weights 10 together\n"
        "├─ cancellations: 90.0 - 4 of 200 orders canceled by the merchant; weight 3\n"
        "├─ late shipments: 50.0 - 19 of 190 shipments late; weight 2\n"
        "├─ returns: 75.0 - 9 of 180 delivered orders sent back; weight 2\n"
        "├─ answer time: 50.0 - answered in 1 day, 1:00:00 on average; weight 1\n"
        "└─ reviews: 87.5 - 36 stars in 8 reviews; weight 2"
    )


def test_an_operator_adjusts_the_formula() -> None:
    only_late = RatingFormula(weights={RatingMeasure.LATE_SHIPMENTS: Decimal("0.5")}, worst=Decimal("0.15"))
    assert rate_merchant("acme", GOOD, only_late).score == Decimal("33.3")
    up = attrs.evolve(only_late, rounding=Rounding.UP)
    assert rate_merchant("acme", GOOD, up).score == Decimal("33.4")
    assert "weight 0.5" in rate_merchant("acme", GOOD, up).explain().to_text()


def test_what_was_never_done_is_left_out() -> None:
    assert rate_merchant("new", TrackRecord(), RatingFormula()).score is None
    assert rate_merchant("new", TrackRecord(reviews=1, stars=5), RatingFormula()).score == Decimal("100.0")
    assert rate_merchant("new", GOOD, RatingFormula(weights={})).score is None


def test_scores_stay_between_0_and_100() -> None:
    bad = TrackRecord(orders=1, canceled=1, questions=1, answer_time=timedelta(days=99))
    assert rate_merchant("bad", bad, RatingFormula()).score == Decimal("0.0")
    quick = TrackRecord(questions=5, answer_time=timedelta(seconds=5))
    assert rate_merchant("quick", quick, RatingFormula()).score == Decimal("100.0")


@pytest.mark.parametrize(
    "make",
    [
        lambda: TrackRecord(orders=1, canceled=2),
        lambda: TrackRecord(late=1),
        lambda: TrackRecord(returned=-1),
        lambda: TrackRecord(reviews=1, stars=6),
        lambda: TrackRecord(stars=1),
        lambda: TrackRecord(questions=-1),
        lambda: RatingFormula(weights={RatingMeasure.REVIEWS: Decimal(-1)}),
        lambda: RatingFormula(worst=Decimal(0)),
        lambda: RatingFormula(slow=timedelta(hours=1)),
    ],
)
def test_records_and_formulas_that_make_no_sense_are_refused(make: Any) -> None:
    with pytest.raises(InvalidValue):
        make()
