"""Processes: state machines as data, verified before they run, drawn, and fast. They know nothing of orders."""

from typing import TYPE_CHECKING

from mktcore.lazy_names import load_lazily
from mktcore.processes.definition import Process, SubProcess
from mktcore.processes.errors import EventRefused, InvalidProcess, Unbound
from mktcore.processes.findings import Finding
from mktcore.processes.firing import DONE, Declined, Fired, Firing, Outcome
from mktcore.processes.links import Interaction, Link, Message, receive, send
from mktcore.processes.machine import Machine, bind
from mktcore.processes.parts import Choose, Event, Flag, OnFailure, Semantics, State, Transition, Trigger
from mktcore.processes.stored import TIMEOUTS, StoredTimeOut, StoredTimeOuts
from mktcore.processes.subjects import Move, Portion, Subject, replay
from mktcore.processes.timeouts import TimeOut, TimeOutKey

if TYPE_CHECKING:
    from mktcore.processes.migration import Migration
    from mktcore.processes.plain import interaction_from_json, interaction_to_json, process_from_json, process_to_json
    from mktcore.processes.schedule import InMemoryTimeOuts
    from mktcore.processes.verification import JointReport, verify, verify_jointly

__all__ = [
    "DONE",
    "TIMEOUTS",
    "Choose",
    "Declined",
    "Event",
    "EventRefused",
    "Finding",
    "Fired",
    "Firing",
    "Flag",
    "InMemoryTimeOuts",
    "Interaction",
    "InvalidProcess",
    "JointReport",
    "Link",
    "Machine",
    "Message",
    "Migration",
    "Move",
    "OnFailure",
    "Outcome",
    "Portion",
    "Process",
    "Semantics",
    "State",
    "StoredTimeOut",
    "StoredTimeOuts",
    "SubProcess",
    "Subject",
    "TimeOut",
    "TimeOutKey",
    "Transition",
    "Trigger",
    "Unbound",
    "bind",
    "interaction_from_json",
    "interaction_to_json",
    "process_from_json",
    "process_to_json",
    "receive",
    "replay",
    "send",
    "verify",
    "verify_jointly",
]

__getattr__ = load_lazily(
    __name__,
    {
        "InMemoryTimeOuts": "mktcore.processes.schedule",
        "JointReport": "mktcore.processes.verification",
        "Migration": "mktcore.processes.migration",
        "interaction_from_json": "mktcore.processes.plain",
        "interaction_to_json": "mktcore.processes.plain",
        "process_from_json": "mktcore.processes.plain",
        "process_to_json": "mktcore.processes.plain",
        "verify": "mktcore.processes.verification",
        "verify_jointly": "mktcore.processes.verification",
    },
)
