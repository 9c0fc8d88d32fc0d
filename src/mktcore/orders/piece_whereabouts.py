"""Where an order's pieces are, as stock sees it: a rule over the flags of states. Pure."""

from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from types import MappingProxyType

from mktcore.orders.default_processes import Flag
from mktcore.processes import State
from mktcore.processes.portions import PortionsMachine

__all__ = ["Place", "find_place", "find_places"]


class Place(Enum):
    """Where pieces in a state are."""

    HELD = "held"
    """In the warehouse, and reserved for the order."""
    AWAY = "away"
    """They left the warehouse."""
    FREE = "free"
    """No longer the order's: canceled, or back from the buyer. Whatever can be sold of it, anybody may buy."""


def find_place(state: State) -> Place:
    """Return where pieces in a state are.

    >>> find_place(State("picking", flags=[Flag.RESERVED])), find_place(State("shipped"))
    (<Place.HELD: 'held'>, <Place.AWAY: 'away'>)
    """
    if state.has(Flag.RESERVED):
        return Place.HELD
    return Place.FREE if state.has(Flag.CAME_BACK) or state.has(Flag.NOT_INVOICED) else Place.AWAY


@lru_cache(maxsize=64)  # by the machine itself: each part of an order asks for the same
def find_places(machine: PortionsMachine) -> Mapping[str, Place]:
    """Return where pieces are in each state of a process, by its name."""
    return MappingProxyType({state.name: find_place(state) for state in machine.process.states})
