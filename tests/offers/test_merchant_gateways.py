"""The check of merchant gateways passes a good one, and names what is wrong with each bad one."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

import attrs
import pytest

from mktcore.gateways import Succeeded
from mktcore.offers import MerchantGateway
from mktcore.offers.refresh.ports import ItemAnswer
from mktcore.testing import ConformanceFailed, check_merchant_gateway, merchant_gateways
from mktcore.testing.fakes import ManualClock
from mktcore.testing.merchant_gateways import CheckedMerchantGateway
from offers.merchants import NOON, FakeMerchants

Answers = Mapping[str, ItemAnswer]


def make_fake() -> FakeMerchants:
    fake = FakeMerchants(ManualClock(NOON))
    fake.sell("acme", "A-1", "9.00", 3)
    fake.sell("acme", "A-2", "8.00", {"berlin": 1, "porto": 2})
    return fake


def check(gateway: MerchantGateway) -> None:
    check_merchant_gateway(lambda: CheckedMerchantGateway(gateway, "acme", ("A-1", "A-2"), "A-9"))


class Spoiled:
    """A gateway whose answers are changed on their way."""

    def __init__(self, spoil: Callable[[Sequence[str], Answers], Answers]) -> None:
        self.spoil = spoil
        self.fake = make_fake()

    def fetch(self, merchant: str, items: Sequence[str], *, deadline: timedelta) -> Answers:
        return self.spoil(items, self.fake.fetch(merchant, items, deadline=deadline))


def move_back(items: Sequence[str], answers: Answers) -> Answers:
    del items
    move_back.hours += 1  # type: ignore[attr-defined]  # counts its calls
    hours = timedelta(hours=move_back.hours)  # type: ignore[attr-defined]  # as above
    return {
        item: Succeeded(attrs.evolve(one.value, as_of=NOON - hours))
        for item, one in answers.items()
        if isinstance(one, Succeeded)
    }


move_back.hours = 0  # type: ignore[attr-defined]  # as above


def test_a_good_gateway_passes() -> None:
    check(make_fake())


@pytest.mark.parametrize(
    ("spoil", "clause"),
    [
        (lambda _, found: dict(list(found.items())[:1]), "every-item-is-answered"),
        (lambda items, found: found if len(items) > 1 else {}, "an-item-alone-is-what-it-is-among-others"),
        (move_back, "time-runs-forward"),
        (lambda items, found: dict.fromkeys(items, found.get("A-1")), "what-is-not-sold-has-no-terms"),
        (lambda _, found: {**found, "A-3": 1}, "nothing-asked-is-nothing-answered"),
    ],
)
def test_a_bad_one_is_told_which_clause_it_breaks(
    spoil: Callable[[Sequence[str], Answers], Answers], clause: str
) -> None:
    with pytest.raises(ConformanceFailed) as failed:
        check(Spoiled(spoil))
    assert f"merchant-gateway.{clause}" in {problem.where for problem in failed.value.problems}


def test_a_slow_one_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merchant_gateways, "_DEADLINE", timedelta(0))
    with pytest.raises(ConformanceFailed, match="after its deadline"):
        check(make_fake())
