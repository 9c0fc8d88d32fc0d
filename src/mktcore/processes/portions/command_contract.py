"""What conditions and commands are given where quantities of lines move, and what comes of an event there."""

import attrs

from mktcore.events import Event
from mktcore.notice import Notice
from mktcore.processes.fast_values import make_builder
from mktcore.processes.machine.command_contract import Firing
from mktcore.processes.portions.subject import Move, Portion, Subject
from mktcore.processes.timeouts import TimeOut, TimeOutKey

__all__ = ["PortionsFired", "PortionsFiring", "build_portions_fired", "build_portions_firing"]


@attrs.frozen(weakref_slot=False)
class PortionsFiring(Firing):
    """One event about to move some portions out of one state: what conditions and commands look at.

    Where several portions would move, `since` is when the first of them entered the state.

    Attributes:
        subject: The subject as it was when the event was fired.
        portions: The portions that would move, cut to the quantities that would.
    """

    subject: Subject
    portions: tuple[Portion, ...]

    def quantities(self) -> dict[str, int]:
        """Return how many units of each line would move."""
        found: dict[str, int] = {}
        for portion in self.portions:
            found[portion.line] = found.get(portion.line, 0) + portion.quantity
        return found


@attrs.frozen(weakref_slot=False)
class PortionsFired:
    """What came of an event. Nothing was stored: the host saves the subject, publishes, schedules and cancels.

    Attributes:
        subject: The subject afterwards.
        moves: The new lines of its history, in order.
        events: Events for the outbox, from the commands.
        changes: The host's own values from the commands, in order.
        schedule: Time-outs to schedule.
        cancel: Time-outs to cancel.
        problems: What did not happen although the rest did: an ignored quantity, a declined command, a lost time-out.
    """

    subject: Subject
    moves: tuple[Move, ...] = ()
    events: tuple[Event, ...] = ()
    changes: tuple[object, ...] = ()
    schedule: tuple[TimeOut, ...] = ()
    cancel: tuple[TimeOutKey, ...] = ()
    problems: tuple[Notice, ...] = ()


build_portions_firing = make_builder(PortionsFiring)
build_portions_fired = make_builder(PortionsFired)
