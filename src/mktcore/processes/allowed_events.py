"""What may be fired now: which events a caller can fire from where something stands, and why not the others. Pure.

Nothing here decides anew. Each event is fired as a caller would fire it, by an `attempt` that keeps nothing, so what is
said to be allowed is what firing lets pass, and what is refused is told as firing tells it.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

import attrs

from mktcore.errors import ErrorCategory, MktcoreError
from mktcore.explain import Explanation
from mktcore.notice import Notice
from mktcore.persistence import Scope
from mktcore.processes.elements import ProcessEvent
from mktcore.processes.portions.machine import PortionsMachine
from mktcore.processes.portions.subject import Move, Portion, Subject

__all__ = ["AllowedEvent", "AllowedEvents", "Attempted", "find_allowed_pieces", "list_refusals", "try_event"]


@attrs.frozen
class AllowedEvent:
    """What a caller can do by one event now, and why not the rest.

    Attributes:
        event: Name of the event.
        lines: Pieces by line that it would move, fired on exactly these: `fire(..., lines=allowed.lines)`; empty where
            it is refused, and for what goes through its process as one.
        states: The pieces that would move by the state they would leave. Where the process takes what it can and leaves
            the others (`OnFailure.ISOLATE`), they may be fewer than `lines` has.
        is_allowed: It can be fired now.
        refusals: Why not, or why not on the other pieces; with the codes that firing refuses them by.
        facts: Names of the facts that may be told with it. A guard that looks at facts refuses an event without them.
        due: When it happens by itself, UTC; None where it does not.
    """

    event: str
    lines: Mapping[str, int] = attrs.field(factory=dict, hash=False, kw_only=True)
    states: Mapping[str, Mapping[str, int]] = attrs.field(factory=dict, hash=False, kw_only=True)
    is_allowed: bool = attrs.field(kw_only=True)
    refusals: tuple[Notice, ...] = attrs.field(default=(), kw_only=True)
    facts: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    due: datetime | None = attrs.field(default=None, kw_only=True)

    def explain(self) -> Explanation:
        """Return what it would move, and everything that stands in the way."""
        pieces = ", ".join(f"{count} of {line}" for line, count in self.lines.items())
        verdict = pieces or "allowed" if self.is_allowed else "refused"
        due = "" if self.due is None else f"by itself at {self.due.isoformat()}"
        return Explanation(self.event, verdict, due, tuple(Explanation(str(one)) for one in self.refusals))


@attrs.frozen
class AllowedEvents:
    """What a caller may do now with one thing that goes through a process.

    Attributes:
        kind: Name of its kind: `"merchant_order"`.
        id: Its id.
        asker: The party that asked: nobody else's answer is this one.
        events: Every event that somebody fires by hand, and every time-out that is waited for, in the order of the
            process.
    """

    kind: str
    id: str
    asker: Scope = attrs.field(kw_only=True)
    events: tuple[AllowedEvent, ...] = attrs.field(kw_only=True)

    def list_names(self) -> tuple[str, ...]:
        """Return the names of the events that can be fired now."""
        return tuple(one.event for one in self.events if one.is_allowed)

    def find(self, event: str) -> AllowedEvent | None:
        """Return what is said of an event; None for one that nobody fires by hand and that is not waited for."""
        return next((one for one in self.events if one.event == event), None)

    def explain(self) -> Explanation:
        """Return every event, with what it would move and what stands in its way."""
        names = self.list_names()
        return Explanation(
            f"{self.kind} {self.id}", ", ".join(names) or "nothing", "what may be done now", tuple(
                one.explain() for one in self.events
            )
        )  # fmt: skip


@attrs.frozen
class Attempted:
    """What an event did that was fired and not kept.

    Attributes:
        moves: What it moved of the subject that it was fired on.
        problems: What did not happen although the rest did.
    """

    moves: tuple[Move, ...] = ()
    problems: tuple[Notice, ...] = ()


Attempt = Callable[[Mapping[str, int] | None], Attempted]
"""Fires the event on pieces by line (None for all it reaches) without keeping anything; raises what firing raises."""


def find_allowed_pieces(
    machine: PortionsMachine,
    subject: Subject,
    event: str,
    *,
    by: Scope | None,
    attempt: Attempt,
    quantities: Mapping[str, int] | None = None,
) -> AllowedEvent:
    """Return which pieces of a subject an event can move now, and why not the others.

    All that it reaches is tried at once. Where that is refused, what the refusal names (a line, a state) is left out
    and the rest is tried, until something passes, or nothing is left: so a guard is always asked about the very pieces
    that the answer tells of.

    Args:
        machine: The process.
        subject: Where its pieces are.
        event: Name of the event.
        by: Who would fire it.
        attempt: Fires it without keeping anything.
        quantities: The pieces that are asked about; None for all.
    """
    try:
        reached, refusals = machine.reach(subject, event, quantities=_or_all(subject, quantities), by=by)
    except MktcoreError as error:
        return AllowedEvent(event, is_allowed=False, refusals=list_refusals(error))
    if not reached:
        return AllowedEvent(event, is_allowed=False, refusals=_refuse_whole(machine, subject, event) or refusals)
    told = dict.fromkeys(map(_to_key, refusals))
    found = list(refusals)
    # A request that is refused as it stands may pass for fewer pieces; one for all is tried as `lines=None` fires it.
    asked = None if quantities is None else _count(reached)
    while reached:
        left, moving, reasons = _try_pieces(event, reached, attempt, asked=asked)
        found += [one for one in reasons if _to_key(one) not in told]
        told |= dict.fromkeys(map(_to_key, reasons))
        if left == reached:
            states = _count_states(moving)
            return AllowedEvent(event, lines=_count(reached), states=states, is_allowed=True, refusals=tuple(found))
        reached, asked = left, _count(left)
    return AllowedEvent(event, is_allowed=False, refusals=tuple(found))


def try_event(event: ProcessEvent | str, attempt: Callable[[], object]) -> AllowedEvent:
    """Return whether an event can be fired now on what goes through its process as one.

    Args:
        event: The event.
        attempt: Fires it without keeping anything; raises what firing raises.
    """
    name = event if isinstance(event, str) else event.name
    try:
        attempt()
    except MktcoreError as error:
        return AllowedEvent(name, is_allowed=False, refusals=list_refusals(error))
    return AllowedEvent(name, is_allowed=True)


def list_refusals(error: MktcoreError) -> tuple[Notice, ...]:
    """Return everything that a refusal tells, as notices.

    Raises:
        MktcoreError: The very error, where it refuses nothing and only asks to be run again.
    """
    if error.error_category is ErrorCategory.RETRY:
        raise error
    return error.notices or (error.to_notice(),)


def _or_all(subject: Subject, quantities: Mapping[str, int] | None) -> Mapping[str, int]:
    """Return the pieces that are asked about: by line, as then each line that the event misses is told of."""
    if quantities is not None:
        return quantities
    return {line: sum(states.values()) for line, states in subject.states().items()}


def _refuse_whole(machine: PortionsMachine, subject: Subject, event: str) -> tuple[Notice, ...]:
    """Return what is told of an event that reaches nothing at all: once, not for every line."""
    reached, problems = machine.reach(subject, event)
    return () if reached else problems


def _try_pieces(
    event: str, reached: tuple[Portion, ...], attempt: Attempt, *, asked: Mapping[str, int] | None
) -> tuple[tuple[Portion, ...], tuple[Portion, ...], tuple[Notice, ...]]:
    """Return the portions that are worth another try, all where these passed; those that moved; why others not."""
    try:
        attempted = attempt(asked)
    except MktcoreError as error:
        reasons = list_refusals(error)
        # Together first, which nearly always does. A guard that refused may hold once the others are left out.
        kept = _leave_out(reached, reasons) or _leave_out(reached, reasons[:1])
        return (() if kept == reached else kept), (), reasons
    moved = {(move.line, move.source) for move in attempted.moves if move.event == event}
    moving = tuple(one for one in reached if (one.line, one.state) in moved)
    if len(moving) == len(reached):
        return reached, reached, ()
    # A process may let some move although others are refused: asked for all, it takes those that it can.
    return (reached if moving else ()), moving, attempted.problems


def _leave_out(reached: tuple[Portion, ...], reasons: tuple[Notice, ...]) -> tuple[Portion, ...]:
    lines, states = {one.line for one in reasons}, {one.operands.get("state") for one in reasons}
    return _cut_at(reached, lambda one: one.line in lines or one.state in states)


def _cut_at(reached: tuple[Portion, ...], is_out: Callable[[Portion], bool]) -> tuple[Portion, ...]:
    """Return the portions of each line that come before the first that is out.

    Firing takes the pieces of a line in the order of its portions: those behind it cannot be asked for without it.
    """
    kept: list[Portion] = []
    ended: set[str] = set()
    for one in reached:
        if is_out(one):
            ended.add(one.line)
        if one.line not in ended:
            kept.append(one)
    return tuple(kept)


def _count(portions: Iterable[Portion]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in portions:
        found[one.line] = found.get(one.line, 0) + one.quantity
    return found


def _count_states(portions: Iterable[Portion]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for one in portions:
        line = found.setdefault(one.line, {})
        line[one.state] = line.get(one.state, 0) + one.quantity
    return found


def _to_key(notice: Notice) -> tuple[str, str, str]:
    return notice.code, notice.where, notice.message
