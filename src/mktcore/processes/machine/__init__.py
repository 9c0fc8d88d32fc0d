"""The machine: one subject in one state, what an event does to it, and the line of history that says so."""

from mktcore.processes.machine.command_contract import DONE, CommandDeclined, CommandOutcome, Firing
from mktcore.processes.machine.current_state import Standing, Step
from mktcore.processes.machine.machine import Fired, Machine, bind

__all__ = [
    "DONE",
    "CommandDeclined",
    "CommandOutcome",
    "Fired",
    "Firing",
    "Machine",
    "Standing",
    "Step",
    "bind",
]
