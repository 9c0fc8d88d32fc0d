"""Portions: quantities of a subject's lines, each in a state of its own, and the messages that tell of them."""

from mktcore.processes.portions.command_contract import PortionsFired, PortionsFiring
from mktcore.processes.portions.interaction import Interaction, Link
from mktcore.processes.portions.machine import PortionsMachine, bind_portions
from mktcore.processes.portions.messages import Message, receive, send
from mktcore.processes.portions.migration import Migration, Planned
from mktcore.processes.portions.subject import Move, Portion, Subject, replay

__all__ = [
    "Interaction",
    "Link",
    "Message",
    "Migration",
    "Move",
    "Planned",
    "Portion",
    "PortionsFired",
    "PortionsFiring",
    "PortionsMachine",
    "Subject",
    "bind_portions",
    "receive",
    "replay",
    "send",
]
