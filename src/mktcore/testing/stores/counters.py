"""Clauses about counters: limits and budgets that many writers share."""

from typing import Any

from mktcore.persistence.errors import NotClaimed
from mktcore.testing.clauses import expect
from mktcore.testing.stores.store_bench import Bench, CheckedUnit, StoreArea

__all__ = ["COUNTERS"]

COUNTERS = StoreArea("counter")


def _claim(bench: Bench, amount: Any, limit: Any) -> bool:
    return bench.do(lambda unit: unit.counters.claim(bench.id("c"), amount, limit))


def _count(bench: Bench) -> int:
    return bench.look(lambda unit: unit.counters.count(bench.id("c")))


@COUNTERS
def an_unused_counter_is_zero(bench: Bench) -> None:
    """A counter that was never used counts 0."""
    expect(_count(bench), 0)


@COUNTERS
def claims_reach_the_limit(bench: Bench) -> None:
    """Claims are granted up to the limit, exactly."""
    expect([_claim(bench, 2, 5), _claim(bench, 3, 5)], [True, True])
    expect(_count(bench), 5)


@COUNTERS
def no_claim_passes_the_limit(bench: Bench) -> None:
    """A claim that would pass the limit is refused whole, the first one too."""
    expect(_claim(bench, 6, 5), False)
    expect(_count(bench), 0)
    _claim(bench, 4, 5)
    expect(_claim(bench, 2, 5), False)
    expect(_count(bench), 4)


@COUNTERS
def a_lowered_limit_grants_nothing(bench: Bench) -> None:
    """A limit lowered below the count leaves it, and grants nothing more; a raised one grants again."""
    _claim(bench, 4, 5)
    expect([_claim(bench, 1, 3), _claim(bench, 1, 0), _claim(bench, 1, 9)], [False, False, True])
    expect(_count(bench), 5)


@COUNTERS
def steps_are_told_one_by_one(bench: Bench) -> None:
    """Advancing a counter tells what it holds then; what is not committed leaves no gap."""
    name = bench.id("c")
    expect([bench.do(lambda unit: unit.counters.advance(name)) for _ in range(3)], [1, 2, 3])
    with bench.store.begin(bench.operator) as unit:
        expect((unit.counters.advance(name), unit.counters.advance(name, 5)), (4, 9))
    expect(bench.do(lambda unit: unit.counters.advance(name, 2)), 5)
    expect(_count(bench), 5)


@COUNTERS
def no_step_passes_what_a_counter_holds(bench: Bench) -> None:
    """A full counter advances no more; neither does any by nothing."""
    bench.do(lambda unit: unit.counters.advance(bench.id("c"), 2**63 - 2))
    for amount in (2, 2**64, 0, -1, True):
        with bench.refusal(ValueError), bench.store.begin(bench.operator) as unit:
            unit.counters.advance(bench.id("c"), amount)
    expect(_count(bench), 2**63 - 2)


@COUNTERS
def a_release_gives_back(bench: Bench) -> None:
    """What was released can be claimed again."""
    _claim(bench, 5, 5)
    bench.do(lambda unit: unit.counters.release(bench.id("c"), 2))
    expect((_count(bench), _claim(bench, 2, 5)), (3, True))


@COUNTERS
def no_more_is_released_than_claimed(bench: Bench) -> None:
    """Releasing more than is claimed is refused, and changes nothing."""
    with bench.refusal(NotClaimed):
        bench.do(lambda unit: unit.counters.release(bench.id("c"), 1))
    _claim(bench, 2, 5)
    with bench.refusal(NotClaimed):
        bench.do(lambda unit: unit.counters.release(bench.id("c"), 3))
    expect(_count(bench), 2)


@COUNTERS
def amounts_are_whole_and_positive(bench: Bench) -> None:
    """Amounts of zero, below, or that are no ints are a caller's mistake."""
    for amount in (0, -1, 1.5, True):
        with bench.refusal(ValueError):
            _claim(bench, amount, 5)
    expect(_count(bench), 0)


@COUNTERS
def own_claims_count(bench: Bench) -> None:
    """Within one unit an earlier claim counts against a later one."""

    def work(unit: CheckedUnit) -> list[bool]:
        return [unit.counters.claim(bench.id("c"), 3, 5) for _ in range(2)]

    expect(bench.do(work), [True, False])
    expect(_count(bench), 3)


@COUNTERS
def a_counter_holds_63_bits(bench: Bench) -> None:
    """A limit above what 63 bits hold is that of a full counter, and no int is no limit; nothing overflows."""
    full = 2**63 - 1
    expect([_claim(bench, full - 1, 2**70), _claim(bench, 2, 2**64), _claim(bench, 1, 2**63)], [True, False, True])
    expect([_claim(bench, 1, full), _claim(bench, 2**63, 2**70)], [False, False])
    for limit in (1.5, "5", None, True):
        with bench.refusal(ValueError):
            _claim(bench, 1, limit)
    with bench.refusal(NotClaimed):
        bench.do(lambda unit: unit.counters.release(bench.id("c"), 2**63))
    expect(_count(bench), full)


@COUNTERS
def many_are_counted_at_once(bench: Bench) -> None:
    """Counting many tells of each what counting it tells, with this unit's own claims; of none, nothing."""
    names = [bench.id(f"c{number}") for number in range(1200)]

    def work(unit: CheckedUnit) -> dict[str, int]:
        unit.counters.claim(names[7], 3, 5)
        unit.counters.claim(names[1100], 4, 5)
        return unit.counters.count_many([*names, names[7]])

    found = bench.do(work)
    expect(set(found), set(names))
    expect({name: count for name, count in found.items() if count}, {names[7]: 3, names[1100]: 4})
    expect(
        bench.look(lambda unit: (unit.counters.count_many(names[7:9]), unit.counters.count_many([]))),
        ({names[7]: 3, names[8]: 0}, {}),
    )


@COUNTERS
def counters_are_apart(bench: Bench) -> None:
    """Counters of different names do not share."""
    _claim(bench, 5, 5)
    expect(bench.do(lambda unit: unit.counters.claim(bench.id("d"), 5, 5)), True)


@COUNTERS
def threads_never_pass_the_limit(bench: Bench) -> None:
    """Eight threads that claim against a limit of 20 get exactly 20."""

    def claim(_: int) -> int:
        return sum(bench.retry(lambda unit: unit.counters.claim(bench.id("c"), 1, 20)) for _ in range(5))

    expect(sum(bench.race(8, claim)), 20)
    expect(_count(bench), 20)
