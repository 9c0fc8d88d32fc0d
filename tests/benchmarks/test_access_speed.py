"""What an access check costs, against the same call without one, in one run: at most 2 microseconds.

Run it by `python -m pytest tests/benchmarks/test_access_speed.py -s -p no:benchmark`.
"""

from collections.abc import Callable
from time import perf_counter

import pytest

from mktcore.access import Permission, check_access, check_granted, check_party, check_permission
from mktcore.access.ownership_matrix import Owned, RecordAction
from mktcore.persistence import Party, Scope

CALLS, ROUNDS, MOST = 20_000, 15, 2.0

ACME = Scope.merchant("acme")
ACME_AS_OPERATOR = ACME.to_operator()
CLERK = Scope(Party.MERCHANT, "acme", "u1", permissions=frozenset({"orders.read"}))
ANN = Scope(Party.BUYER, "ann", merchants=frozenset(f"m{number}" for number in range(1_000)) | {"acme"})

CHECKS: dict[str, Callable[[], None]] = {
    "the matrix, owner": lambda: check_access(ACME, RecordAction.UPDATE, Owned.PRODUCT, id="p", owner="acme"),
    "the matrix, one of 1,001 related merchants": lambda: check_access(
        ANN, RecordAction.READ, Owned.CATALOG, id="c", owner="acme"
    ),
    "the matrix, under the operator's authority": lambda: check_access(
        ACME_AS_OPERATOR, RecordAction.UPDATE, Owned.PRODUCT, id="p", owner="acme"
    ),
    "a user's permission": lambda: check_permission(CLERK, Permission.READ_ORDERS),
    "a party's permission": lambda: check_permission(ACME, Permission.READ_ORDERS),
    "what a use case asks": lambda: check_granted(CLERK, Permission.READ_ORDERS),
    "an order's party": lambda: check_party(ACME, "merchant_order", "o", merchant="acme", buyer="ann"),
}


def unchecked() -> None:
    """Do nothing: the floor."""


def measure(call: Callable[[], None]) -> float:
    """Return the best time of one call, in microseconds."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = perf_counter()
        for _ in range(CALLS):
            call()
        best = min(best, perf_counter() - start)
    return best / CALLS * 1e6


@pytest.mark.parametrize("name", CHECKS)
def test_an_access_check_adds_at_most_two_microseconds(name: str) -> None:
    floor, checked = measure(unchecked), measure(CHECKS[name])
    print(f"{name}: {checked - floor:.2f} us over an unchecked call of {floor:.3f} us")  # noqa: T201 - the figure
    assert checked - floor <= MOST
