"""Which pieces of an order are cancelled for good."""

from collections.abc import Mapping

from mktcore.orders.default_processes import Flag
from mktcore.processes import PortionsMachine, Subject

__all__ = ["count_canceled", "find_canceled"]


def find_canceled(machine: PortionsMachine, subject: Subject) -> dict[str, int]:
    """Return the pieces of each line that are cancelled for good: in a final state that is never invoiced."""
    return count_canceled(machine, subject.states())


def count_canceled(machine: PortionsMachine, lines: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Return the pieces of each line that are cancelled for good, by the quantity of each line in each state."""
    # By flags, not by name: a host's process may call its states anything.
    canceled = {state.name for state in machine.process.states if state.final and state.has(Flag.NOT_INVOICED)}
    return {
        line: sum([quantity for state, quantity in states.items() if state in canceled])
        for line, states in lines.items()
    }
