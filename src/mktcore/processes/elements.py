"""What a process is made of: states, events and transitions, with the words that describe them."""

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum

import attrs

from mktcore.persistence import Party

__all__ = [
    "HIDDEN",
    "RESERVED",
    "Choose",
    "OnFailure",
    "ProcessEvent",
    "Semantics",
    "State",
    "Transition",
    "Trigger",
]


RESERVED = "reserved"
"""The flag of states that keep something from others, such as stock: no final state has it, and drawings shade it."""
HIDDEN = "hidden"
"""The flag of states that are not shown to everybody: drawings give them a dashed border."""


class Trigger(StrEnum):
    """What makes an event happen."""

    MANUAL = "manual"
    """A party fires it."""
    ON_ENTER = "on-enter"
    """It fires by itself when the subject enters the state."""
    TIMEOUT = "timeout"
    """It fires when the subject has been in the state for long enough."""
    INTERNAL = "internal"
    """The program fires it: a gateway's answer, a link from another process."""


class Choose(StrEnum):
    """Which of several transitions is taken when more than one could be."""

    FIRST = "first"
    """The first declared whose condition holds; one without a condition always holds."""
    LAST_CONDITION = "last-condition"
    """The last declared of those whose condition holds; when none does, the first declared without a condition."""


class OnFailure(StrEnum):
    """What a declined command does to the other portions of the same subject that the event reaches."""

    ABORT = "abort"
    """Nothing of the subject changes: all or nothing."""
    ISOLATE = "isolate"
    """Only the portions in that state stay; the others move, and the failure is reported."""


@attrs.frozen
class Semantics:
    """How a process runs, where systems differ.

    Attributes:
        choose: Which transition is taken.
        on_failure: What a declined command stops.
        strict: Refuse an event that leads nowhere, or reaches less than was asked for; otherwise report it as ignored.
        chain_limit: How many events on entering may follow one another before the chain counts as endless.
    """

    choose: Choose = Choose.FIRST
    on_failure: OnFailure = OnFailure.ABORT
    strict: bool = True
    # Far above what real chains need, and soon enough to stop one that never rests.
    chain_limit: int = attrs.field(default=25, validator=attrs.validators.ge(1))


def _to_flags(flags: Iterable[str]) -> frozenset[str]:
    # A single text is one flag, not its letters.
    return frozenset([str(flag) for flag in ((flags,) if isinstance(flags, str) else flags)])


def _to_triggers(triggers: Trigger | Iterable[Trigger]) -> frozenset[Trigger]:
    return frozenset({triggers} if isinstance(triggers, Trigger) else triggers)


def _to_parties(parties: Party | Iterable[Party]) -> frozenset[Party]:
    return frozenset({parties} if isinstance(parties, Party) else parties)


@attrs.frozen
class State:
    """Where a subject, or a portion of one, can be.

    >>> State("packed", flags=[RESERVED, "our own"]).has("our own")
    True

    Attributes:
        name: Unique in the process.
        display: What people are shown; the name when empty.
        flags: What being here means, any texts of the host's; this room itself reads `RESERVED` and `HIDDEN`.
        final: Nothing ever leaves it.
    """

    name: str
    display: str = ""
    flags: frozenset[str] = attrs.field(default=frozenset(), converter=_to_flags, kw_only=True)
    final: bool = attrs.field(default=False, kw_only=True)

    def has(self, flag: str) -> bool:
        """Tell whether the state carries the flag."""
        return flag in self.flags


@attrs.frozen
class ProcessEvent:
    """What can happen.

    >>> ProcessEvent("ship", parties=Party.MERCHANT).name
    'ship'
    >>> ProcessEvent("close", Trigger.TIMEOUT, after=timedelta(days=14)).is_timeout()
    True

    Attributes:
        name: Unique in the process.
        on: What makes it happen; one trigger or several.
        after: For a time-out: how long after entering the state it is due, in whole seconds.
        deadline: For a time-out: name of the function that says when it is due, instead of `after`.
        parties: Which parties may fire it by hand; empty lets every party.
    """

    name: str
    on: frozenset[Trigger] = attrs.field(default=Trigger.MANUAL, converter=_to_triggers)
    after: timedelta | None = attrs.field(default=None, kw_only=True)
    deadline: str | None = attrs.field(default=None, kw_only=True)
    parties: frozenset[Party] = attrs.field(default=frozenset(), converter=_to_parties, kw_only=True)

    def is_manual(self) -> bool:
        """Tell whether a party may fire it."""
        return Trigger.MANUAL in self.on

    def is_on_enter(self) -> bool:
        """Tell whether it fires on entering a state."""
        return Trigger.ON_ENTER in self.on

    def is_timeout(self) -> bool:
        """Tell whether it fires after some time in a state."""
        return Trigger.TIMEOUT in self.on


@attrs.frozen
class Transition:
    """One way from a state to another.

    Of the transitions for one event out of one state, those with the same guard and command belong together. The first
    such group whose guard holds is taken; its command runs; then `choice` decides, on the command's outcome, which
    transition of the group is taken. When no choice holds, nothing moves.

    Attributes:
        source: Name of the state it leaves.
        target: Name of the state it enters; the same state is allowed, and is then not entered anew.
        event: Name of the event.
        guard: Name of the condition that must hold before the command.
        command: Name of the command.
        choice: Name of the condition that is asked after the command.
        happy: It lies on the path that things are meant to take.
    """

    source: str
    target: str
    event: str
    guard: str | None = attrs.field(default=None, kw_only=True)
    command: str | None = attrs.field(default=None, kw_only=True)
    choice: str | None = attrs.field(default=None, kw_only=True)
    happy: bool = attrs.field(default=False, kw_only=True)
