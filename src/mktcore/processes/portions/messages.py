"""Messages: links on their way, sent by what one subject did and received by the other."""

from datetime import datetime
from typing import Any

import attrs

from mktcore.notice import Notice
from mktcore.persistence import Scope
from mktcore.processes.errors import EventRefused
from mktcore.processes.portions.choose_portions import PortionsByState, cut_portion
from mktcore.processes.portions.command_contract import PortionsFired
from mktcore.processes.portions.interaction import Interaction, Link
from mktcore.processes.portions.machine import PortionsMachine
from mktcore.processes.portions.subject import Portion, Subject

__all__ = ["Carried", "Message", "receive", "send"]


@attrs.frozen
class Carried:
    """Units that a message speaks of: the line, the state they left at the sender, and how many."""

    line: str
    state: str | None
    quantity: int


@attrs.frozen
class Message:
    """A link on its way.

    Attributes:
        link: The link it follows.
        subject: Id of the sender's subject.
        carried: What it speaks of.
        at: When it was sent, UTC.
    """

    link: Link
    subject: str
    carried: tuple[Carried, ...]
    at: datetime

    def quantities(self) -> dict[str, int]:
        """Return the units of each line."""
        found: dict[str, int] = {}
        for carried in self.carried:
            found[carried.line] = found.get(carried.line, 0) + carried.quantity
        return found


def send(interaction: Interaction, fired: PortionsFired) -> tuple[Message, ...]:
    """Return the messages that a firing sets off, in the order of its moves; the host puts them into its outbox.

    Moves by the same event share a message. A portion that stayed in its state sends nothing.
    """
    sender = fired.subject.process
    grouped: dict[str, list[Carried]] = {}
    for move in fired.moves:
        # The start is no event, and a stay told nobody anything new.
        if move.source != move.target and move.source is not None:
            grouped.setdefault(move.event, []).append(Carried(move.line, move.source, move.quantity))
    return tuple(
        Message(link, fired.subject.id, carried=tuple(carried), at=fired.moves[0].at)
        for event, carried in grouped.items()
        for link in interaction.find_links(sender, event)
    )


def receive(
    machine: PortionsMachine,
    subject: Subject | str,
    message: Message,
    *,
    interaction: Interaction,
    now: datetime,
    by: Scope | None = None,
    facts: Any = None,
) -> PortionsFired:
    """Return what a message does to the receiver's subject.

    Args:
        machine: The receiver's process, bound.
        subject: The receiver's subject; its id alone when the message starts it.
        message: The message. Delivering it twice is the host's to prevent, as for any event of the outbox.
        interaction: The links it belongs to.
        now: The instant (aware).
        by: Who set it off, for the history; a message may do what no party may do by hand.
        facts: Passed to conditions and commands.

    Returns:
        What was fired; `problems` names the units for which the message came too late (`moot_in`).

    Raises:
        EventRefused: Some units are in states that neither have the event nor are moot: the two processes diverged.
    """
    reason = f"{message.link.sender}: {message.link.event}"
    if message.link.fires is None:
        return machine.start(subject, message.quantities(), now=now, by=by, facts=facts, reason=reason)
    if isinstance(subject, str):
        raise EventRefused((Notice("processes.not-started", "subject", f"{subject!r} was never started"),))
    chosen, moot, missed = _match(machine, subject, message=message, interaction=interaction)
    EventRefused.raise_if(missed)
    if not chosen:
        return PortionsFired(subject, problems=tuple(moot))
    fired = machine.fire_portions(subject, message.link.fires, chosen, now=now, by=by, facts=facts, reason=reason)
    return attrs.evolve(fired, problems=(*moot, *fired.problems))


def _match(
    machine: PortionsMachine, subject: Subject, message: Message, *, interaction: Interaction
) -> tuple[PortionsByState, list[Notice], list[Notice]]:
    """Return the portions to move by state, what came too late, and what cannot be explained."""
    link = message.link
    # By line, as a message may carry every line of a subject that has many, or a few of them.
    left: dict[str, list[Portion]] = {carried.line: [] for carried in message.carried}
    for portion in subject.portions:
        if portion.line in left:
            left[portion.line].append(portion)
    chosen: PortionsByState = {}
    moot: list[Notice] = []
    missed: list[Notice] = []
    # Asked once of each state, as a message carries many lines of one.
    states = {carried.state for carried in message.carried}
    alike = {state: interaction.find_same(link.sender, state) if state else frozenset() for state in states}
    for carried in message.carried:
        same = alike[carried.state]
        own = left[carried.line]
        wanted = carried.quantity
        for portion in _list_reached(machine, own, event=link.fires, same=same):
            if not wanted:
                break
            taken = min(wanted, portion.quantity)
            wanted -= taken
            chosen.setdefault(portion.state, []).append(cut_portion(portion, taken))
            position, rest = own.index(portion), portion.quantity - taken
            own[position : position + 1] = [cut_portion(portion, rest)] if rest else []
        if wanted:
            # Units in a state declared moot were overtaken, which is no fault; fewer of them than are missing is one.
            late = sum([portion.quantity for portion in own if portion.state in link.moot_in])
            problem = _describe_miss(message, carried, wanted)
            (moot if late >= wanted else missed).append(problem)
    return chosen, moot, missed


def _list_reached(
    machine: PortionsMachine, own: list[Portion], *, event: str | None, same: frozenset[str]
) -> list[Portion]:
    """Return the portions of a line that have the event; first those whose state says the same as the sender's.

    The others may have gone another way meanwhile.
    """
    groups = machine.tables.groups
    reached = [portion for portion in own if event in groups[portion.state]]
    return sorted(reached, key=lambda one: one.state not in same) if len(reached) > 1 else reached


def _describe_miss(message: Message, carried: Carried, units: int) -> Notice:
    link = message.link
    text = f"{link.fires!r} from {link.sender} reaches {carried.quantity - units} of {carried.quantity} units"
    return Notice(
        "processes.message-missed", f"quantities[{carried.line!r}]", text, remedy="", operands={"line": carried.line}
    )
