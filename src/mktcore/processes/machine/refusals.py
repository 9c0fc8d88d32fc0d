"""Why an event is not even tried: another process, a party that may not, a state without it, a time-out that lost."""

from collections.abc import Iterable, Mapping
from typing import Any

from mktcore.notice import Notice
from mktcore.persistence import Scope
from mktcore.processes.elements import ProcessEvent
from mktcore.processes.errors import EventRefused, WrongProcess
from mktcore.processes.machine.tables import Tables
from mktcore.processes.timeouts import TimeOut, TimeOutKey

__all__ = [
    "check_process",
    "check_rights",
    "describe_early_timeout",
    "describe_lost_timeout",
    "describe_no_match",
    "is_allowed",
]


def check_process(tables: Tables[Any], *, subject: str, process: str, version: int) -> None:
    """Let a subject pass that is on the process and version of these tables.

    Raises:
        WrongProcess: It is on another.
    """
    if process != tables.process or version != tables.version:
        raise WrongProcess(subject, f"{tables.process} v{tables.version}", f"{process} v{version}")


def is_allowed(tables: Tables[Any], event: str, by: Scope) -> bool:
    """Tell whether a party may fire the event by hand; the operator acting for another has that one's rights."""
    return by.holder.party in tables.allowed.get(event, ())


def check_rights(tables: Tables[Any], event: str, by: Scope | None) -> None:
    """Let a caller pass that may fire the event; the program itself (None) may fire any.

    Raises:
        EventRefused: It is not this party's to fire, or nobody's.
    """
    if by is not None and not is_allowed(tables, event, by):
        raise EventRefused((_describe_missing_rights(tables.events, event, by),))


def _describe_missing_rights(events: Mapping[str, ProcessEvent], event: str, by: Scope) -> Notice:
    known = events.get(event)
    if known is None:
        return Notice("processes.unknown-event", "event", f"there is no event {event!r}")
    if not known.is_manual():
        return Notice("processes.not-manual", "event", f"{event!r} is not fired by hand", "wait for it")
    who = " or ".join(sorted(known.parties))
    message = f"a {by.holder.party} may not fire {event!r}"
    return Notice("processes.not-allowed", "event", message, f"ask the {who} to")


def describe_no_match(tables: Tables[Any], event: str, states: Iterable[str]) -> Notice:
    """Say that an event leads nowhere from the states in which a subject is, or that there is no such event."""
    if event not in tables.events:
        return Notice("processes.unknown-event", "event", f"there is no event {event!r}")
    names = tuple(sorted(set(states)))
    message = f"{event!r} leads nowhere from {', '.join(map(repr, names))}"
    return Notice("processes.no-match", "event", message, remedy="", operands={"event": event, "states": names})


def describe_lost_timeout(key: TimeOutKey) -> Notice:
    """Say that what a time-out was set for has left its state, or that it has fired there already."""
    line = f" of line {key.line!r}" if key.line else ""
    message = f"time-out {key.event!r}{line} in {key.state!r} lost to what came first"
    return Notice("processes.timeout-lost", "timeout", message)


def describe_early_timeout(timeout: TimeOut) -> Notice:
    """Say that a time-out is not due yet: its worker's clock is ahead."""
    message = f"time-out {timeout.key.event!r} is due at {timeout.due.isoformat()}, not before"
    return Notice("processes.timeout-early", "timeout", message)
