"""What one event does out of one state: which guard holds, what the command answers, which transition is taken."""

from datetime import datetime
from typing import Any

from mktcore.errors import MktcoreError, Notice
from mktcore.persistence import Scope
from mktcore.processes.binding import Branch, Option
from mktcore.processes.errors import EventRefused
from mktcore.processes.firing import DONE, Command, Declined, Fired, Firing, Outcome, build_fired, build_firing
from mktcore.processes.subjects import Subject, build_move, build_portion, build_subject

__all__ = ["NO_CHOICE", "decide", "fire_straight"]

NO_CHOICE = "no choice holds"


def fire_straight(  # noqa: PLR0917 - the inner path of firing: keywords and a request value would cost a tenth of it
    branches: tuple[Branch, ...],
    subject: Subject,
    event: str,
    now: datetime,
    by: Scope | None,
    facts: Any,
    reason: str,
) -> Fired:
    """Fire an event after which nothing follows on the only portion of a subject: what `Run` does, without its books.

    Raises:
        EventRefused: No guard holds, or the command declined.
    """
    portions = subject.portions
    (portion,) = portions
    source = portion.state
    firing = build_firing(subject, event, source, portions, now, by, facts, (), None)
    for branch in branches:
        if branch.guard is None or branch.guard(firing):
            break
    else:
        raise EventRefused((describe_guard(firing),))
    outcome = DONE if branch.command is None else run_command(branch.command, firing)
    first = branch.options[0]
    option = first if first.choice is None else choose(branch, firing, outcome)
    if option is None or option.target == source:
        target, after = source, subject
        why = option.why if option is not None else NO_CHOICE
    else:
        target, why = option.target, option.why
        arrived = build_portion(portion.line, target, portion.quantity, now, ())
        after = build_subject(subject.id, subject.process, subject.version, (arrived,))
    if reason:
        why = f"{reason}; {why}" if why else reason
    move = build_move(portion.line, portion.quantity, source, target, event, now, by, why)
    return build_fired(after, (move,), outcome.events, outcome.changes, (), (), ())


def decide(branches: tuple[Branch, ...], firing: Firing) -> tuple[Outcome, Option | None]:
    """Return the outcome of the command and the transition to take, None to stay.

    Raises:
        EventRefused: No guard holds, or the command declined.
    """
    for branch in branches:
        if branch.guard is None or branch.guard(firing):
            break
    else:
        raise EventRefused((describe_guard(firing),))
    outcome = DONE if branch.command is None else run_command(branch.command, firing)
    return outcome, choose(branch, firing, outcome)


def run_command(command: Command, firing: Firing) -> Outcome:
    """Run the command; an error of this library that it raises is a refusal too, any other is the host's bug."""
    try:
        outcome = command(firing)
    except MktcoreError as error:
        outcome = Declined(str(error))
    if isinstance(outcome, Declined):
        message = f"{firing.event!r} in {firing.state!r} was declined: {outcome.reason}"
        raise EventRefused((_refuse("declined", message, firing),))
    return outcome


def describe_guard(firing: Firing) -> Notice:
    return _refuse("guard", f"{firing.event!r} is guarded in {firing.state!r}, and no guard holds", firing)


def _refuse(code: str, message: str, firing: Firing) -> Notice:
    return Notice(f"processes.{code}", "event", message, "", {"event": firing.event, "state": firing.state})


def choose(branch: Branch, firing: Firing, outcome: Outcome) -> Option | None:
    seen: Firing | None = None
    for option in branch.options:
        if option.choice is None:
            return option
        if seen is None:
            seen = build_firing(
                firing.subject,
                firing.event,
                firing.state,
                firing.portions,
                firing.now,
                firing.by,
                firing.facts,
                firing.changes + outcome.changes,
                outcome,
            )
        if option.choice(seen):
            return option
    return None
