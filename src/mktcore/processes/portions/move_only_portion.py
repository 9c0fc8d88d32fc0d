"""The short path: the only portion of a subject, and an event that nothing follows."""

from datetime import datetime
from typing import Any

from mktcore.persistence import Scope
from mktcore.processes.machine.decide_transition import decide_transition
from mktcore.processes.machine.tables import TransitionGroup
from mktcore.processes.machine.take_steps import NO_CHOICE
from mktcore.processes.portions.command_contract import (
    PortionsFired,
    PortionsFiring,
    build_portions_fired,
    build_portions_firing,
)
from mktcore.processes.portions.subject import Subject, build_move, build_portion, build_subject

__all__ = ["move_only_portion"]


# positional: the inner path of firing: keywords would cost a tenth of it
def move_only_portion(  # noqa: PLR0917 - as above
    groups: tuple[TransitionGroup[PortionsFiring], ...],
    subject: Subject,
    event: str,
    now: datetime,
    by: Scope | None,
    facts: Any,
    reason: str,
) -> PortionsFired:
    """Move the only portion of a subject by an event that nothing follows: as `PortionsCourse` does, without its books.

    Raises:
        EventRefused: No guard holds, or the command declined.
    """
    portions = subject.portions
    (portion,) = portions
    source = portion.state
    # positional: in the order of the fields, as all that is built on the inner path of an event
    firing = build_portions_firing(event, source, portion.since, now, by, facts, (), None, subject, portions)
    outcome, transition = decide_transition(groups, firing)
    if transition is None or transition.target == source:
        target, after = source, subject
        why = NO_CHOICE if transition is None else transition.why
    else:
        target, why = transition.target, transition.why
        # positional: as above
        arrived = build_portion(portion.line, target, portion.quantity, now, ())
        # positional: as above
        after = build_subject(subject.id, subject.process, subject.version, (arrived,))
    if reason:
        why = f"{reason}; {why}" if why else reason
    # positional: as above
    move = build_move(portion.line, portion.quantity, source, target, event, now, by, why)
    # positional: as above
    return build_portions_fired(after, (move,), outcome.events, outcome.changes, (), (), ())
