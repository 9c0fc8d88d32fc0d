"""The conformance check of gateways: the same key replays the same answer, and can be looked up."""

from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

from mktcore.testing.clauses import ClauseArea, expect, run_clauses

__all__ = ["GATEWAY", "CheckedGateway", "check_gateway"]

A = TypeVar("A")


class CheckedGateway(Generic[A]):
    """A gateway under test, reduced to what every gateway promises.

    Attributes:
        call: Asks for the effect under a key; the request is the same each time.
        call_otherwise: Asks for another effect (another amount, say) under a key.
        lookup: Tells what came of a key; None when it was never used.
        count_effects: How many effects the far side has seen under a key.
    """

    def __init__(
        self,
        call: Callable[[str], A],
        lookup: Callable[[str], A | None],
        count_effects: Callable[[str], int],
        call_otherwise: Callable[[str], A] | None = None,
    ) -> None:
        """Keep the four."""
        self.call = call
        self.lookup = lookup
        self.count_effects = count_effects
        self.call_otherwise = call_otherwise


class _GatewayArea(ClauseArea[CheckedGateway[object]]):
    pass


GATEWAY = _GatewayArea("gateway")


@GATEWAY
def the_same_key_replays_the_answer(gateway: CheckedGateway[object]) -> None:
    """Calling twice with one key gives the same answer, and has one effect."""
    first = gateway.call("conformance/replay/1")
    expect(gateway.call("conformance/replay/1"), first)
    expect(gateway.count_effects("conformance/replay/1"), 1)


@GATEWAY
def a_key_can_be_looked_up(gateway: CheckedGateway[object]) -> None:
    """Looking up a key gives the answer that its call gave, and has no effect."""
    answer = gateway.call("conformance/lookup/1")
    expect(gateway.lookup("conformance/lookup/1"), answer)
    expect(gateway.lookup("conformance/lookup/1"), answer)
    expect(gateway.count_effects("conformance/lookup/1"), 1)


@GATEWAY
def an_unused_key_is_none(gateway: CheckedGateway[object]) -> None:
    """Looking up a key that was never used gives None, and leaves it unused."""
    expect(gateway.lookup("conformance/unused/1"), None)
    expect(gateway.count_effects("conformance/unused/1"), 0)


@GATEWAY
def keys_are_apart(gateway: CheckedGateway[object]) -> None:
    """Another key is another call, with an effect of its own."""
    gateway.call("conformance/apart/1")
    gateway.call("conformance/apart/2")
    expect([gateway.count_effects(f"conformance/apart/{number}") for number in (1, 2)], [1, 1])


@GATEWAY
def a_key_is_used_for_one_request(gateway: CheckedGateway[object]) -> None:
    """Another request under a used key has no effect, and leaves the first answer as it was."""
    if gateway.call_otherwise is None:
        return
    first = gateway.call("conformance/conflict/1")
    with suppress(Exception):  # a refusal in any form is fine; an effect is not
        gateway.call_otherwise("conformance/conflict/1")
    expect(gateway.count_effects("conformance/conflict/1"), 1)
    expect(gateway.lookup("conformance/conflict/1"), first)


def check_gateway(make_gateway: Callable[[], CheckedGateway[A]]) -> None:
    """Check what every gateway promises, on a gateway made anew for each clause.

    Raises:
        ConformanceFailed: It names each clause that was violated.
    """
    run_clauses(GATEWAY.clauses, lambda _: make_gateway())  # type: ignore[arg-type, return-value]  # clauses compare answers, whatever they are
