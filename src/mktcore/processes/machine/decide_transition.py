"""What one event does out of one state: which guard holds, what the command answers, which transition is taken.

Everything that fires an event decides here: for one subject or for portions of its lines, by hand, on entering a state
or by a time-out.
"""

from mktcore.errors import MktcoreError
from mktcore.notice import Notice
from mktcore.processes.errors import EventRefused
from mktcore.processes.machine.command_contract import DONE, Command, CommandDeclined, CommandOutcome, F, Firing
from mktcore.processes.machine.tables import BoundTransition, TransitionGroup

__all__ = ["decide_transition"]


def decide_transition(
    groups: tuple[TransitionGroup[F], ...], firing: F
) -> tuple[CommandOutcome, BoundTransition[F] | None]:
    """Return the outcome of the command and the transition to take, None to stay.

    The first group whose guard holds decides: its command runs, then the first of its transitions whose choice holds
    is taken.

    Raises:
        EventRefused: No guard holds, or the command declined.
    """
    for group in groups:
        if group.guard is None or group.guard(firing):
            outcome = DONE if group.command is None else _run_command(group.command, firing)
            first = group.transitions[0]
            # The short way: most groups have one transition and no choice.
            return outcome, first if first.choice is None else _choose_transition(group, firing, outcome)
    # A refusal, not a stay: who fired it must hear that nothing happened.
    message = f"{firing.event!r} is guarded in {firing.state!r}, and no guard holds"
    raise EventRefused((_describe_refusal("guard", message, firing),))


def _run_command(command: Command[F], firing: F) -> CommandOutcome:
    """Run the command; an error of this library that it raises is a refusal too, any other is the host's bug."""
    try:
        outcome = command(firing)
    except MktcoreError as error:
        # A host's command may simply call a rule of ours, whose refusals then refuse the event.
        outcome = CommandDeclined(str(error))
    if isinstance(outcome, CommandDeclined):
        message = f"{firing.event!r} in {firing.state!r} was declined: {outcome.reason}"
        raise EventRefused((_describe_refusal("declined", message, firing),))
    return outcome


def _choose_transition(group: TransitionGroup[F], firing: F, outcome: CommandOutcome) -> BoundTransition[F] | None:
    seen = firing.with_outcome(outcome)
    for transition in group.transitions:
        if transition.choice is None or transition.choice(seen):
            return transition
    return None


def _describe_refusal(code: str, message: str, firing: Firing) -> Notice:
    return Notice(
        f"processes.{code}", "event", message, remedy="", operands={"event": firing.event, "state": firing.state}
    )
