"""Processes: state machines as data, verified before they run, drawn, and fast. They know nothing of orders.

What is rarer than these names lives in its public module: `machine` and `portions` run a process, `elements` has what a
definition is made of, `process_json` reads and writes it, `portions.messages` lets two processes talk.
"""

from typing import TYPE_CHECKING

from mktcore.lazy_names import load_lazily
from mktcore.processes.definition import Process
from mktcore.processes.elements import ProcessEvent, State, Transition, Trigger
from mktcore.processes.errors import EventRefused, InvalidProcess
from mktcore.processes.machine.command_contract import CommandDeclined, CommandOutcome
from mktcore.processes.machine.current_state import Standing, Step
from mktcore.processes.machine.machine import Machine, bind
from mktcore.processes.portions.interaction import Interaction
from mktcore.processes.portions.machine import PortionsMachine, bind_portions
from mktcore.processes.portions.subject import Subject

if TYPE_CHECKING:
    from mktcore.processes.verification import verify, verify_jointly

__all__ = [
    "CommandDeclined",
    "CommandOutcome",
    "EventRefused",
    "Interaction",
    "InvalidProcess",
    "Machine",
    "PortionsMachine",
    "Process",
    "ProcessEvent",
    "Standing",
    "State",
    "Step",
    "Subject",
    "Transition",
    "Trigger",
    "bind",
    "bind_portions",
    "verify",
    "verify_jointly",
]

__getattr__ = load_lazily(
    __name__,
    {"verify": "mktcore.processes.verification", "verify_jointly": "mktcore.processes.verification"},
)
