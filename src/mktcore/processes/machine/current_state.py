"""Where one subject stands in its process, and the record of every step it took."""

from collections.abc import Mapping
from datetime import datetime

import attrs

from mktcore.persistence import Scope

__all__ = ["Standing", "Step"]


@attrs.frozen
class Standing:
    """Where one subject stands: in one state of a process, since one instant. The host keeps it in its own value.

    Attributes:
        subject: Id of the host's value: a merchant, a task, a quote.
        process: Name of the process it is on.
        version: Version of the process it is on.
        state: Name of the state it is in.
        since: When it entered the state, UTC; its time-outs count from here.
        timed_out: Names of the time-outs that have fired in this stay, so that none fires twice (invariant I15).
    """

    subject: str
    process: str
    version: int
    state: str
    since: datetime
    timed_out: tuple[str, ...] = ()

    def describe_places(self) -> Mapping[str, str]:
        """Return what a drawing writes into the state it is in."""
        return {self.state: "here"}


@attrs.frozen
class Step:
    """One line of the history: from where to where, when, by which event, by whom, and why.

    Attributes:
        source: Name of the state left; None when the subject started.
        target: Name of the state entered; the source itself when the subject stayed.
        event: Name of the event; empty at the start.
        at: When, UTC.
        by: Who fired it; None for the program itself: the clock, a gateway's answer.
        why: What decided: the conditions that held, and the reason the caller gave.
    """

    source: str | None
    target: str
    event: str
    at: datetime
    by: Scope | None
    why: str
